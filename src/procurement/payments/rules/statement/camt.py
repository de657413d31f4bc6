"""camt.053, the bank-to-customer statement of ISO 20022, versions 02 to 13, read by the classes of pyiso20022. Pure.

An entry is booked as one amount. Where it stands for several transfers whose amounts make it up, each of them is a line
of its own; where they do not (the bank kept a charge), the entry is one line, and a person looks at it. Only what is
booked counts: what is pending changes no booked balance, and comes again when it is booked.
"""

import importlib
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from xml.parsers import expat

from xsdata.exceptions import ConverterWarning, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules.statement import LONGEST, MOST, YEARS, Line, Statement, unreadable, wrong_lines

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d\d)")
VERSIONS = frozenset(f"{number:02}" for number in range(2, 14))
NEWEST_CLASSES = "12"  # of the library; 13 only adds elements that are not read here
DEEPEST = 60  # elements inside each other; the deepest of the standard lies above 30
BOOKED, NOT_BOOKED = "BOOK", frozenset({"PDNG", "FUTR", "INFO"})  # ISO 20022 entry status
OPENS, CLOSES, BETWEEN = frozenset({"OPBD", "PRCD"}), frozenset({"CLBD"}), "ITBD"  # ISO 20022 balance types
AS_WRITTEN = ParserConfig(fail_on_unknown_properties=False, fail_on_converter_warnings=True)


class Part(NamedTuple):
    """What of an entry becomes one line: the amount, and the details of the transfer (None: the entry has none)."""

    amount: Decimal
    details: Any


def read(file: bytes) -> list[Statement]:
    """Every statement of a file, in its order; lines are numbered by entries and transfers through the file.

    Refused("statement-unreadable"), ("statement-lines-wrong"), ("statement-too-long"), ("statement-no-balance").
    """
    version = _version(file)
    if version == "13":
        file, version = file.replace(b"camt.053.001.13", b"camt.053.001.12", 1), NEWEST_CLASSES
    classes = importlib.import_module(f"pyiso20022.camt.camt_053_001_{version}")
    try:
        document = XmlParser(config=AS_WRITTEN, handler=XmlEventHandler).from_bytes(file, classes.Document)
    except (ParserError, ConverterWarning, TypeError, ValueError):
        raise unreadable("The file does not follow camt.053: something is missing or in the wrong form.") from None
    statements, number = [], 0
    for stated in document.bk_to_cstmr_stmt.stmt:
        statement = _statement(stated, number)
        number += len(statement.lines)
        statements.append(statement)
    return statements


def _version(file: bytes) -> str:
    """The version that the root of the document names. Refused("statement-unreadable") for anything else.

    This is also the guard: a document type is refused where it begins, so no entity is ever declared.
    """
    guard = expat.ParserCreate(namespace_separator=" ")
    roots: list[str] = []
    depth = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if not roots:
            roots.append(name)
        if depth > DEEPEST:
            raise unreadable("The file is nested deeper than any statement.")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise unreadable("The file declares a document type, which no statement has.")

    guard.StartElementHandler, guard.EndElementHandler, guard.StartDoctypeDeclHandler = start, end, doctype
    try:
        guard.Parse(file, True)
    except expat.ExpatError as error:
        raise unreadable(f"The file is not XML: line {error.lineno} cannot be read.") from None
    except ValueError:
        raise unreadable("The file names an encoding that is not read here. Banks write UTF-8.") from None
    found = NAMESPACE.match(roots[0].split(" ")[0])
    if not found or found[1] not in VERSIONS:
        raise unreadable("The file is no camt.053 of versions 02 to 13.")
    return found[1]


def _statement(stated: Any, before: int) -> Statement:
    lines: list[Line] = []
    wrong: list[int] = []
    for entry in stated.ntry:
        if _code(entry.sts) in NOT_BOOKED:
            continue
        for part in _parts(entry):
            number = before + len(lines) + len(wrong) + 1
            try:
                lines.append(_line(number, entry, part))
            except Refused:
                wrong.append(number)
        if before + len(lines) > MOST:
            raise Refused("statement-too-long", f"A file may have {MOST:,} lines. Export fewer days.", status=422)
    if wrong:
        raise wrong_lines(
            wrong,
            "Entries that do not say whether they are booked and when, or whose amount their currency does not have.",
        )
    opening, closing = _balances(stated)
    account = stated.acct.id
    number_of = (account.iban or (account.othr.id if account.othr else "") or "") if account else ""
    return Statement(account=number_of.upper(), opening=opening, closing=closing, lines=tuple(lines))


