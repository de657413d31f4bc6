"""A monitor shouts at whatever a dishonest operator, who holds the log's key, may do to it."""

from datetime import timedelta

import pytest
from monitored import KEY, START, WITNESS, ServedLog

from procurement.kernel import merkle
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import Record
from procurement.verifier.log import Broken
from procurement.verifier.monitor.company import Watched
from procurement.verifier.monitor.follow import Bounds, Follower
from procurement.verifier.monitor.state import State

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BOUNDS = Bounds(5 * MINUTE, 6 * HOUR)


@pytest.fixture
def log() -> ServedLog:
    """Three hundred entries, some hidden, which the monitor has read at START + one hour."""
    log = ServedLog()
    log.grow(280, START)
    log.grow(20, START + MINUTE, hidden=True)
    return log


def follower(log: ServedLog, *company: Watched, again: int = 0) -> Follower:
    return Follower(log.fetch, KEY.verifier, BOUNDS, company, lambda below: min(again, below - 1))


@pytest.fixture
def seen(log: ServedLog) -> State:
    return follower(log).round(None, START + HOUR).state


def shouts(log: ServedLog, seen: State | None, *company: Watched, after: timedelta = 2 * HOUR, again: int = 0) -> str:
    with pytest.raises(Broken) as wrong:
        follower(log, *company, again=again).round(seen, START + after)
    return str(wrong.value)


def test_an_honest_log_is_followed_as_it_grows(log: ServedLog, seen: State) -> None:
    state = seen
    for hour, count in enumerate((1, 0, 250, 600), 2):
        log.grow(count, START + hour * HOUR - MINUTE, hidden=count == 250)
        done = follower(log, again=256).round(state, START + hour * HOUR)
        assert (done.entries, done.size) == (count, len(log.records)) and done.again
        state = done.state
    assert follower(log).round(state, START + 6 * HOUR, whole=True).entries == len(log.records)


def test_a_shorter_log(log: ServedLog, seen: State) -> None:
    log.records = log.records[:200]
    assert shouts(log, seen) == "the log has shrunk from 300 to 200 entries"


def test_another_tree_of_the_same_size(log: ServedLog, seen: State) -> None:
    log.records[7] = log.records[8]
    assert shouts(log, seen) == "the log is forked: two roots are signed for 300 entries"


def test_another_tree_that_has_grown(log: ServedLog, seen: State) -> None:
    log.records[7] = log.records[8]
    log.grow(5, START + 2 * HOUR)
    assert shouts(log, seen) == "the log is forked: it does not continue its first 300 entries"


def test_an_entry_put_in_between(log: ServedLog, seen: State) -> None:
    log.records.insert(100, log.records[7])
    assert shouts(log, seen) == "the log is forked: it does not continue its first 300 entries"


def test_a_new_entry_that_is_served_otherwise_than_signed(log: ServedLog, seen: State) -> None:
    log.grow(5, START + 2 * HOUR)
    true = log.fetch("/ledger/tile/entries/001.p/49")
    log.served["/ledger/tile/entries/001.p/49"] = true[:-32] + bytes(32)
    assert shouts(log, seen) == "entry 304 was altered: it is not the one that the tree holds"


def test_a_missing_entry(log: ServedLog, seen: State) -> None:
    log.grow(5, START + 2 * HOUR)
    first = log.fetch("/ledger/entries?start=300").replace(b'"index":302', b'"index":303')
    log.served["/ledger/entries?start=300"] = first
    assert shouts(log, seen) == "entry 302 is missing from the record"


def test_a_tile_that_is_not_made_of_the_entries(log: ServedLog, seen: State) -> None:
    log.grow(5, START + 2 * HOUR)
    log.served["/ledger/tile/0/001.p/49"] = bytes(49 * 32)
    assert "tile/0/001.p/49 was altered" in shouts(log, seen)


@pytest.mark.parametrize("again", [0, 299])
def test_an_old_record_altered_behind_its_entry(log: ServedLog, seen: State, again: int) -> None:
    """Old entries are read again, a tile at a time: sooner or later this one."""
    for start in (0, 256):
        page = log.fetch(f"/ledger/entries?start={start}").replace(b'{\\"number\\":7}', b'{\\"number\\":8}', 1)
        log.served[f"/ledger/entries?start={start}"] = page.replace(b'{\\"number\\":270}', b'{\\"number\\":271}')
    said = shouts(log, seen, again=again)
    assert said == f"entry {270 if again else 7} was altered: its record does not give its entry"


def test_an_old_bundle_and_its_tile_altered_together(log: ServedLog, seen: State) -> None:
    other = ServedLog()
    other.records = [log.records[8], *log.records[1:]]
    for path in ("/ledger/tile/entries/000", "/ledger/tile/0/000"):
        log.served[path] = other.fetch(path)
    assert "the tile at entry 0 was altered" in shouts(log, seen)


def test_an_entry_dated_before_the_last_look(log: ServedLog, seen: State) -> None:
    log.grow(1, START + 30 * MINUTE)
    said = shouts(log, seen)
    assert said.startswith("entry 300 is back-dated: it says 2026-11-01T09:30") and "was not there at" in said


