"""`verify tender` and the monitor hold every opening time against the keyholder's own word."""

from datetime import datetime, timedelta

import pytest
from monitored import KEY as LOG
from monitored import START, ServedLog
from promises import FALSE, HONEST, LATER, OPENS, TENDER, cases, extended, key, old, published, word

from procurement.kernel.canonical import canonical
from procurement.kernel.entry import Record, stamp
from procurement.kernel.sealing.opening_record import Told
from procurement.verifier import keyholder
from procurement.verifier.log import Broken
from procurement.verifier.monitor.follow import Bounds, Follower
from procurement.verifier.monitor.state import State
from procurement.verifier.records import Findings, Placed

MOMENT = stamp(START)
NEARER_SHOWN = {"shown later than recorded", "the extension is kept back, its time shown"}  # what no log tells
OTHER_TENDERS = {"another tender's publication"}
CASES = [pytest.param(*one[1:], id=one[0]) for one in cases() if one[0] not in NEARER_SHOWN | OTHER_TENDERS]


def verified(told: list[Told], pin: str = "") -> Findings:
    placed = [
        Placed(one.index, Record(one.type, MOMENT, "ocds-1", "nobody", "", dict(one.fact)))
        for one in sorted(told, key=lambda one: one.index)
    ]
    mine = [one for one in placed if one.fact.get("tender") == TENDER]
    keys = [one for one in placed if one.fact.get("purpose") == "keyholder"]
    findings = Findings(mine, keyholders=keys)
    keyholder.verify(findings, pin)
    return findings


@pytest.mark.parametrize(("told", "opens", "expected"), CASES)
def test_what_a_verifier_makes_of_it(told: list[Told], opens: datetime, expected: str) -> None:
    if expected == "wrong" and any(one.type == "TenderPublished" for one in told):
        with pytest.raises(Broken, match=r"entry \d: The keyholder's word|entry \d: Entry \d"):
            verified(told)
        return
    findings = verified(told)
    assert bool(findings.notes) == (expected == "unsigned")
    assert bool(findings.checks) == (expected == "covered")


def test_every_fact_is_checked_and_not_the_newest_alone() -> None:
    near = published(2, OPENS, word(OPENS - timedelta(days=1)))
    with pytest.raises(Broken, match=r"entry 2: .* keeps bids closed until 2026-11-29T21"):
        verified([key(1), near, extended(3, LATER, word(LATER))])


def test_a_pinned_key_and_a_second_one_in_the_log() -> None:
    told = [key(1, FALSE), published(2, OPENS, word(OPENS, by=FALSE))]
    with pytest.raises(Broken, match="it is not signed by keyholder"):
        verified(told, str(HONEST.verifier))
    [note] = verified([*told, key(3)]).notes
    assert "several keys of the keyholder (entries 1, 3)" in note


class Watching:
    """A monitor of a log to which these facts are added."""

    def __init__(self) -> None:
        self.log, self.hours = ServedLog(), 0
        self.log.grow(1, START)
        self.state: State | None = None

    def round(self, *told: Told, trusted: tuple[str, ...] = ()) -> str:
        """What it shouts when it looks again after these, "" when all is well."""
        self.hours += 1
        at = START + timedelta(hours=self.hours)
        for one in told:
            record = Record(one.type, stamp(at), "ocds-1", "nobody", "", dict(one.fact))
            self.log.records.append(canonical(record))
        bounds = Bounds(timedelta(minutes=5), timedelta(days=9))
        try:
            self.state = Follower(self.log.fetch, LOG.verifier, bounds, keyholders=trusted).round(self.state, at).state
        except Broken as wrong:
            return str(wrong)
        return ""


def test_a_monitor_reads_the_keyholders_word_as_the_log_grows() -> None:
    watching = Watching()
    assert not watching.round(old(0), key(0))
    assert not watching.round(published(0, OPENS, word(OPENS)))
    assert not watching.round(extended(0, LATER, word(LATER)), key(0))
    assert "entry 6: " in watching.round(extended(0, LATER + timedelta(days=1), word(LATER)))


@pytest.mark.parametrize(
    "told",
    [
        published(0, OPENS, word(OPENS - timedelta(seconds=1))),
        published(0, OPENS, word(OPENS, by=FALSE)),
        published(0, OPENS),
        extended(0, OPENS),
        extended(0, OPENS, word(OPENS, tender="2026-0001")),
    ],
)
def test_a_monitor_names_an_opening_time_that_is_not_the_keyholders_word(told: Told) -> None:
    watching = Watching()
    assert not watching.round(key(0))
    assert watching.round(told).startswith("entry 2: ")


def test_a_monitor_tells_of_a_second_key_until_it_is_known_from_the_operator() -> None:
    watching, both = Watching(), (str(HONEST.verifier), str(FALSE.verifier))
    assert not watching.round(key(0))
    assert "entry 2 names another key of the keyholder: keyholder+" in watching.round(key(0, FALSE))
    assert "entry 2 names another key" in watching.round(), "again, each time"
    assert not watching.round(published(0, OPENS, word(OPENS, by=FALSE)), trusted=both)
    assert "than its operator does" in watching.round(trusted=both[:1])


def test_a_monitor_that_kept_its_state_before_reads_the_log_once_more() -> None:
    watching = Watching()
    assert not watching.round(key(0))
    assert watching.state
    watching.state = State(watching.state.checkpoint, watching.state.seen_at, watching.state.changed_at)
    assert watching.round(published(0, OPENS)).startswith("entry 2: ")
