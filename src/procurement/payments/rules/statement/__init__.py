"""What a bank says of our account: statements as they are read from a file, and what must hold for one. Pure.

A statement is taken whole or not at all: it is of our account, in our currency, its balances follow from its lines, and
every line has an identity that the next overlapping statement gives it again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused

LIMIT = 5_000_000  # bytes of one file
MOST = 2_000  # lines of one file
SHOWN = 10  # numbers of lines that a refusal names
LONGEST = 500  # characters kept of what a payer wrote
YEARS = range(1970, 2200)  # in which money is booked: beyond them a moment of some zone may be none


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of booked money.

    `number` is its place in the file, from 1: a line of CSV, or an entry of camt.053. `money` is negative for what went
    out. `bank_reference` is the bank's own name of the movement, "" where it gave none. `reference` is what stands in
    the fields made for it, `text` what the payer wrote freely, `end_to_end` the payer's own name of the transfer.
    `reversal` says that the bank takes back an earlier movement, `returned` that a transfer came back. `name` and
    `account` are those of the other side: personal data, never to be logged or recorded.
    """

    number: int
    booked_on: date
    money: Money
    bank_reference: str = ""
    reference: str = ""
    text: str = ""
    end_to_end: str = ""
    reversal: bool = False
    returned: bool = False
    name: str = ""
    account: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Lines between two balances. Without balances (a CSV that has none) both are None."""

    account: str
    opening: Money | None
    closing: Money | None
    lines: tuple[Line, ...]


def must_hold(statements: Iterable[Statement], account: str, currency: str) -> None:
    """Every statement of a file is of this account (IBAN) and currency, and its balances follow from its lines.

    Refused("statement-of-other-account"), ("statement-other-currency"), ("statement-unbalanced"), ("statement-empty").
    """
    found = list(statements)
    if not found:
        raise Refused("statement-empty", "There is no statement in this file. Nothing was changed.", status=422)
    for one in found:
        if one.account != account:
            raise Refused(
                "statement-of-other-account",
                f"This statement is of account {one.account or 'without a number'}, not of ours. Nothing was changed.",
                status=422,
            )
        _must_be_in(currency, one)
        _must_add_up(one)


def identities(account: str, lines: Iterable[Line]) -> dict[int, str]:
    """What each line is known by for ever, by its number: the same in every statement that has it.

    The bank's own reference where it gives one, else all that the bank said of it; and, since two may be alike, which
    of those alike it is on its day.
    """
    alike: Counter[str] = Counter()
    known = {}
    for line in lines:
        said = sha256_hex(canonical(_said(account, line)))
        alike[said] += 1
        known[line.number] = sha256_hex(f"{said} {alike[said]}".encode())
    return known


def must_continue(lines: Iterable[Line], known: Mapping[int, str], before: Mapping[date, Mapping[str, bool]]) -> None:
    """A day comes whole where the bank does not name each of its lines: else one movement could be booked twice.

    `known` are the identities of the lines by their number; `before` those of earlier statements by day, with whether
    the bank named the line. Refused("statement-contradicts") with the lines of the file.
    """
    days: dict[date, dict[str, bool]] = defaultdict(dict)
    numbers: dict[date, list[int]] = defaultdict(list)
    for line in lines:
        days[line.booked_on][known[line.number]] = bool(line.bank_reference)
        numbers[line.booked_on].append(line.number)
    torn = sorted(day for day, now in days.items() if _torn(now, before.get(day, {})))
    if torn:
        raise Refused(
            "statement-contradicts",
            f"An earlier statement has other lines of {listed(torn)}. Export whole days, in the same format as before. "
            f"Nothing was changed. Lines: {listed([number for day in torn for number in numbers[day]])}.",
            status=422,
        )


def wrong_lines(numbers: Iterable[int], problem: str) -> Refused:
    """The one refusal for lines that cannot be read."""
    words = f"{problem} Nothing was changed. Lines: {listed(list(numbers))}."
    return Refused("statement-lines-wrong", words, status=422)


def unreadable(problem: str) -> Refused:
    """The refusal for a file that is no statement at all."""
    return Refused("statement-unreadable", f"{problem} Nothing was changed.", status=422)


def listed(values: list[int] | list[date]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(str(value) for value in values[:SHOWN]) + more


def _torn(now: Mapping[str, bool], before: Mapping[str, bool]) -> bool:
    """Whether neither of two accounts of one day holds the other, although some line is known only by what it says."""
    if not before or all((*now.values(), *before.values())):
        return False
    return not (now.keys() <= before.keys() or before.keys() <= now.keys())


def _must_be_in(currency: str, statement: Statement) -> None:
    balances = [money for money in (statement.opening, statement.closing) if money]
    others = [line.number for line in statement.lines if line.money.currency != currency]
    if others or any(money.currency != currency for money in balances):
        where = f" Lines: {listed(others)}." if others else ""
        raise Refused(
            "statement-other-currency",
            f"Our account is in {currency}, and this statement is not. Nothing was changed.{where}",
            status=422,
        )


def _must_add_up(statement: Statement) -> None:
    if statement.opening is None or statement.closing is None:
        return
    moved = sum(line.money.amount for line in statement.lines)
    if statement.opening.amount + moved != statement.closing.amount:
        reached = Money(statement.opening.amount + moved, statement.opening.currency)
        raise Refused(
            "statement-unbalanced",
            f"The lines lead from {statement.opening} to {reached}, but the statement ends at {statement.closing}. "
            "Nothing was changed. Fetch the statement again.",
            status=422,
        )


def _said(account: str, line: Line) -> list[str]:
    amount = [account, line.booked_on.isoformat(), str(line.money)]
    if line.bank_reference:
        return [*amount, "reference", line.bank_reference]
    return [*amount, line.reference, line.text, line.end_to_end, line.account, line.name]
