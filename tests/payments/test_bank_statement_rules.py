"""Statements as files: what is read of them, what is refused, and that the same movement is always known again."""

from datetime import date

import pytest
from bank_files import DAY, OURS, THEIRS, camt, entry, paid, reference, transfer

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules.statement import Line, identities, must_continue, must_hold
from procurement.payments.rules.statement import camt as xml


def eur(cents: int) -> Money:
    return Money(cents, "EUR")


def refused(call: object, *given: object) -> str:
    with pytest.raises(Refused) as no:
        call(*given)  # type: ignore[operator]
    return no.value.code


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(2, 14)])
def test_every_version_of_camt_053_reads_alike(version: str) -> None:
    one = transfer("100.00", ref=reference(7), text="Deposit", version=version)
    two = transfer("50.25", text="second", version=version)
    (statement,) = xml.read(camt(entry("150.25", one, two, bank="A1", version=version), opening="10.00",
                                 closing="160.25", version=version))  # fmt: skip
    must_hold([statement], OURS, "EUR")
    first, second = statement.lines
    assert (first.money, first.reference, first.text, first.name) == (
        eur(100_00),
        reference(7),
        "Deposit",
        "Karl Adler",
    )
    assert (first.account, first.bank_reference, first.booked_on) == (THEIRS, "A1", date.fromisoformat(DAY))
    assert (second.money, second.number) == (eur(50_25), 2)


def test_a_batch_whose_parts_do_not_make_it_up_is_one_line_for_a_person() -> None:
    parts = [transfer("100.00", ref=reference(1)), transfer("50.00", ref=reference(2))]
    (line,) = xml.read(camt(entry("148.00", *parts), closing="148.00"))[0].lines
    assert (line.money, line.reference, line.text) == (eur(148_00), "", "")


def test_what_is_pending_is_no_movement_and_what_goes_out_is_negative() -> None:
    pending = entry("9.00", transfer("9.00"), status="PDNG")
    gone = entry("5.00", transfer("5.00", out=True, name="Vera Stone"), out=True)
    (line,) = xml.read(camt(pending, gone, opening="6.00", closing="1.00"))[0].lines
    assert (line.money, line.name) == (eur(-5_00), "Vera Stone")


def test_reversals_and_returns_are_told() -> None:
    taken_back = entry("5.00", transfer("5.00"), out=True, reversal=True)
    returned = entry("7.00", transfer("7.00", back=True))
    first, second = xml.read(camt(taken_back, returned, closing="2.00"))[0].lines
    assert (first.reversal, first.returned, second.reversal, second.returned) == (True, False, False, True)


def test_a_status_nobody_knows_is_refused_and_not_passed_over() -> None:
    with pytest.raises(Refused, match="Lines: 1"):
        xml.read(camt(entry("5.00", transfer("5.00"), status="DONE"), closing="5.00"))


LAUGHS = "<!DOCTYPE d [" + '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip


@pytest.mark.parametrize("day", ["0001-01-01", "0000-01-01", "-0044-03-15", "9999-12-31", "12026-01-01"])
def test_a_day_on_which_nobody_books_is_none(day: str) -> None:
    assert refused(xml.read, camt(paid("1.00", day=day), closing="1.00")) == "statement-lines-wrong"


@pytest.mark.parametrize(
    "file",
    [
        camt(paid("1.00", text="&i;"), closing="1.00", prefix=LAUGHS),
        camt(paid("1.00", text="&x;"), closing="1.00", prefix='<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        camt(paid("1.00"), closing="1.00", prefix='<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd">'),
        b"<a>" * 100_000,
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">' + b"<x>" * 200,
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.99"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>',
        camt(paid("1.00"), closing="1.00").replace(b"CRDT", b"", 3),
        camt(paid("1.00"), closing="1.00").replace(b">1.00<", b">sNaN<"),
        camt(paid("1.00"), closing="1.00").replace(b">1.00<", b">-1.00<"),
        camt(paid("1.00"), closing="1.00").replace(b"UTF-8", b"UTF-7"),
        b"<Document/>",
        b"no xml",
        b"",
        b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_hostile_and_foreign_files_are_refused_at_once(file: bytes) -> None:
    assert refused(xml.read, file) == "statement-unreadable"


def test_a_file_is_of_our_account_and_currency_and_adds_up() -> None:
    good = xml.read(camt(paid("5.00"), closing="5.00"))
    must_hold(good, OURS, "EUR")
    assert refused(must_hold, good, THEIRS, "EUR") == "statement-of-other-account"
    assert refused(must_hold, good, OURS, "SEK") == "statement-other-currency"
    assert refused(must_hold, xml.read(camt(paid("5.00"), closing="5.01")), OURS, "EUR") == "statement-unbalanced"
    assert refused(must_hold, [], OURS, "EUR") == "statement-empty"


def test_a_statement_that_does_not_say_its_balances_is_not_whole() -> None:
    assert refused(xml.read, camt(paid("5.00"), closing="5.00").replace(b"CLBD", b"CLAV")) == "statement-no-balance"


def line(number: int, cents: int, *, day: int = 20, bank: str = "", text: str = "") -> Line:
    return Line(number=number, booked_on=date(2026, 11, day), money=eur(cents), bank_reference=bank, text=text)


def test_lines_that_are_alike_are_told_apart_by_their_order_on_the_day() -> None:
    first = identities(OURS, [line(1, 5), line(2, 5), line(3, 5, day=21)])
    assert len(set(first.values())) == 3
    again = identities(OURS, [line(8, 5), line(9, 5)])
    assert [again[8], again[9]] == [first[1], first[2]]


def test_two_movements_of_one_bank_reference_are_two() -> None:
    known = identities(OURS, [line(1, 5, bank="A"), line(2, -5, bank="A"), line(3, 5, bank="A")])
    assert len(set(known.values())) == 3


def days(*lines: Line) -> dict[date, dict[str, bool]]:
    known = identities(OURS, lines)
    found: dict[date, dict[str, bool]] = {}
    for one in lines:
        found.setdefault(one.booked_on, {})[known[one.number]] = bool(one.bank_reference)
    return found


def test_a_day_that_grows_continues_and_another_account_of_it_is_refused() -> None:
    morning, evening = [line(1, 5, text="a")], [line(1, 5, text="a"), line(2, 7, text="b")]
    for before, now in ((morning, evening), (evening, morning)):
        must_continue(now, identities(OURS, now), days(*before))
    other = [line(1, 9, text="c")]
    assert refused(must_continue, other, identities(OURS, other), days(*morning)) == "statement-contradicts"
    other_format = [line(1, 5, bank="A1", text="a")]
    known = identities(OURS, other_format)
    assert refused(must_continue, other_format, known, days(*morning)) == "statement-contradicts"


def test_parts_of_a_day_continue_where_the_bank_names_every_line() -> None:
    evening = [line(1, 5, bank="A2")]
    must_continue(evening, identities(OURS, evening), days(line(1, 5, bank="A1")))
