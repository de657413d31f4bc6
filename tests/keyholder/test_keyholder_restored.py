"""A keyholder's store that came back from an older copy releases nothing until its staff confirmed the times."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from keyholding import OPENING, OPENS_AT, ORIGIN, Office, closing_record, ended_record
from pyrage import x25519

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import digest
from procurement.keyholder import backup, main, rules
from procurement.keyholder import protocol as say
from procurement.keyholder.restored import NotConfirmed
from procurement.keyholder.service import Keyholder
from procurement.keyholder.store import Store

KEYS = x25519.Identity.generate()
LATER = OPENS_AT + timedelta(days=30)


class Rolled:
    """A keyholder that postponed an opening after its last copy: `before` is the copy's word, then it is restored."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.folder, self.copies = office, folder, backup.place(str(folder / "apart"))
        _, self.envelope = office.sealed()
        self.evidence = office.ledger.evidence(closing_record([digest(self.envelope)]))
        self.leaf = rules.leaf_of(self.evidence)
        backup.back_up(office.folder, self.copies, KEYS.to_public())
        office.keyholder.postpone(OPENING, LATER)

    def restore(self) -> Keyholder:
        """The copy, in another folder."""
        backup.restore(self.copies, "", KEYS, self.folder / "again")
        return self.use(Store(self.folder / "again", sandbox=False))

    def use(self, store: Store) -> Keyholder:
        self.office.store.close()
        self.office.store, self.office.folder = store, self.folder / "again"
        self.office.keyholder = Keyholder(store, self.office.clock)
        return self.office.keyholder

    def open(self) -> str:
        """Two officers ask for the opening at its first time; the refusal's code, "" when it is granted."""
        self.office.clock.at = max(self.office.clock.at, OPENS_AT)
        try:
            for person in ("marsh", "okafor"):
                self.office.wants(person, self.leaf)
            self.office.release(self.evidence, [digest(self.envelope)])
        except Refused as no:
            return no.code
        return ""


@pytest.fixture
def rolled(office: Office, tmp_path: Path) -> Iterator[Rolled]:
    yield Rolled(office, tmp_path)


def test_before_the_loss_the_later_time_counts(rolled: Rolled) -> None:
    assert rolled.open() == "too-early"


def test_a_restored_store_opens_nothing_at_the_time_that_it_remembers(rolled: Rolled) -> None:
    keyholder = rolled.restore()
    assert keyholder.answer(say.Time()).restored  # type: ignore[attr-defined]  # Clocks
    assert rolled.open() == "keyholder-restored"
    with pytest.raises(Refused, match="staff first has to confirm"):
        rolled.office.release(rolled.evidence, [digest(rolled.envelope)])


def test_told_of_the_later_time_and_confirmed_it_opens_then_and_not_before(rolled: Rolled) -> None:
    keyholder = rolled.restore()
    keyholder.postpone(OPENING, LATER)
    lines = keyholder.restored.awaited()
    assert lines == ["2026-0418 single 1 stays closed until 2026-12-30T21:00:00.000000+00:00"]
    keyholder.restored.confirm(keyholder.restored.word(lines))
    assert rolled.open() == "too-early"
    rolled.office.clock.at = LATER
    assert rolled.open() == ""


def test_a_word_confirms_what_was_read_and_nothing_else(rolled: Rolled) -> None:
    keyholder = rolled.restore()
    word = keyholder.restored.word(keyholder.restored.awaited())
    keyholder.postpone(OPENING, LATER)
    with pytest.raises(NotConfirmed, match="no longer"):
        keyholder.restored.confirm(word)
    assert rolled.open() == "too-early" and keyholder.restored.waits()


def test_a_store_that_was_put_back_behind_its_back_is_noticed_by_whoever_remembers_more(rolled: Rolled) -> None:
    known = rolled.office.keyholder.restored.stand(say.Standing())
    older = rolled.restore()
    older.restored.confirm(older.restored.word(older.restored.awaited()))  # as a copy by hand, which nothing marks
    assert not older.restored.waits()
    for n in range(3):  # as many entries as were lost, and more, do not hide it
        older.persons.enrol(f"newcomer {n}")
    repeated = say.Standing(number=known.number, mark=known.mark, signature=known.signature)
    stands = older.answer(repeated)
    assert isinstance(stands, say.Stands) and stands.restored
    assert rolled.open() == "keyholder-restored"
    again = older.restored.stand(repeated)
    assert again == stands, "told again, it changes nothing"


