"""Records that contradict themselves, perfectly signed: what an operator with the log's own key might have written."""

from typing import Any

import msgspec
import pytest
from forged_record import (
    BEFORE,
    CLOSED,
    DEADLINE,
    FIRST,
    HONEST,
    LATER,
    MORNING,
    NEW,
    OCID,
    OLD,
    OPENED,
    SECOND,
    Said,
    award,
    bid,
    but,
    checks,
    closed,
    extended,
    fact,
    log_of,
    opened,
    published,
    record,
    withdrawn,
)

from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.sealing import closing_root
from procurement.verifier import tender
from procurement.verifier.log import Broken
from procurement.verifier.records import UNDER_WAY

LAST_MOMENT = "2026-11-01T11:59:59.999999Z"
AGAIN = "2026-11-01T11:01:00.000000Z"
BY_RAIL = bid("cc" * 32, 1, supplier="rail")


def broken(match: str, *facts: Said) -> None:
    with pytest.raises(Broken, match=match):
        checks(*facts)


def test_a_deadline_that_has_passed_is_not_moved() -> None:
    assert checks(published(), extended(at=LAST_MOMENT))
    broken("entry 1 moved a deadline that had passed", published(), extended(at=DEADLINE))


def test_a_deadline_that_was_promised_afterwards_saves_no_late_bid() -> None:
    late = bid(NEW, 1, at=CLOSED, applied=LATER)
    assert checks(published(), extended(), late)
    broken("entry 1 took a bid", published(), late, extended(at=LAST_MOMENT))


def test_nothing_is_opened_closed_or_published_twice() -> None:
    broken("a second time", *HONEST, opened(SECOND, price=99))
    broken("a second time", *HONEST[:4], closed(OLD), HONEST[4])
    broken("a second time", published(), *HONEST)
    broken("without a publication", *HONEST[3:])


def test_no_award_is_made_for_a_lot_that_the_bid_did_not_price() -> None:
    assert "1 awards went to the bidders of opened bids, at the prices read out" in checks(*HONEST, award(SECOND))
    broken("not read out", *HONEST, award(SECOND, lot="other"))


def test_no_bid_is_opened_beside_another_under_its_digest() -> None:
    ghost = but(SECOND, bid="ghost", supplier="friend")
    shown = but(opened(SECOND, ghost), root=closing_root([NEW])[1])
    broken("entry 4 opened other bids than those that the closing fixed", *HONEST[:4], shown)


def test_no_bid_is_opened_under_the_id_of_another() -> None:
    twin = but(BY_RAIL, bid=FIRST.fact["bid"])
    broken("opened two bids of one id", published(), FIRST, BY_RAIL, closed(OLD, "cc" * 32), opened(FIRST, twin))
    broken("two bids of the record are called harbour-1", published(), FIRST, twin)


@pytest.mark.parametrize("other", [{"supplier": "friend"}, {"bid": "other"}, {"version": 1}])
def test_an_opened_bid_is_the_one_that_was_received(other: dict[str, Any]) -> None:
    shown = opened(but(SECOND, **other))
    broken("entry 4 opened bid .*, which was not received like that", *HONEST[:4], shown)


def test_the_award_of_a_bid_goes_to_its_supplier() -> None:
    broken("entry 5 awards bid harbour-2 of harbour to friend", *HONEST, award(SECOND, supplier="friend"))


def test_bids_are_closed_on_and_opened_when_it_is_time() -> None:
    broken("entry 3 closed the tender", *HONEST[:3], closed(NEW, at=MORNING), opened(SECOND))
    broken("entry 3 closed the tender", *HONEST[:3], but(closed(NEW), closed_at=MORNING), opened(SECOND))
    broken("entry 3 closed the tender", published(), extended(), SECOND, closed(NEW), opened(SECOND))
    broken("entry 4 opened the bids .* before the opening time", *HONEST[:4], opened(SECOND, at=DEADLINE))
    waiting = but(published(), opening_at=LATER)
    broken("entry 4 opened the bids .* before the opening time", waiting, *HONEST[1:])
    later = [closed(NEW, at=LATER, deadline=LATER), opened(SECOND, at=LATER)]
    assert checks(published(), extended(), SECOND, *later)
    broken("entry 2 moved the deadline after the closing", published(), closed(NEW), extended(at=LAST_MOMENT))


def elsewhere(at: str) -> Said:
    return Said("Anything", at, {}, "ocds-other")


