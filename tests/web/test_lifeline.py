"""The life line: one function says where a procurement stands."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from procurement.infra.web.lifeline import KEYS, Milestones, life, line

START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def after(days: float) -> datetime:
    return START + timedelta(days=days)


HARBOUR_ROAD = Milestones(
    published_at=START,
    questions_until=after(17),
    deadline=after(27),
    opening_at=after(27.1),
    opened_at=after(27.2),
    evaluated_at=after(45),
    awarded_at=after(49),
    standstill_until=after(60),
    contract_at=after(69),
)


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (-1, "plan"),
        (0, "questions"),
        (17, "sealed"),
        (26.99, "sealed"),
        (27, "opening"),
        (28, "evaluation"),
        (45, "award"),
        (49, "standstill"),
        (60, "contract"),
        (100, "contract"),
    ],
)
def test_the_stage_follows_from_dates_and_the_clock(day: float, stage: str) -> None:
    assert HARBOUR_ROAD.stage(after(day)) == stage


def test_a_tender_without_questions_goes_straight_to_bidding_and_says_so() -> None:
    tender = Milestones(published_at=START, deadline=after(27))
    rows = {row.key: row.state for row in line(tender, after(1))}
    assert rows["sealed"] == "now" and rows["questions"] == "skip"


def test_a_cancelled_procurement_stays_where_it_was() -> None:
    tender = Milestones(published_at=START, deadline=after(27), cancelled_at=after(20))
    rows = {row.key: row for row in line(tender, after(40))}
    assert rows["sealed"].state == "stop" and rows["sealed"].date == after(20)
    assert rows["opening"].state == "gone" and rows["published"].state == "past"


def test_a_hold_is_said_in_words() -> None:
    held = Milestones(
        published_at=START, deadline=after(27), opened_at=after(28), evaluated_at=after(40), hold="challenged"
    )
    row = next(row for row in line(held, after(41)) if row.current)
    assert (row.key, row.state, row.word) == ("award", "hold", "challenged")


def test_every_life_has_eleven_stages_and_one_present() -> None:
    for key in KEYS:
        rows = life(key)
        assert tuple(row.key for row in rows) == KEYS
        assert [row.key for row in rows if row.current] == [key]


def test_a_procurement_that_nobody_won_ends_at_the_award() -> None:
    tender = Milestones(published_at=START, deadline=after(27), opened_at=after(28), evaluated_at=after(45))
    ended = structs.replace(tender, unsuccessful_at=after(45))
    rows = {row.key: row for row in line(ended, after(60))}
    assert (rows["award"].state, rows["award"].name) == ("stop", "No award")
    assert rows["standstill"].state == "gone" and rows["evaluation"].state == "past"
