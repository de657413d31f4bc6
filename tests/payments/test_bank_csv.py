"""Statements as CSV: what is unambiguous is read, the rest is refused with its lines."""

from datetime import date
from decimal import Decimal

import pytest
from bank_files import OURS
from hypothesis import given
from hypothesis import strategies as st

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules.statement import table

HEADER = "account,booked,amount,currency,text"


def read(*rows: str, header: str = HEADER) -> list[Money]:
    (statement,) = table.read("\n".join((header, *rows)).encode())
    return [line.money for line in statement.lines]


def refused(*rows: str, header: str = HEADER) -> Refused:
    with pytest.raises(Refused) as no:
        read(*rows, header=header)
    return no.value


def row(amount: str, *, day: str = "2026-11-20", currency: str = "EUR") -> str:
    return f'{OURS},{day},"{amount}",{currency},x'


@pytest.mark.parametrize(
    ("written", "cents"),
    [("5", 500), ("5.5", 550), ("5,50", 550), ("-1.234,56", -123456), ("1,234.56", 123456), ("1 234,56", 123456),
     ("1'234'567.80", 123456780), ("+0,01", 1), ("1234567,00", 123456700)],
)  # fmt: skip
def test_amounts_that_can_be_read_in_one_way(written: str, cents: int) -> None:
    assert read(row(written)) == [Money(cents, "EUR")]


@pytest.mark.parametrize(
    "written",
    ["1.234", "1,234", "1,234,567", "1.2.3", "5,", ".5", "5-", "5 EUR", "", "0", "0.00", "1e3", "NaN", "\u0665",
     "12,34.56", "(5.00)", "\u22125.00", "9" * 16],
)  # fmt: skip
def test_amounts_that_can_be_read_in_two_ways_or_none_are_refused_with_their_line(written: str) -> None:
    no = refused(row("5.00"), row(written))
    assert (no.code, "Lines: 3." in no.detail) == ("statement-lines-wrong", True)


def test_currencies_have_their_own_decimals() -> None:
    assert read(row("1.234", currency="KWD"), row("0.001", currency="KWD"))[0] == Money(1234, "KWD")
    assert read(row("1234", currency="JPY")) == [Money(1234, "JPY")]
    assert refused(row("1.5", currency="JPY")).code == "statement-lines-wrong"


def test_a_file_uses_one_decimal_sign() -> None:
    assert refused(row("5.00"), row("5,00")).code == "statement-unreadable"


@pytest.mark.parametrize("day", ["2026-11-05", "05.11.2026", "5.11.2026"])
def test_days_in_both_forms(day: str) -> None:
    (statement,) = table.read(f"{HEADER}\n{row('5', day=day)}".encode())
    assert statement.lines[0].booked_on == date(2026, 11, 5)


@pytest.mark.parametrize("day", ["11/05/2026", "05-11-2026", "5.11.26", "2026-02-30", "20261105", ""])
def test_other_days_are_refused(day: str) -> None:
    assert refused(row("5", day=day)).code == "statement-lines-wrong"


def test_semicolons_quotes_marks_and_columns_in_any_order() -> None:
    file = (
        f'\ufeffAmount; Booked ;Currency;branch;ACCOUNT;name\r\n-3,50;1.2.2026;eur;7;{OURS.lower()};"Stone; Vera"\r\n'
    )
    (statement,) = table.read(file.encode())
    (line,) = statement.lines
    assert (statement.account, line.money, line.name, line.number) == (OURS, Money(-350, "EUR"), "Stone; Vera", 2)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "statement-columns"),
        (b"account,booked,amount\n", "statement-columns"),
        (b"account,booked,amount,currency,amount\na,b,c,d,e", "statement-columns"),
        (b"account|booked|amount|currency\n", "statement-columns"),
        (b"account,booked,amount,currency\n", "statement-empty"),
        (b'account,booked,amount,currency\n"a', "statement-unreadable"),
        (b"account,booked,amount,currency\n\xff", "statement-unreadable"),
        (b"account,booked,amount,currency\nA,2026-11-20,5,E\x00UR", "statement-unreadable"),
        (b"account,booked,amount,currency\nA,0001-01-01,5,EUR", "statement-lines-wrong"),
        (b"account,booked,amount,currency\nA,31.12.9999,5,EUR", "statement-lines-wrong"),
        (f"{HEADER}\n{OURS},2026-11-20,5,50,EUR,x".encode(), "statement-lines-wrong"),
        (b"account,booked,amount,currency\nA,2026-11-20,5,EUR\nB,2026-11-20,5,EUR", "statement-unreadable"),
        (HEADER.encode() + b"\n" + b"A,2026-11-20,5,EUR,x\n" * 2_001, "statement-too-long"),
    ],
)
def test_files_that_are_no_statement_are_refused(file: bytes, code: str) -> None:
    with pytest.raises(Refused) as no:
        table.read(file)
    assert no.value.code == code


BALANCED = "account,booked,amount,currency,balance"


@pytest.mark.parametrize("rows", [("5.00:15.00", "-3.00:12.00"), ("-3.00:12.00", "5.00:15.00")])
def test_balances_follow_in_time_or_against_it(rows: tuple[str, ...]) -> None:
    written = [f"A,2026-11-20,{one.replace(':', ',EUR,')}" for one in rows]
    (statement,) = table.read("\n".join((BALANCED, *written)).encode())
    assert (statement.opening, statement.closing) == (Money(1000, "EUR"), Money(1200, "EUR"))


@pytest.mark.parametrize("balances", [("15.00", "12.01"), ("15.00", "")])
def test_balances_that_do_not_follow_are_refused(balances: tuple[str, str]) -> None:
    rows = f"A,2026-11-20,5.00,EUR,{balances[0]}", f"A,2026-11-20,-3.00,EUR,{balances[1]}"
    assert refused(*rows, header=BALANCED).code == "statement-unbalanced"


@given(st.lists(st.integers(-(10**12), 10**12).filter(bool), min_size=1, max_size=20), st.sampled_from(".,"))
def test_whatever_is_written_in_full_is_read_as_it_was_meant(cents: list[int], point: str) -> None:
    written = [f"{Decimal(one).scaleb(-2):.2f}".replace(".", point) for one in cents]
    assert [money.amount for money in read(*map(row, written))] == cents


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(file: bytes) -> None:
    for content in (file, HEADER.encode() + b"\n" + file):
        try:
            table.read(content)
        except Refused as no:
            assert no.status == 422
