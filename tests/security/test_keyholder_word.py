"""A dishonest service shows another key, a nearer time, or somebody else's word: no client seals to it."""

from datetime import datetime

import pytest
from promises import FALSE, HONEST, LATER, OPENS, TENDER, cases, extended, key, pinned, published, times, word

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import Told, must_cover


def outcome(told: list[Told], opens: datetime, pin: str = "") -> str:
    try:
        return "covered" if must_cover(told, TENDER, opens, pin).key else "unsigned"
    except Refused as no:
        assert no.code == "opening-key-wrong"
        return "wrong"


@pytest.mark.parametrize(("told", "opens", "expected"), [pytest.param(*one[1:], id=one[0]) for one in cases()])
def test_what_a_client_makes_of_it(told: list[Told], opens: datetime, expected: str) -> None:
    assert outcome(told, opens) == expected


@pytest.mark.parametrize(("told", "opens", "expected"), [pytest.param(*one[1:], id=one[0]) for one in pinned()])
def test_what_a_client_makes_of_it_that_knows_the_key(told: list[Told], opens: datetime, expected: str) -> None:
    assert outcome(told, opens, str(HONEST.verifier)) == expected


def test_a_pin_that_is_no_key_is_refused_and_a_false_one_lets_the_false_pass() -> None:
    assert outcome([published(2, OPENS, word(OPENS))], OPENS, "no key") == "wrong"
    forged = [key(1, FALSE), published(2, OPENS, word(OPENS, by=FALSE))]
    assert (outcome(forged, OPENS), outcome(forged, OPENS, str(FALSE.verifier))) == ("covered", "covered")


@pytest.mark.parametrize(("told", "until"), [pytest.param(*one[1:], id=one[0]) for one in times()])
def test_until_when_bids_are_kept_closed(told: list[Told], until: datetime) -> None:
    assert must_cover(told, TENDER, OPENS if until == OPENS else None).until == until


def test_a_second_key_in_the_log_is_told() -> None:
    first, moved = published(2, OPENS, word(OPENS)), extended(4, LATER, word(LATER, by=FALSE))
    changed = must_cover([key(1), first, key(3, FALSE), moved], TENDER, LATER)
    assert (changed.key, changed.others) == (str(FALSE.verifier), (str(HONEST.verifier),))
    since = must_cover([key(1), first, key(3, FALSE)], TENDER, OPENS)
    assert (since.key, since.others) == (str(HONEST.verifier), (str(FALSE.verifier),))
    assert must_cover([key(1), key(2), published(3, OPENS, word(OPENS))], TENDER, OPENS).others == ()
