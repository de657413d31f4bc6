"""Published numbers that the counting must reproduce, each a tiny rule as data with its source."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.kernel.period import Calendar, Count, Interval, count, last_day
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import Event, Period, add_period

WEEKEND = frozenset({6, 7})
PLAIN = Calendar(weekend=WEEKEND)
BRUSSELS, LONDON, KYIV = ZoneInfo("Europe/Brussels"), ZoneInfo("Europe/London"), ZoneInfo("Europe/Kyiv")

# Regulation (EEC, Euratom) 1182/71: the day of the event does not count; a last day on a Saturday, Sunday or holiday
# moves to the end of the next working day; two days or more hold at least two working days (article 3(5)).
EASTER_2010 = Calendar(weekend=WEEKEND, holidays=frozenset({date(2010, 4, 2), date(2010, 4, 5)}))
ITALY_2010 = Calendar(weekend=WEEKEND, holidays=frozenset({date(2010, 4, 5)}))  # Good Friday is a working day there
UNION = {"roll": "next-working-day", "least_working_days": 2}


def midnight(zone: ZoneInfo, *day: int) -> datetime:
    return datetime.combine(date(*day), time(), zone)


@pytest.mark.parametrize(
    ("sent", "days", "calendar", "last"),
    [
        pytest.param(
            "2010-03-23", 10, EASTER_2010, "2010-04-06", id="ten days end on Good Friday: after Easter Monday"
        ),
        pytest.param("2010-03-23", 10, ITALY_2010, "2010-04-02", id="Good Friday works where it is no holiday"),
        pytest.param("2010-03-24", 10, PLAIN, "2010-04-05", id="a last day on a Saturday moves to Monday"),
        pytest.param("2010-04-02", 2, ITALY_2010, "2010-04-07", id="two days hold two working days, over Easter"),
        pytest.param("2010-03-18", 2, PLAIN, "2010-03-22", id="two days from Thursday: Friday and Monday"),
    ],
)
def test_days_after_regulation_1182_71(sent: str, days: int, calendar: Calendar, last: str) -> None:
    assert last_day(date.fromisoformat(sent), Count(length=days, **UNION), calendar) == date.fromisoformat(last)


def test_a_standstill_to_the_end_of_6_april_lets_the_contract_be_signed_from_7_april() -> None:
    standstill = Period(starts=Event.SENT, count=Count(length=10, **UNION), source="Regulation 1182/71 article 3")
    sent = datetime(2010, 3, 23, 15, 30, tzinfo=BRUSSELS)
    assert add_period(sent, standstill, EASTER_2010, BRUSSELS) == midnight(BRUSSELS, 2010, 4, 7)


@pytest.mark.parametrize(
    ("event", "months", "last"),
    [("2026-03-15", 1, "2026-04-15"), ("2026-01-31", 1, "2026-02-28"), ("2027-11-30", 3, "2028-02-29")],
)
def test_months_end_on_the_same_date_or_on_the_months_last_day(event: str, months: int, last: str) -> None:
    period = Count(length=months, unit="months")
    assert last_day(date.fromisoformat(event), period, PLAIN) == date.fromisoformat(last)


def test_a_month_beginning_with_a_day_ends_the_day_before_that_date() -> None:
    period = Count(length=1, unit="months", first_day_counts=True)
    assert last_day(date(2026, 3, 5), period, PLAIN) == date(2026, 4, 4)


def test_months_backwards_mirror_months_forwards() -> None:
    assert last_day(date(2026, 3, 31), Count(length=1, unit="months", backwards=True), PLAIN) == date(2026, 2, 28)


# UK Procurement Act 2023, section 51: 8 working days beginning with the day of publication; section 123: a bank holiday
# in any part of the United Kingdom is no working day, so the calendar is the union.
ENGLAND = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
SCOTLAND = frozenset({date(2026, 1, 2), date(2026, 4, 3)})
NORTHERN_IRELAND = ENGLAND | {date(2026, 3, 17), date(2026, 7, 13)}


@pytest.mark.parametrize(
    ("published", "holidays", "last"),
    [
        ("2026-03-09", ENGLAND | SCOTLAND | NORTHERN_IRELAND, "2026-03-19"),  # over St Patrick's Day
        ("2026-03-09", ENGLAND, "2026-03-18"),
        ("2026-03-07", ENGLAND, "2026-03-18"),  # published on a Saturday: Monday is the first
        ("2026-03-30", ENGLAND | SCOTLAND | NORTHERN_IRELAND, "2026-04-10"),  # over Easter
    ],
)
def test_eight_working_days_beginning_with_the_day_of_publication(
    published: str, holidays: frozenset[date], last: str
) -> None:
    period = Count(length=8, unit="working-days", first_day_counts=True)
    assert last_day(date.fromisoformat(published), period, Calendar(WEEKEND, holidays=holidays)) == date.fromisoformat(
        last
    )


# ProZorro, openprocurement.api: calculate_tender_business_date across daylight saving (Europe/Kyiv).
@pytest.mark.parametrize(
    ("event", "period", "end"),
    [
        ("2020-11-07T12:00+02:00", Count(length=7, unit="working-days"), "2020-11-18T00:00+02:00"),
        ("2021-03-10T12:00+02:00", Count(length=30), "2021-04-10T00:00+03:00"),
    ],
)
def test_days_across_daylight_saving(event: str, period: Count, end: str) -> None:
    assert count(datetime.fromisoformat(event), period, PLAIN, KYIV) == datetime.fromisoformat(end)


# UK Digital Marketplace, two-week briefs, all at 23:59:59: questions five working days after publication, answers one
# working day before closing, closing fourteen days after publication.
@pytest.mark.parametrize(
    ("published", "questions", "answers", "closing"), [(4, 11, 15, 18), (9, 15, 22, 23), (10, 15, 22, 24)]
)
def test_publication_day_to_deadlines(published: int, questions: int, answers: int, closing: int) -> None:
    event = datetime(2016, 7, published, 9, tzinfo=LONDON)
    closes = count(event, Count(length=14), PLAIN, LONDON)
    closing_event = closes - timedelta(seconds=1)
    found = (
        count(event, Count(length=5, unit="working-days"), PLAIN, LONDON),
        count(closing_event, Count(length=1, unit="working-days", backwards=True), PLAIN, LONDON),
        closes,
    )
    assert [moment - timedelta(seconds=1) for moment in found] == [
        datetime(2016, 7, day, 23, 59, 59, tzinfo=LONDON) for day in (questions, answers, closing)
    ]


# Directive 2014/24/EU, article 27: 35 days from the date the notice was sent; article 53(2): six days before the
# deadline, and a backward period never rolls.
def test_thirty_five_days_from_the_day_the_notice_was_sent() -> None:
    sent = datetime(2026, 9, 1, 17, tzinfo=BRUSSELS)
    assert count(sent, Count(length=35, **UNION), PLAIN, BRUSSELS) == midnight(BRUSSELS, 2026, 10, 7)


def test_a_backward_period_stays_on_a_sunday() -> None:
    six_days_before = Count(length=6, backwards=True, ends="start-of-day")
    deadline = datetime(2026, 9, 12, 12, tzinfo=BRUSSELS)  # a Saturday
    assert count(deadline, six_days_before, PLAIN, BRUSSELS) == midnight(BRUSSELS, 2026, 9, 6)


def test_a_period_may_end_at_the_events_own_hour_whatever_the_offset_is_by_then() -> None:
    event = datetime(2026, 3, 27, 21, tzinfo=BRUSSELS)
    same = Count(length=3, ends="same-time")
    assert count(event, same, PLAIN, BRUSSELS) == datetime(2026, 3, 30, 21, tzinfo=BRUSSELS)
    assert count(event, Count(length=0, ends="same-time"), PLAIN, BRUSSELS) == event


def test_a_backward_period_may_roll_to_the_working_day_before_where_the_law_says_so() -> None:
    period = Count(length=3, backwards=True, roll="previous-working-day")
    assert last_day(date(2026, 9, 9), period, PLAIN) == date(2026, 9, 4)


def test_counting_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Refused) as no:
        last_day(date(2026, 12, 30), Count(length=3, unit="working-days"), Calendar(WEEKEND, until=date(2026, 12, 31)))
    assert no.value.code == "calendar-ends"


def test_a_holiday_of_every_year_needs_no_year() -> None:
    calendar = Calendar(WEEKEND, yearly=frozenset({"12-25"}))
    assert not calendar.is_working(date(2034, 12, 25))
    assert calendar.is_working(date(2034, 12, 26))


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": 0, "first_day_counts": True},
        {"length": -1},
        {"length": 2, "backwards": True, "least_working_days": 2},
    ],
)
def test_a_period_that_cannot_be_counted_cannot_be_written(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="period"):
        Count(**wrong)


def test_the_end_of_an_interval_is_outside_it() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    window = Interval(noon, noon + timedelta(hours=1))
    assert noon in window
    assert noon + timedelta(hours=1) not in window
    assert noon - timedelta(microseconds=1) not in window


COUNTS = st.builds(
    Count,
    length=st.integers(1, 60),
    unit=st.sampled_from(["calendar-days", "working-days", "months"]),
    first_day_counts=st.booleans(),
    roll=st.sampled_from(["none", "next-working-day"]),
    ends=st.sampled_from(["end-of-day", "start-of-day", "same-time"]),
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(COUNTS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=40)))
def test_a_later_event_never_ends_a_period_earlier(period: Count, event: datetime, later: timedelta) -> None:
    if period.ends == "same-time" and (period.roll != "none" or period.unit != "calendar-days"):
        later = timedelta(days=later.days)  # within one day the hour decides, across a rolled weekend it cannot
        first, second = (last_day((event + shift).date(), period, EASTER_2010) for shift in (timedelta(), later))
        assert second >= first
    else:
        first_end, second_end = (count(event + shift, period, EASTER_2010, UTC) for shift in (timedelta(), later))
        assert second_end >= first_end


@given(MOMENTS, st.integers(1, 60))
def test_working_days_back_and_forth_return_to_the_same_day(event: datetime, days: int) -> None:
    start = last_day(event.date(), Count(length=1, unit="working-days"), EASTER_2010)
    there = last_day(start, Count(length=days, unit="working-days"), EASTER_2010)
    assert last_day(there, Count(length=days, unit="working-days", backwards=True), EASTER_2010) == start
