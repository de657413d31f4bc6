"""What everybody may read at once is marked so in the log: whoever keeps it back, or leaves the mark out, is named."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from forged_record import BEFORE, FIRST, HONEST, MORNING, OCID, Said, fact, hidden, log_of, published, record
from monitored import KEY, SALT, START, ServedLog

from procurement.kernel.entry import entry_hash
from procurement.verifier import tender
from procurement.verifier.log import Broken, Entry, Page
from procurement.verifier.log import entries as entries_of
from procurement.verifier.monitor.follow import Bounds, Follower, Round
from procurement.verifier.monitor.state import State
from procurement.verifier.openness import NOT_OPEN, UNTRUE

HOUR = timedelta(hours=1)
ELSEWHERE = Said(
    "TenderPublished", MORNING, {"tender": "1", "deadline": MORNING, "opening_at": MORNING}, process="ocds-other"
)


def repeating(*entries: Entry, **changed: str) -> Said:
    shown = [{"entry": one.entry, "salt": one.salt, "record": one.record} | changed for one in entries]
    return fact("RecordsRepeated", MORNING, records=shown)


def found(facts: list[Said], unmarked: set[int], kept_back: int | None = None) -> str:
    """The code of what the verifier finds."""
    log, served = record(*facts, unmarked=unmarked)
    with pytest.raises(Broken) as wrong:
        tender.verify(log, OCID, [hidden(one) if one.index == kept_back else one for one in served])
    assert f"[{wrong.value.code}]" in str(wrong.value)
    return wrong.value.code


# ---- verify


def test_an_open_entry_without_its_record_is_found() -> None:
    assert found(HONEST, set(), kept_back=0) == "open-entry-unread"


def test_a_public_record_in_an_entry_that_is_not_open_is_found_and_a_hidden_one_is_not() -> None:
    assert found([ELSEWHERE, *HONEST], {1}) == NOT_OPEN
    log, served = record(*HONEST)
    assert len(served[1].entry) == 64 and '"type":"BidReceived"' in served[1].record
    assert tender.verify(log, OCID, served)


def test_entries_from_before_there_were_open_ones_stand() -> None:
    for before in ({0}, {0, 4}):
        log, served = record(*HONEST, unmarked=before)
        assert tender.verify(log, OCID, served).checks


def test_a_public_record_that_an_older_worker_placed_may_be_repeated() -> None:
    facts = [fact("SandboxClockMoved", BEFORE, seconds=1), published(), FIRST]
    _, served = record(*facts, unmarked={1})
    log, whole = record(*facts, repeating(served[1]), unmarked={1})
    assert tender.verify(log, OCID, whole)


@pytest.mark.parametrize("changed", [{"record": "{}"}, {"entry": "00" * 32}, {"salt": "11" * 32}])
def test_what_is_repeated_is_what_the_log_has_word_by_word(changed: dict[str, str]) -> None:
    """Else an open entry could lend its openness to a hidden one, without telling what that says."""
    _, served = record(published(), unmarked={0})
    assert found([published(), repeating(served[0], **changed)], {0}) == UNTRUE


def test_what_is_repeated_can_be_read_at_its_own_place() -> None:
    """Or a second publication could be shown in a repetition alone, where nobody looks for it."""
    _, served = record(published(), published(MORNING), unmarked={0, 1})
    assert found([published(), published(MORNING), repeating(served[1])], {0, 1}, kept_back=1) == UNTRUE


def test_a_publication_of_the_same_tender_in_another_procurement_is_found() -> None:
    """It is open, so the verifier reads it, wherever it was put."""
    log, served = record(*HONEST, ELSEWHERE)
    with pytest.raises(Broken, match="entry 5 speaks of tender 1 under the name of another procurement"):
        tender.verify(log, OCID, served)


def test_a_third_kind_of_entry_is_none() -> None:
    _, served = record(*HONEST)
    other = msgspec.structs.replace(served[0], entry="02" + served[0].entry[2:])
    log = log_of([other, *served[1:]])

    def fetch(path: str) -> bytes:
        assert path == "/ledger/tile/entries/000.p/5"
        return b"".join(len(one).to_bytes(2) + one for one in log.entries)

    with pytest.raises(Broken, match="the bundle at entry 0 is malformed"):
        entries_of(fetch, 0, 5)


# ---- monitor


@pytest.fixture
def log() -> ServedLog:
    """Forty entries of an older release, ten hidden ones, and forty that are open."""
    log = ServedLog()
    log.grow(40, START)
    log.unmarked = set(range(40))
    log.grow(10, START + timedelta(minutes=1), hidden=True)
    log.grow(40, START + timedelta(minutes=2))
    return log


def follow(log: ServedLog, state: State | None, hour: int, *, whole: bool = False) -> Round:
    follower = Follower(log.fetch, KEY.verifier, Bounds(), (), lambda below: 0)
    return follower.round(state, START + hour * HOUR, whole=whole)


def shouts(log: ServedLog, state: State | None, hour: int = 2, *, whole: bool = False) -> str:
    with pytest.raises(Broken) as wrong:
        follow(log, state, hour, whole=whole)
    return str(wrong.value)


def test_a_monitor_knows_from_where_on_entries_are_open(log: ServedLog) -> None:
    state = follow(log, None, 1).state
    assert state.open_since == 50
    log.enter("TenderPublished", START + HOUR, tender="1")
    assert follow(log, state, 2).state.open_since == 50
    old = msgspec.json.encode({"checkpoint": log.note(50), "seen_at": START, "changed_at": START})
    assert follow(log, msgspec.json.decode(old, type=State), 2).state.open_since == 50, "a state of an older monitor"


@pytest.mark.parametrize("whole", [False, True])
def test_a_monitor_asks_for_the_record_behind_every_open_entry(log: ServedLog, whole: bool) -> None:
    state = follow(log, None, 1).state
    index = log.enter("TenderPublished", START + HOUR, tender="1")
    log.hidden.add(index)
    said = f"entry {index} is marked open, and its record is kept back [open-entry-unread]"
    assert shouts(log, state, whole=whole) == said


def test_a_monitor_asks_for_old_records_again(log: ServedLog) -> None:
    state = follow(log, None, 1).state
    log.hidden.add(60)
    assert shouts(log, state) == "entry 60 is marked open, and its record is kept back [open-entry-unread]"


def test_a_monitor_names_a_public_record_without_the_mark(log: ServedLog) -> None:
    state = follow(log, None, 1).state
    index = log.enter("TenderPublished", START + HOUR, tender="1")
    log.unmarked.add(index)
    for seen in (state, None):
        assert shouts(log, seen).startswith(
            f"entry {index} (TenderPublished) is public at once, and stands in an entry"
        )
    shown: dict[str, Any] = {
        "entry": entry_hash(SALT, log.records[index]).hex(), "salt": SALT.hex(), "record": log.records[index].decode(),
    }  # fmt: skip
    log.enter("RecordsRepeated", START + HOUR, records=[shown])
    for seen in (state, None):
        assert follow(log, seen, 2).size == len(log.records)


def test_a_page_of_the_log_has_the_two_kinds_of_entries(log: ServedLog) -> None:
    page = msgspec.json.decode(log.fetch("/ledger/entries?start=0"), type=Page).entries
    assert {len(one.entry) for one in page[:50]} == {64} and {len(one.entry) for one in page[50:]} == {66}
