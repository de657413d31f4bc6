"""An identity is destroyed, for ever, when its tender is over and the record has said so for thirty days."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from keyholding import OPENING, OPENS_AT, Ledger, Office, closing_record, ended_record

from procurement.kernel.entry import record_bytes
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import digest
from procurement.keyholder import protocol as say
from procurement.keyholder import rules
from procurement.keyholder.store import Store

OVER = OPENS_AT + timedelta(days=90)


@pytest.fixture
def opened(office: Office) -> bytes:
    """An envelope of a tender that was opened."""
    _, envelope = office.sealed()
    office.clock.at = OPENS_AT
    evidence = office.ledger.evidence(closing_record([digest(envelope)]))
    for person in ("marsh", "okafor"):
        office.wants(person, rules.leaf_of(evidence))
    office.release(evidence, [digest(envelope)])
    first_shown(office, "SealKeysEnded")
    return envelope


def first_shown(office: Office, type_: str) -> None:
    """The keyholder was shown the end when it came, thirty days ago."""
    office.clock.at = OVER
    assert refused(office, ended(office, type_)) == "ending-too-young"
    office.clock.at = OVER + rules.ENDING_STANDS


def ended(office: Office, type_: str = "SealKeysEnded", tender: str = OPENING.tender) -> say.Evidence:
    return office.ledger.evidence(ended_record(type_, OVER, tender))


def refused(office: Office, evidence: say.Evidence, opening: say.Opening = OPENING) -> str:
    with pytest.raises(Refused) as no:
        office.keyholder.destroy(opening, evidence)
    return no.value.code


def test_the_identity_is_gone_from_the_store_and_never_made_again(office: Office, opened: bytes) -> None:
    held = office.store.one("SELECT identity FROM identity")
    assert held
    at = office.keyholder.destroy(OPENING, ended(office)).at
    assert held["identity"].encode() not in (office.folder / "keyholder.sqlite").read_bytes()
    assert office.store.one("SELECT 1 FROM journal WHERE event = 'destroyed'")
    office.clock.move(86400)
    assert office.keyholder.destroy(OPENING, ended(office)).at == at
    with pytest.raises(Refused) as no:
        office.keyholder.identity(OPENING, OPENS_AT)
    assert no.value.code == "identity-destroyed"
    leaf = rules.leaf_of(office.ledger.evidence(closing_record([digest(opened)])))
    with pytest.raises(Refused) as no:
        office.keyholder.unlock(leaf, opened)
    assert no.value.code == "opening-unknown"


def test_a_second_before_thirty_days_it_stays(office: Office, opened: bytes) -> None:
    office.clock.move(-1)
    assert refused(office, ended(office)) == "ending-too-young"


def test_an_end_with_a_date_of_long_ago_stands_from_when_it_was_shown(office: Office) -> None:
    office.sealed()
    office.clock.at = OVER + rules.ENDING_STANDS
    backdated = ended(office, "TenderCancelled")
    assert refused(office, backdated) == "ending-too-young"
    office.clock.at += rules.ENDING_STANDS - timedelta(seconds=1)
    assert refused(office, backdated) == "ending-too-young"
    office.clock.move(1)
    assert office.keyholder.destroy(OPENING, backdated)


def test_the_cancellation_of_a_tender_that_was_opened_destroys_nothing(office: Office, opened: bytes) -> None:
    assert refused(office, ended(office, "TenderCancelled")) == "ending-differs"


def test_of_a_tender_that_was_never_opened_only_its_cancellation_destroys(office: Office) -> None:
    office.sealed()
    first_shown(office, "TenderCancelled")
    assert refused(office, ended(office)) == "ending-differs"
    assert office.keyholder.destroy(OPENING, ended(office, "TenderCancelled"))


def test_the_end_of_another_tender_and_what_is_no_end_destroy_nothing(office: Office, opened: bytes) -> None:
    assert refused(office, ended(office, tender="2026-0001")) == "ending-differs"
    assert refused(office, office.ledger.evidence(b"[]")) == "ending-differs"
    twofold = '{"type":"Other",' + ended(office).record[1:]
    assert refused(office, office.ledger.evidence(twofold.encode())) == "ending-differs"
    assert refused(office, ended(office), say.Opening("2026-0001")) == "opening-unknown"


def test_an_end_that_nobody_else_may_have_seen_destroys_nothing(office: Office, opened: bytes) -> None:
    """It stands in the pinned ledger; but for thirty days nobody could have objected."""
    record = ended_record("SealKeysEnded", OVER)
    assert refused(office, office.ledger.evidence(record, at_once=False)) == "evidence-hidden"
    called_open = msgspec.structs.replace(office.ledger.evidence(record, at_once=False), open=True)
    assert refused(office, called_open) == "closing-unproven"


def test_an_end_from_before_there_were_open_entries_counts_by_its_repetition(office: Office, opened: bytes) -> None:
    items = [{"entry": "", "salt": "", "record": ended_record("SealKeysEnded", OVER, tender).decode()}
             for tender in ("2026-0001", OPENING.tender)]  # fmt: skip
    other, both = (
        office.ledger.evidence(record_bytes("RecordsRepeated", OVER, "", "", "", {"records": items[:count]}))
        for count in (1, 2)
    )
    assert refused(office, other) == "ending-differs"
    assert refused(office, both) == "ending-too-young", "it is shown this entry for the first time"
    office.clock.at += rules.ENDING_STANDS
    assert office.keyholder.destroy(OPENING, both)


def test_an_end_that_the_pinned_ledger_does_not_hold_destroys_nothing(office: Office, opened: bytes) -> None:
    forged = Ledger(b"x" * 32).evidence(ended_record("SealKeysEnded", OVER))
    assert refused(office, forged) == "closing-unproven"


def test_a_store_made_before_there_were_witnesses_and_endings_goes_on(tmp_path: Path) -> None:
    old = Store(tmp_path / "old", sandbox=False)
    old.run(
        "INSERT INTO identity VALUES ('2026-0001', '', 'single', 1, 'AGE-SECRET-KEY-1', '2026-11-30T21:00:00+00:00')"
    )
    old.close()
    plain = sqlite3.connect(tmp_path / "old/keyholder.sqlite")
    for table in ("witness", "destroyed", "ending"):
        plain.execute(f"DROP TABLE {table}")
    plain.close()
    again = Store(tmp_path / "old", sandbox=False)
    assert again.one("SELECT 1 FROM identity") and again.all("SELECT * FROM witness") == []
    assert again.all("SELECT * FROM destroyed") == []
    again.close()
