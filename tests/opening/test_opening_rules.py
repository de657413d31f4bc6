"""Who may take which step of an opening, and when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.opening.rules import (
    Opening,
    State,
    must_be_due,
    must_take_confirmation,
    must_take_request,
    total_of,
)
from procurement.opening.rules.asking import COUNTS

NOW = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
ASKED = Opening(tender="2026-0418", closing="a" * 64, requested_by="marsh", requested_at=NOW)
CONFIRMED = msgspec.structs.replace(ASKED, confirmed_by="okafor", confirmed_at=NOW)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        act()
    return no.value.code


def test_an_opening_is_due_at_its_very_moment_and_not_a_microsecond_before() -> None:
    must_be_due(NOW, cancelled=False, closed=True, now=NOW)
    early = NOW - timedelta(microseconds=1)
    assert refusal(lambda: must_be_due(NOW, cancelled=False, closed=True, now=early)) == "too-early"


def test_a_tender_that_is_cancelled_or_not_closed_is_never_due() -> None:
    assert refusal(lambda: must_be_due(NOW, cancelled=True, closed=True, now=NOW)) == "tender-cancelled"
    assert refusal(lambda: must_be_due(NOW, cancelled=False, closed=False, now=NOW)) == "not-closed"
    assert refusal(lambda: must_be_due(None, cancelled=False, closed=True, now=NOW)) == "not-closed"


def test_while_one_request_waits_only_the_same_officer_repeats_it() -> None:
    must_take_request(None, "marsh", NOW)
    must_take_request(ASKED, "marsh", NOW)
    assert refusal(lambda: must_take_request(ASKED, "reis", NOW)) == "already-requested"


def test_a_request_that_nobody_confirmed_for_a_day_is_anyones_to_repeat() -> None:
    must_take_request(ASKED, "reis", NOW + COUNTS)
    assert refusal(lambda: must_take_confirmation(ASKED, "okafor", NOW + COUNTS)) == "request-expired"


def test_a_second_person_confirms_once() -> None:
    assert must_take_confirmation(ASKED, "okafor", NOW + COUNTS - timedelta(seconds=1)) == ASKED
    assert refusal(lambda: must_take_confirmation(ASKED, "marsh", NOW)) == "same-person"
    assert refusal(lambda: must_take_confirmation(None, "okafor", NOW)) == "not-requested"
    assert refusal(lambda: must_take_confirmation(CONFIRMED, "okafor", NOW)) == "already-opening"
    assert refusal(lambda: must_take_request(CONFIRMED, "marsh", NOW)) == "already-opening"


def test_the_state_follows_from_the_moments() -> None:
    released = msgspec.structs.replace(CONFIRMED, released_at=NOW)
    shown = msgspec.structs.replace(released, shown_at=NOW)
    states = [one.state for one in (ASKED, CONFIRMED, released, shown)]
    assert states == [State.REQUESTED, State.OPENING, State.OPENING, State.SHOWN]


def test_a_total_is_the_sum_over_the_lots() -> None:
    assert total_of({"1": Money(1050, "EUR"), "2": Money(1, "EUR")}, "EUR") == Money(1051, "EUR")
    assert total_of({}, "EUR") == Money(0, "EUR")