def _balances(stated: Any) -> tuple[Money, Money]:
    """The booked balances at both ends; one page of several has those in between instead."""
    opening = closing = None
    between = []
    for balance in stated.bal:
        code = _code(balance.tp.cd_or_prtry)
        money = _money(balance.amt, _signed(balance.amt.value, balance.cdt_dbt_ind))
        if code in OPENS:
            opening = opening or money
        elif code in CLOSES:
            closing = money
        elif code == BETWEEN:
            between.append(money)
    if opening is None and between:
        opening = between.pop(0)
    if closing is None and between:
        closing = between.pop()
    if opening is None or closing is None:
        raise Refused(
            "statement-no-balance",
            "This statement does not say with which balance it opens and closes, so nobody can tell whether it is "
            "whole. Nothing was changed.",
            status=422,
        )
    return opening, closing


def _parts(entry: Any) -> Iterator[Part]:
    total = _signed(entry.amt.value, entry.cdt_dbt_ind)
    transfers = [one for details in entry.ntry_dtls for one in details.tx_dtls]
    amounts = [_amount(one, entry) for one in transfers]
    if len(transfers) > 1 and None not in amounts and sum(amount for amount in amounts if amount is not None) == total:
        yield from (Part(amount, one) for amount, one in zip(amounts, transfers, strict=True) if amount is not None)
    else:
        yield Part(total, transfers[0] if len(transfers) == 1 else None)


def _amount(transfer: Any, entry: Any) -> Decimal | None:
    """The amount of one transfer in the currency of the account; None where it is not told."""
    amount = getattr(transfer, "amt", None)
    if amount is None and transfer.amt_dtls and transfer.amt_dtls.tx_amt:  # version 02 has it only here
        amount = transfer.amt_dtls.tx_amt.amt
    if amount is None or amount.ccy != entry.amt.ccy:
        return None
    return _signed(amount.value, getattr(transfer, "cdt_dbt_ind", None) or entry.cdt_dbt_ind)


def _line(number: int, entry: Any, part: Part) -> Line:
    details, booked = part.details, _day(entry.bookg_dt)
    if booked is None or _code(entry.sts) != BOOKED:
        raise unreadable("An entry does not say that it is booked, and when.")
    money = _money(entry.amt, part.amount)
    named = details.refs if details else None
    name, account = _other_side(details, came_in=money.amount > 0)
    structured, free = _remittance(details)
    return Line(
        number=number,
        booked_on=booked,
        money=money,
        bank_reference=(named.acct_svcr_ref if named else None) or entry.acct_svcr_ref or "",
        reference=_cut(structured),
        text=_cut([*free, entry.addtl_ntry_inf or ""]),
        end_to_end=(named.end_to_end_id if named else None) or "",
        reversal=bool(entry.rvsl_ind),
        returned=bool(details and details.rtr_inf),
        name=_cut([name]),
        account=account,
    )


def _remittance(details: Any) -> tuple[list[str], list[str]]:
    """What stands in the fields for references, and what was written freely."""
    if not details or not details.rmt_inf:
        return [], [(details.addtl_tx_inf or "") if details else ""]
    told = details.rmt_inf
    references = [one.cdtr_ref_inf.ref or "" for one in told.strd if one.cdtr_ref_inf]
    return references, [*told.ustrd, *(words for one in told.strd for words in one.addtl_rmt_inf)]


def _other_side(details: Any, *, came_in: bool) -> tuple[str, str]:
    """Name and account of who paid, or who was paid."""
    parties = details.rltd_pties if details else None
    if not parties:
        return "", ""
    party, account = (parties.dbtr, parties.dbtr_acct) if came_in else (parties.cdtr, parties.cdtr_acct)
    party = getattr(party, "pty", party)  # from version 07 a choice stands between
    return (party.nm if party else "") or "", (account.id.iban if account and account.id else "") or ""


def _code(choice: Any) -> str:
    """The code of a choice, which early versions write as an enumeration."""
    code = getattr(choice, "cd", choice)
    return str(getattr(code, "value", code))


def _day(choice: Any) -> date | None:
    told = choice and (choice.dt or choice.dt_tm)
    return date(told.year, told.month, told.day) if told and told.year in YEARS else None


def _signed(amount: Decimal, direction: Any) -> Decimal:
    """Refused("statement-unreadable") for what is no amount, or goes neither way."""
    way = _code(direction)
    if not amount.is_finite() or amount < 0 or way not in ("CRDT", "DBIT"):
        raise unreadable("An amount is none, or does not say whether it came in or went out.")
    return -amount if way == "DBIT" else amount


def _money(amount: Any, value: Decimal) -> Money:
    return Money.of(value, amount.ccy)


def _cut(words: list[str]) -> str:
    return " ".join(" ".join(words).split())[:LONGEST]
