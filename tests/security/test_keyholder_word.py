"""A dishonest service shows another key, a nearer time, or somebody else's word: no client seals to it."""

from datetime import datetime

import pytest
from promises import FALSE, HONEST, LATER, OPENS, TENDER, cases, extended, key, old, published, word

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


def test_a_pinned_key_counts_whatever_the_log_names() -> None:
    true, false = str(HONEST.verifier), str(FALSE.verifier)
    forged = [key(1, FALSE), published(2, OPENS, word(OPENS, by=FALSE))]
    assert (outcome(forged, OPENS), outcome(forged, OPENS, false), outcome(forged, OPENS, true)) == (
        "covered", "covered", "wrong",
    )  # fmt: skip
    assert outcome([old(2)], OPENS, true) == "wrong", "who pins the key wants its word"
    assert outcome([published(2, OPENS, word(OPENS))], OPENS, true) == "covered", "the log names none"
    assert outcome([published(2, OPENS, word(OPENS))], OPENS, "no key") == "wrong"


def test_a_second_key_in_the_log_is_told() -> None:
    first, moved = published(2, OPENS, word(OPENS)), extended(4, LATER, word(LATER, by=FALSE))
    changed = must_cover([key(1), first, key(3, FALSE), moved], TENDER, LATER)
    assert (changed.key, changed.others) == (str(FALSE.verifier), (str(HONEST.verifier),))
    since = must_cover([key(1), first, key(3, FALSE)], TENDER, OPENS)
    assert (since.key, since.others) == (str(HONEST.verifier), (str(FALSE.verifier),))
    assert must_cover([key(1), key(2), published(3, OPENS, word(OPENS))], TENDER, OPENS).others == ()