def test_an_entry_dated_before_one_that_stands_before_it(log: ServedLog, seen: State) -> None:
    log.grow(1, START + 3 * HOUR)
    log.grow(1, START + 2 * HOUR)
    assert shouts(log, seen, after=4 * HOUR).startswith("entry 301 is back-dated: it says 2026-11-01T11:00")
    assert shouts(log, None, after=4 * HOUR).startswith("entry 301 is back-dated"), "also to whoever comes new"


def test_a_practice_log_may_begin_with_an_invented_story(log: ServedLog) -> None:
    """Only a log whose name says that it is one; and what comes later is held against the clock."""
    practice = SignerKey(f"{KEY.verifier.name}/sandbox-1a2b3c4d", bytes(32))
    log.key = practice
    log.grow(1, START - 90 * 24 * HOUR)
    follows = Follower(log.fetch, practice.verifier, BOUNDS)
    state = follows.round(None, START + HOUR).state
    assert follows.round(state, START + HOUR, whole=True).entries == 301
    log.grow(1, START - 90 * 24 * HOUR)
    with pytest.raises(Broken, match="entry 301 is back-dated"):
        follows.round(state, START + 2 * HOUR)


def test_a_little_disorder_is_how_transactions_commit(log: ServedLog, seen: State) -> None:
    log.grow(1, START + 2 * HOUR)
    log.grow(1, START + 2 * HOUR - MINUTE)
    assert follower(log).round(seen, START + 2 * HOUR).entries == 2


def test_a_silent_log(log: ServedLog, seen: State) -> None:
    state = follower(log).round(seen, START + 6 * HOUR).state
    assert shouts(log, state, after=8 * HOUR) == "there was no new checkpoint since 2026-11-01 10:00:00 UTC"


def test_a_checkpoint_by_another_key(log: ServedLog, seen: State) -> None:
    log.served["/ledger/checkpoint"] = log.note().replace("record.example ", "other.example ").encode()
    assert "record.example did not sign this note" in shouts(log, seen)


def test_a_record_that_shows_another_entry(log: ServedLog, seen: State) -> None:
    log.grow(1, START + 2 * HOUR)
    true = log.records[300]
    log.records[300] = canonical(Record("Counted", "2026-11-01T11:00:00.000000Z", "", "nobody", "", {"number": 1}))
    page = log.fetch("/ledger/entries?start=300")
    log.records[300] = true
    log.served["/ledger/entries?start=300"] = page
    assert shouts(log, seen) == "entry 300 was altered: the log holds another one at its place"


# ---- witnesses


def test_a_witnessed_log_is_followed(log: ServedLog, seen: State) -> None:
    log.cosign(START + HOUR)
    log.grow(3, START + 2 * HOUR)
    done = follower(log, Watched(WITNESS.verifier)).round(seen, START + 2 * HOUR)
    assert done.witnesses == ["witness.example/w1"]


def test_a_log_that_no_witness_signed(log: ServedLog, seen: State) -> None:
    assert shouts(log, seen, Watched(WITNESS.verifier)) == "/ledger/checkpoint/witnessed answers 404"


def test_a_witness_that_did_not_sign_lately(log: ServedLog, seen: State) -> None:
    log.cosign(START)
    log.grow(1, START + 9 * HOUR)
    said = shouts(log, seen, Watched(WITNESS.verifier), after=9 * HOUR)
    assert said == "witness.example/w1 has not cosigned since 2026-11-01 09:00:00 UTC"
    other = CosignerKey("other.example/w", bytes(32)).verifier
    assert "other.example/w did not cosign" in shouts(log, seen, Watched(other))


def test_a_log_shown_to_us_and_another_to_the_witness(log: ServedLog, seen: State) -> None:
    """Both are signed, both are consistent in themselves: only asking the witness itself tells."""
    other = ServedLog()
    other.records = [*log.records[:250], *reversed(log.records[250:])]
    log.cosign(START + HOUR)
    theirs = other.note().encode()
    said = shouts(log, seen, Watched(WITNESS.verifier, lambda path: theirs))
    assert said == "the log is forked: witness.example/w1 was shown other 300 entries than we are"
    ours = log.note().encode()
    assert follower(log, Watched(WITNESS.verifier, lambda path: ours)).round(seen, START + HOUR).witnesses


def test_witnesses_that_signed_another_log_than_is_shown(log: ServedLog, seen: State) -> None:
    other = ServedLog()
    other.records = [*log.records[:250], *reversed(log.records[250:])]
    other.cosign(START + HOUR)
    log.witnessed = other.witnessed
    said = shouts(log, seen, Watched(WITNESS.verifier))
    assert said == "the log is forked: witnesses cosigned other 300 entries"


def test_the_first_round_of_an_empty_log(seen: State) -> None:
    empty = ServedLog()
    note = KEY.sign(Checkpoint(KEY.verifier.name, 0, merkle.EMPTY).text())
    empty.served["/ledger/checkpoint"] = note.encode()
    assert follower(empty).round(None, START).entries == 0