def test_who_remembers_what_is_there_or_nothing_changes_nothing(office: Office) -> None:
    stand = office.keyholder.restored.stand
    known = stand(say.Standing())
    row = office.store.one("SELECT * FROM journal WHERE id = ?", known.number)
    assert row and known.mark == hashlib.sha256("\n".join(map(str, row)).encode()).hexdigest()
    office.sealed()
    newer = stand(say.Standing(number=known.number, mark=known.mark, signature=known.signature))
    assert newer.number > known.number and not newer.restored


def test_a_grant_of_before_the_copy_is_still_used(office: Office, tmp_path: Path) -> None:
    copies = backup.place(str(tmp_path / "apart"))
    _, envelope = office.sealed()
    evidence = office.ledger.evidence(closing_record([digest(envelope)]))
    office.clock.at = OPENS_AT
    for person in ("marsh", "okafor"):
        office.wants(person, rules.leaf_of(evidence))
    granted = office.release(evidence, [digest(envelope)])
    backup.back_up(office.folder, copies, KEYS.to_public())
    backup.restore(copies, "", KEYS, tmp_path / "again")
    store = Store(tmp_path / "again", sandbox=False)
    again = Keyholder(store, office.clock)
    assert again.restored.waits() and again.restored.awaited() == []
    assert again.release(say.Release(opening=OPENING, evidence=evidence, digests=(digest(envelope),))) == granted
    assert again.unlock(granted.leaf, envelope).identity
    store.close()


def test_a_destroyed_key_that_the_copy_brought_back_is_destroyed_again_at_the_terminal(rolled: Rolled) -> None:
    keyholder = rolled.restore()
    with pytest.raises(NotConfirmed, match="no key"):
        keyholder.restored.end("2026-0001")
    keyholder.restored.end(OPENING.tender)
    for ask in (lambda: keyholder.identity(OPENING, OPENS_AT), lambda: keyholder.postpone(OPENING, LATER)):
        with pytest.raises(Refused) as no:
            ask()
        assert no.value.code in ("identity-destroyed", "opening-unknown")
    keyholder.restored.confirm(keyholder.restored.word([]))
    with pytest.raises(NotConfirmed, match="Only in a restored store"):
        keyholder.restored.end(OPENING.tender)
    ended = rolled.office.ledger.evidence(ended_record("SealKeysEnded", OPENS_AT))
    assert keyholder.destroy(OPENING, ended), "the service is told that it is gone"


def test_its_own_terminal_shows_the_times_and_takes_the_word(
    rolled: Rolled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rolled.restore()
    monkeypatch.setenv("KEYHOLDER_STORE", str(rolled.folder / "again"))
    main(["--restored"])
    shown = capsys.readouterr().out
    assert "2026-0418 single 1 stays closed until 2026-11-30T21:00" in shown
    with pytest.raises(SystemExit, match="no longer"):
        main(["--restored", "0" * 12])
    main(["--restored", shown.split()[-1]])
    main(["--restored"])
    assert "waits for nothing" in capsys.readouterr().out
    assert rolled.open() == ""


@pytest.mark.parametrize("ask", ["identity", "postpone"])
def test_nobody_binds_an_opening_farther_ahead_than_two_years(office: Office, ask: str) -> None:
    office.sealed()
    opening = say.Opening("2026-0999") if ask == "identity" else OPENING
    farthest = office.clock() + rules.FARTHEST
    with pytest.raises(Refused) as no:
        getattr(office.keyholder, ask)(opening, farthest + timedelta(microseconds=1))
    assert (no.value.code, no.value.status) == ("opening-time-too-far", 422)
    if ask == "identity":
        assert office.store.one("SELECT 1 FROM identity WHERE tender = '2026-0999'") is None
    assert getattr(office.keyholder, ask)(opening, farthest).not_before == farthest
    office.clock.move(-3600)
    assert getattr(office.keyholder, ask)(opening, farthest).not_before == farthest, "the same again is no question"


def test_the_ledger_that_a_restored_store_believes_is_the_copys(rolled: Rolled) -> None:
    keyholder = rolled.restore()
    keyholder.installed.pin(str(rolled.office.ledger.key.verifier), ORIGIN)