def test_no_record_is_dated_before_what_stood_in_the_log_already() -> None:
    """Also where its own moments lie before the deadline: the log's order says when it was taken at the earliest."""
    afternoon = "2026-11-01T15:00:00.000000Z"
    after = [closed(NEW, at=afternoon), opened(SECOND, at=afternoon)]
    assert checks(published(), elsewhere("2026-11-01T11:04:00.000000Z"), SECOND, *after)
    broken("entry 2 is back-dated", published(), elsewhere(afternoon), SECOND, *after)
    broken("entry 2 is back-dated", published(), elsewhere(afternoon), but(SECOND, at=afternoon), *after)
    broken("entry 2 is back-dated", published(), elsewhere(afternoon), extended())


def test_the_story_that_a_practice_log_begins_with_is_invented() -> None:
    practice = SignerKey("record.example/sandbox-1", bytes(32))
    assert checks(elsewhere(LATER), *HONEST, key=practice)
    assert checks(published(), elsewhere(LATER), *HONEST[1:], key=practice), "was under way when the clock leapt"
    leapt = [elsewhere(f"{LATER[:19]}.{number:06}Z") for number in range(UNDER_WAY + 1)]
    with pytest.raises(Broken, match=f"entry {len(leapt) + 1} is back-dated"):
        checks(published(), *leapt, *HONEST[1:], key=practice)
    broken("entry 1 is back-dated", elsewhere(LATER), *HONEST)


def test_no_withdrawn_bid_comes_back() -> None:
    taken_back = withdrawn(FIRST)
    assert checks(published(), FIRST, taken_back, SECOND, *HONEST[3:])
    nobody = [closed(), opened()]
    assert checks(published(), FIRST, taken_back, *nobody)
    broken("entry 3 takes version 1 after", published(), FIRST, taken_back, FIRST, closed(OLD), opened(FIRST))
    served = record(published(), FIRST, taken_back)[1]
    copied = [*served, msgspec.structs.replace(served[1], index=3)]
    with pytest.raises(Broken, match="entry 3 repeats entry 1"):
        tender.verify(log_of(copied), OCID, copied)


def test_versions_rise_and_the_last_one_is_withdrawn() -> None:
    broken("entry 2 takes version 1 after entry 1", published(), SECOND, FIRST, closed(OLD), opened(FIRST))
    broken("withdraws another bid", published(), FIRST, SECOND, withdrawn(FIRST))
    broken("withdraws another bid", published(), FIRST, withdrawn(FIRST), withdrawn(FIRST, at=AGAIN))
    broken("withdraws another bid", published(), withdrawn(FIRST))


@pytest.mark.parametrize("place", range(1, 5))
def test_nothing_follows_a_cancellation(place: int) -> None:
    end = fact("TenderCancelled", HONEST[place].at, tender="1", reason="no need", cancelled_by="ines")
    broken("follows the cancellation", *HONEST[:place], end, *HONEST[place:])


def test_every_record_speaks_of_this_tender_and_of_its_closing() -> None:
    for place in range(1, 5):
        stranger = but(HONEST[place], tender="2")
        broken(f"entry {place} speaks of tender 2", *HONEST[:place], stranger, *HONEST[place + 1 :])
    broken("names another closing", *HONEST[:4], but(HONEST[4], closing="00" * 32))
    asked = fact("OpeningConfirmed", OPENED, tender="1", closing="00" * 32, confirmed_by="tomas")
    broken(r"entry 4 \(OpeningConfirmed\) names another closing", *HONEST[:4], asked, HONEST[4])


def test_bids_that_nobody_named_are_said_not_to_be_checked() -> None:
    nameless = but(SECOND, supplier="")
    said = checks(published(), closed(NEW), opened(nameless), award(nameless, price=10, supplier="friend"))
    assert "bids opened: 1, under the closing's root; who bid was not disclosed: not checked" in said
    assert "1 awards are of bids whose name or price was not read out: not checked" in said
    assert not any("exactly" in one for one in said)
    assert any("exactly" in one for one in checks(published(), closed(), opened())), "where nobody bid there is no name"


def test_a_record_of_an_honest_day_has_nothing_against_it() -> None:
    away = withdrawn(BY_RAIL)
    assert BEFORE < MORNING < DEADLINE
    assert checks(published(), FIRST, BY_RAIL, away, SECOND, closed(NEW), opened(SECOND), award(SECOND))
