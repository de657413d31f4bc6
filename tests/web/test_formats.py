"""Figures and dates as people read them."""

from datetime import UTC, date, datetime

import pytest

from procurement.infra.web.formats import Formats
from procurement.infra.web.templates import until
from procurement.kernel.money import Money

FORMATS = Formats("en", "Europe/Paris")
CLOSES = datetime(2026, 11, 30, 20, 0, 0, 318204, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "exact", "written"),
    [
        (124_000_000, "EUR", False, "1\u202f240\u202f000 EUR"),
        (124_000_000, "EUR", True, "1\u202f240\u202f000.00 EUR"),
        (124_050, "EUR", False, "1\u202f240.50 EUR"),
        (-5, "EUR", False, "\u22120.05 EUR"),
        (1_240, "JPY", True, "1\u202f240 JPY"),
        (1_240, "KWD", False, "1.240 KWD"),
    ],
)
def test_money_has_minor_digits_where_they_say_something(amount: int, currency: str, exact: bool, written: str) -> None:
    assert FORMATS.money(Money(amount, currency), exact) == f'<bdi class="nw">{written}</bdi>'


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("PT", "Portugal"),
        ("XM", "Marrow"),
        ("ZZ", "Marrow"),
        ("XK", "Kosovo"),
        ("Portugal", "Portugal"),
        ("150", "150"),
        ("", ""),
    ],
)
def test_a_country_has_a_name(code: str, name: str) -> None:
    assert Formats("en", "UTC", "Marrow").country(code) == name


def test_of_a_place_its_country_is_named() -> None:
    assert Formats("de", "UTC").place("Lisboa, PT") == "Lisboa, Portugal"
    assert Formats("en", "UTC", "Marrow").place("XM") == "Marrow"
    assert Formats("en", "UTC").place("Harbour, XM") == "Harbour, XM", "nobody said whose service this is"


def test_a_value_that_was_not_given_is_not_zero() -> None:
    assert FORMATS.money(None) == ""


def test_moments_are_written_in_official_time() -> None:
    assert FORMATS.when(CLOSES) == "Monday 30 November 2026, 21:00"
    assert FORMATS.short(CLOSES) == "30 Nov, 21:00"
    assert FORMATS.day(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == "1 December 2026"
    assert FORMATS.day(date(2026, 11, 30)) == "30 November 2026"
    assert FORMATS.iso(CLOSES) == "2026-11-30T21:00:00.318204+01:00"
    assert FORMATS.clock(CLOSES) + FORMATS.micros(CLOSES) == "21:00:00.318\u202f204"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(9 * 86400 + 4 * 3600 + 59, "9 days 4 hr"), (86400, "1 day"), (1080, "18 min"), (59, "0 min"), (-5, "0 min")],
)
def test_what_is_left_is_said_in_two_units(seconds: int, written: str) -> None:
    assert FORMATS.left(seconds) == written


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "0 B"), (999, "999 B"), (340_000, "340 KB"), (8_400_000, "8.4 MB"), (999_600_000, "1.0 GB")],
)
def test_sizes_are_short(size: int, written: str) -> None:
    assert FORMATS.bytes(size).replace("\u00a0", " ") == written


@pytest.mark.parametrize(("ratio", "written"), [(-0.08, "\u22128%"), (0.052, "+5.2%"), (0.0, "0%"), (0.374, "+37%")])
def test_ratios_are_percentages(ratio: float, written: str) -> None:
    assert FORMATS.percent(ratio, signed=True) == f"<bdi>{written}</bdi>"


@pytest.mark.parametrize(
    ("ends", "form", "written"),
    [
        (datetime(2026, 11, 21, 23, tzinfo=UTC), "when", "end of Saturday 21 November 2026"),
        (datetime(2026, 11, 21, 23, tzinfo=UTC), "short", "end of 21 Nov"),
        (datetime(2026, 11, 21, 22, 59, tzinfo=UTC), "short", "21 Nov, 23:59"),
        (CLOSES, "when", "Monday 30 November 2026, 21:00"),
    ],
)
def test_what_ends_at_midnight_ends_with_the_day(ends: datetime, form: str, written: str) -> None:
    assert until(FORMATS, str, ends, form) == written
