"""A statement as CSV: documented columns, chosen by the names in the first line. What could be read in two ways is
refused, never guessed.

`account`, `booked`, `amount` and `currency` are needed; `reference`, `text`, `name`, `other_account`, `bank_reference`
and `balance` may be there, in any order, and other columns are passed over. Fields are separated by commas or by
semicolons. Days are written 2026-11-20 or 20.11.2026. An amount is negative where money went out; its decimals follow a
comma or a point, the same in the whole file, and a sign between thousands is read only where decimals follow. `balance`
is that of the account after the line; with it lines must follow from each other, in the order of time or against it.
"""

import csv
import io
import re
from datetime import date
from decimal import Decimal

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules.statement import LONGEST, MOST, YEARS, Line, Statement, unreadable, wrong_lines

NEEDED = ("account", "booked", "amount", "currency")
OPTIONAL = ("reference", "text", "name", "other_account", "bank_reference", "balance")
SEPARATORS = ",;"
GROUPED = r"[0-9]{1,3}(?P<thousands>[.,' \u00a0\u202f\u2019])[0-9]{3}(?:(?P=thousands)[0-9]{3})*"
DECIMALS = re.compile(rf"[+-]?(?:[0-9]{{1,15}}|{GROUPED})(?P<point>[.,])[0-9]{{1,3}}")
WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
WRITTEN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


class Unreadable(ValueError):
    """One field cannot be read."""


def read(file: bytes) -> list[Statement]:
    """The statement in a file. `number` of a line is that of the file's line, the header being 1.

    Refused("statement-unreadable"), ("statement-columns"), ("statement-lines-wrong"), ("statement-too-long"),
    ("statement-unbalanced").
    """
    rows = _rows(file)
    lines, balances, accounts, wrong = [], [], set(), []
    for number, row in rows.items():
        try:
            lines.append(_line(number, row))
            balances.append(_balance(row))
        except (ValueError, Refused):
            wrong.append(number)
        accounts.add("".join(row["account"].split()).upper())
    if wrong:
        raise wrong_lines(wrong, "Lines whose day, amount or currency cannot be read for certain.")
    signs = {_point(row.get(column, "")) for row in rows.values() for column in ("amount", "balance")} - {""}
    if len(signs) > 1:
        raise unreadable("Some amounts have a decimal comma and others a decimal point.")
    if len(accounts) > 1:
        raise unreadable("The file has lines of more than one account.")
    opening, closing = _ends(lines, balances)
    return [Statement(account=accounts.pop(), opening=opening, closing=closing, lines=tuple(lines))]


def _rows(file: bytes) -> dict[int, dict[str, str]]:
    """Every line by its number, each field by its column."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable("The file is not text in UTF-8.") from None
    if "\0" in text:
        raise unreadable("The file is not text: it holds a sign that no text has.")
    header = text.partition("\n")[0]
    fitting = [mark for mark in SEPARATORS if set(NEEDED) <= {_column(one) for one in header.split(mark)}]
    if len(fitting) != 1:
        names = ", ".join(NEEDED)
        raise Refused("statement-columns", f"The first line must name the columns {names}. Nothing was changed.",
                      status=422)  # fmt: skip
    try:
        listed = csv.reader(io.StringIO(text), delimiter=fitting[0], strict=True)
        columns = [_column(one) for one in next(listed)]
        known = [one for one in columns if one in (*NEEDED, *OPTIONAL)]
        if len(known) != len(set(known)):
            raise Refused("statement-columns", "A column is named twice. Nothing was changed.", status=422)
        numbered = [(listed.line_num, row) for row in listed if any(field.strip() for field in row)]
    except csv.Error:
        raise unreadable("The file is no table: a quotation mark is not closed, or a field is too long.") from None
    if not numbered:
        raise Refused("statement-empty", "There is no line in this file. Nothing was changed.", status=422)
    if len(numbered) > MOST:
        raise Refused("statement-too-long", f"A file may have {MOST:,} lines. Export fewer days.", status=422)
    if torn := [number for number, row in numbered if len(row) != len(columns)]:
        raise wrong_lines(torn, "Lines with more or fewer fields than the first line.")
    return {number: dict(zip(columns, (field.strip() for field in row), strict=True)) for number, row in numbered}


def _column(name: str) -> str:
    return name.strip().strip('"').strip().lower()


def _line(number: int, row: dict[str, str]) -> Line:
    currency = row["currency"].upper()
    if not re.fullmatch("[A-Z]{3}", currency) or not row["account"]:
        raise Unreadable
    words = {name: " ".join(row.get(name, "").split())[:LONGEST] for name in OPTIONAL}
    money = Money.of(_decimal(row["amount"]), currency)
    if not money.amount:
        raise Unreadable
    return Line(
        number=number,
        booked_on=_day(row["booked"]),
        money=money,
        bank_reference=words["bank_reference"],
        reference=words["reference"],
        text=words["text"],
        name=words["name"],
        account="".join(words["other_account"].split()).upper(),
    )


def _balance(row: dict[str, str]) -> Money | None:
    return Money.of(_decimal(row["balance"]), row["currency"].upper()) if row.get("balance") else None


def _ends(lines: list[Line], balances: list[Money | None]) -> tuple[Money | None, Money | None]:
    """The balances before the first line and after the last, where every line has one and follows from another.

    Refused("statement-unbalanced") where it does not, or only some lines have one.
    """
    if not any(balances):
        return None, None
    after = [balance.amount for balance in balances if balance and balance.currency == lines[0].money.currency]
    moves = [line.money.amount for line in lines]
    for way in (1, -1):
        reached, steps = after[::way], moves[::way]
        if len(reached) == len(steps) and _follow(reached, steps):
            currency = lines[0].money.currency
            return Money(reached[0] - steps[0], currency), Money(reached[-1], currency)
    raise Refused(
        "statement-unbalanced",
        "The balances in this file do not follow from its lines, so a line may be missing. Nothing was changed.",
        status=422,
    )


def _follow(reached: list[int], steps: list[int]) -> bool:
    return all(before + step == after for before, step, after in zip(reached, steps[1:], reached[1:], strict=False))


def _decimal(written: str) -> Decimal:
    """Refused as Unreadable where thousands could be decimals, or the other way round."""
    if WHOLE.fullmatch(written):
        return Decimal(written)
    found = DECIMALS.fullmatch(written)
    if not found or found["point"] == found["thousands"]:
        raise Unreadable
    digits = written.replace(found["thousands"], "") if found["thousands"] else written
    return Decimal(digits.replace(",", "."))


def _point(written: str) -> str:
    found = DECIMALS.fullmatch(written)
    return found["point"] if found else ""


def _day(written: str) -> date:
    if found := ISO_DAY.fullmatch(written):
        year, month, day = found.groups()
    elif found := WRITTEN_DAY.fullmatch(written):
        day, month, year = found.groups()
    else:
        raise Unreadable
    if int(year) not in YEARS:
        raise Unreadable
    return date(int(year), int(month), int(day))
