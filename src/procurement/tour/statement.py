"""A bank's statement with one movement, as its customer fetches it: camt.053.001.08 of ISO 20022."""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

import msgspec


class Movement(msgspec.Struct, frozen=True):
    """Money that came in or, negative, went out; `reference` as its sender wrote it, `bank` the bank's own."""

    amount: Decimal
    currency: str
    reference: str
    bank: str
    account: str
    name: str


def camt(ours: str, booked: date, one: Movement) -> bytes:
    """The file: an account that was empty before. A bank's own reference makes the movement known for ever."""
    way, side = ("CRDT", "Dbtr") if one.amount > 0 else ("DBIT", "Cdtr")
    money = f'<Amt Ccy="{one.currency}">{abs(one.amount)}</Amt><CdtDbtInd>{way}</CdtDbtInd>'
    refs = f"<Refs><AcctSvcrRef>{one.bank}</AcctSvcrRef><EndToEndId>{one.reference}</EndToEndId></Refs>"
    party = f"<{side}><Pty><Nm>{escape(one.name)}</Nm></Pty></{side}><{side}Acct>{_iban(one.account)}</{side}Acct>"
    told = f"<RmtInf><Strd><CdtrRefInf><Ref>{one.reference}</Ref></CdtrRefInf></Strd></RmtInf>"
    details = f"<NtryDtls><TxDtls>{refs}{money}<RltdPties>{party}</RltdPties>{told}</TxDtls></NtryDtls>"
    entry = (
        f"<Ntry>{money}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{booked}</Dt></BookgDt>"
        f"<AcctSvcrRef>{one.bank}</AcctSvcrRef><BkTxCd/>{details}</Ntry>"
    )
    made = f"<CreDtTm>{booked}T20:00:00</CreDtTm>"
    before, after = (_balance(*each, one.currency, booked) for each in (("OPBD", Decimal()), ("CLBD", one.amount)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        f"<BkToCstmrStmt><GrpHdr><MsgId>{one.bank}</MsgId>{made}</GrpHdr><Stmt><Id>{one.bank}</Id>{made}"
        f"<Acct>{_iban(ours)}</Acct>{before}{after}{entry}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _iban(account: str) -> str:
    return f"<Id><IBAN>{account}</IBAN></Id>"


def _balance(code: str, amount: Decimal, currency: str, day: date) -> str:
    way = "DBIT" if amount < 0 else "CRDT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{abs(amount)}</Amt>'
        f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )
