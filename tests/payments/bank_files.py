"""Statements as a bank gives them out: camt.053 in any version, and CSV."""

from decimal import Decimal

from stdnum.iso7064 import mod_97_10

OURS = "DE75512108001245126199"
THEIRS = "FR7630006000011234567890189"
DAY = "2026-11-20"


def reference(number: int) -> str:
    """A right reference of our form."""
    figures = f"{number:015}"
    return f"RF{mod_97_10.calc_check_digits(figures + 'RF')}{figures}"


def transfer(amount: str, *, ref: str = "", text: str = "", own: str = "", tx_ref: str = "", back: bool = False,
             version: str = "08", name: str = "Karl Adler", out: bool = False) -> str:  # fmt: skip
    """One transfer inside an entry."""
    money, way = f'<Amt Ccy="EUR">{amount}</Amt>', "DBIT" if out else "CRDT"
    side = "Cdtr" if out else "Dbtr"
    party = f"<Pty><Nm>{name}</Nm></Pty>" if int(version) >= 7 else f"<Nm>{name}</Nm>"
    refs = f"<AcctSvcrRef>{tx_ref}</AcctSvcrRef>" * bool(tx_ref) + f"<EndToEndId>{own or 'NOTPROVIDED'}</EndToEndId>"
    told = f"<Ustrd>{text}</Ustrd>" * bool(text)
    told += f"<Strd><CdtrRefInf><Ref>{ref}</Ref></CdtrRefInf></Strd>" * bool(ref)
    plain = f"{money}<CdtDbtInd>{way}</CdtDbtInd>" if int(version) > 2 else ""
    details = "" if plain else f"<AmtDtls><TxAmt>{money}</TxAmt></AmtDtls>"
    return (
        f"<TxDtls><Refs>{refs}</Refs>{plain}{details}<RltdPties><{side}>{party}</{side}><{side}Acct><Id><IBAN>{THEIRS}"
        f"</IBAN></Id></{side}Acct></RltdPties><RmtInf>{told}</RmtInf>"
        + "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" * back
        + "</TxDtls>"
    )


def entry(amount: str, *transfers: str, bank: str = "", out: bool = False, reversal: bool = False, day: str = DAY,
          version: str = "08", status: str = "BOOK") -> str:  # fmt: skip
    """One entry of the account."""
    shown = f"<Cd>{status}</Cd>" if int(version) >= 7 else status
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{"DBIT" if out else "CRDT"}</CdtDbtInd>'
        + f"<RvslInd>{str(reversal).lower()}</RvslInd><Sts>{shown}</Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
        + f"<AcctSvcrRef>{bank}</AcctSvcrRef>" * bool(bank)
        + f"<BkTxCd/><NtryDtls>{''.join(transfers)}</NtryDtls></Ntry>"
    )


def camt(*entries: str, opening: str = "0.00", closing: str, account: str = OURS, currency: str = "EUR",
         version: str = "08", prefix: str = "") -> bytes:  # fmt: skip
    """A file with one statement."""
    body = (
        f"<Stmt><Id>1</Id><CreDtTm>{DAY}T20:00:00</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f"{_balance('OPBD', opening, currency)}{_balance('CLBD', closing, currency)}{''.join(entries)}</Stmt>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prefix}'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>1</MsgId><CreDtTm>{DAY}T20:00:00</CreDtTm></GrpHdr>{body}</BkToCstmrStmt></Document>"
    ).encode()


def paid(amount: str, ref: str = "", *, text: str = "", bank: str = "", day: str = DAY) -> str:
    """The common entry: one transfer that came in."""
    return entry(amount, transfer(amount, ref=ref, text=text), bank=bank, day=day)


def _balance(code: str, amount: str, currency: str) -> str:
    way, figure = ("DBIT", amount[1:]) if Decimal(amount) < 0 else ("CRDT", amount)
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{figure}</Amt>'
        f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>{DAY}</Dt></Dt></Bal>"
    )
