"""The keyholder signs what it is bound to, and how far its store has come; a code counts for one opening alone."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from keyholding import OPENING, OPENS_AT, Office, closing_record
from pyrage import x25519

from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import digest
from procurement.kernel.sealing.opening_key import SignedOpeningKey, is_by, must_be_bound, opening_key
from procurement.keyholder import backup, main, rules
from procurement.keyholder import protocol as say
from procurement.keyholder.backup import STORE
from procurement.keyholder.server import answer_line
from procurement.keyholder.service import Keyholder
from procurement.keyholder.signing import Signing
from procurement.keyholder.store import Store

LATER = OPENS_AT + timedelta(days=30)
EARLIER_RELEASE = ("DROP TABLE signing", "ALTER TABLE code DROP COLUMN opening")


def key_of(keyholder: Keyholder) -> VerifierKey:
    clocks = keyholder.answer(say.Time())
    assert isinstance(clocks, say.Clocks)
    return VerifierKey.parse(clocks.key)


def said(bound: say.Bound, opening: say.Opening = OPENING) -> SignedOpeningKey:
    statement = opening_key(opening, bound.recipient, bound.not_before)
    return SignedOpeningKey(statement=statement, signature=bound.signature)


def code_of(ask: object) -> str:
    with pytest.raises(Refused) as no:
        ask()  # type: ignore[operator]  # a lambda of the test
    return no.value.code


def test_it_signs_the_key_and_the_time_that_an_opening_is_bound_to(office: Office) -> None:
    key = key_of(office.keyholder)
    first, later = office.keyholder.identity(OPENING, OPENS_AT), office.keyholder.postpone(OPENING, LATER)
    for bound, opens in ((first, OPENS_AT), (later, LATER)):
        must_be_bound([said(bound)], key, OPENING.tender, {"single": bound.recipient}, opens)
    assert first.recipient == later.recipient and first.signature != later.signature
    assert code_of(
        lambda: must_be_bound([said(first)], key, OPENING.tender, {"single": first.recipient}, LATER)
    ) == "opening-key-wrong", "the word of before an extension does not cover the later time"  # fmt: skip


def test_a_key_bound_to_a_nearer_time_never_has_a_word_for_the_published_one(office: Office) -> None:
    """The service publishes the 30th and has the key made for yesterday: what it can carry says yesterday."""
    near = office.clock() + timedelta(days=1)
    bound = office.keyholder.identity(OPENING, near)
    key, recipients = key_of(office.keyholder), {"single": bound.recipient}
    assert code_of(lambda: must_be_bound([said(bound)], key, OPENING.tender, recipients, OPENS_AT)) == (
        "opening-key-wrong"
    )
    dated = msgspec.structs.replace(bound, not_before=OPENS_AT)
    assert not is_by(said(dated), key)


def test_its_key_stays_that_of_its_store_and_of_the_stores_copy(office: Office, tmp_path: Path) -> None:
    keys, copies = x25519.Identity.generate(), backup.place(str(tmp_path / "apart"))
    backup.back_up(office.folder, copies, keys.to_public())
    backup.restore(copies, "", keys, tmp_path / "again")
    for folder in (office.folder, tmp_path / "again"):
        store = Store(folder, sandbox=False)
        assert Signing(store).key.verifier == key_of(office.keyholder)
        store.close()
    fresh = Store(tmp_path / "other", sandbox=False)
    assert Signing(fresh).key.verifier.key != key_of(office.keyholder).key
    fresh.close()


def test_it_prints_its_key_at_its_own_terminal(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEYHOLDER_STORE", str(office.folder))
    main(["--key"])
    assert capsys.readouterr().out.strip() == str(key_of(office.keyholder))


def test_a_practice_keyholder_says_so_in_the_name_of_its_key(tmp_path: Path) -> None:
    store = Store(tmp_path, sandbox=True)
    assert Signing(store).key.verifier.name == "keyholder/sandbox-practice"
    store.close()


def test_a_store_of_an_earlier_release_is_given_a_key_when_it_is_opened(office: Office) -> None:
    _, envelope = office.sealed()
    evidence = office.ledger.evidence(closing_record([digest(envelope)]))
    office.clock.at = OPENS_AT
    office.wants("marsh", rules.leaf_of(evidence))
    office.store.close()
    with sqlite3.connect(office.folder / STORE) as old:
        for statement in EARLIER_RELEASE:
            old.execute(statement)
    old.close()
    office.store = Store(office.folder, sandbox=False)
    office.keyholder = Keyholder(office.store, office.clock)
    assert office.keyholder.identity(OPENING, OPENS_AT).signature and not office.keyholder.restored.waits()
    assert office.store.one("SELECT 1 FROM journal WHERE event = 'signing key'")
    office.wants("okafor", rules.leaf_of(evidence))
    assert code_of(lambda: office.release(evidence, [digest(envelope)])) == "two-persons-needed", "asked once more"
    assert code_of(lambda: office.wants("marsh", rules.leaf_of(evidence))) == "code-used"
    office.clock.move(60)
    office.wants("marsh", rules.leaf_of(evidence))
    assert office.release(evidence, [digest(envelope)]).leaf == rules.leaf_of(evidence)


@pytest.mark.parametrize(
    "line",
    [
        b'{"do":"standing","number":9,"mark":"' + b"0" * 64 + b'"}',
        b'{"do":"standing","number":9,"mark":"' + b"0" * 64 + b'","signature":"AAAA"}',
        b'{"do":"standing","number":9,"mark":"","signature":"not base64"}',
    ],
)
def test_a_mark_that_it_never_gave_halts_nothing(office: Office, line: bytes) -> None:
    answer = msgspec.json.decode(answer_line(office.keyholder, line))
    assert answer["refused"]["code"] == "standing-unsigned"
    assert not office.keyholder.restored.waits()


def test_a_true_mark_under_another_number_or_of_another_keyholder_halts_nothing(office: Office, tmp_path: Path) -> None:
    stands = office.keyholder.restored.stand
    known = stands(say.Standing())
    other = Office(tmp_path / "other")
    other.enrol("marsh", "okafor", "olafsen", "rhys", "adler")
    theirs = other.keyholder.restored.stand(say.Standing())
    for number, mark, signature in (
        (known.number + 1, known.mark, known.signature),
        (known.number, "0" * 64, known.signature),
        (theirs.number, theirs.mark, theirs.signature),
    ):
        told = say.Standing(number=number, mark=mark, signature=signature)
        assert code_of(lambda told=told: stands(told)) == "standing-unsigned"
    assert not office.keyholder.restored.waits()
    other.store.close()


def test_a_code_that_was_given_for_another_opening_counts_for_none_but_that(office: Office) -> None:
    """Both openings are due. The codes name the leaf of one tender's closing, and were given under another tender."""
    other = say.Opening("2026-0001")
    office.keyholder.identity(other, office.clock() + timedelta(days=1))
    _, envelope = office.sealed()
    evidence = office.ledger.evidence(closing_record([digest(envelope)]))
    leaf = rules.leaf_of(evidence)
    office.clock.at = OPENS_AT
    for person in ("marsh", "okafor"):
        assert person in office.wants(person, leaf, opening=other).persons
    assert code_of(lambda: office.release(evidence, [digest(envelope)])) == "two-persons-needed"
    assert code_of(lambda: office.wants("marsh", leaf)) == "code-used"
    office.clock.move(60)
    assert office.wants("marsh", leaf).persons == ("marsh",)
    assert office.wants("okafor", leaf).persons == ("marsh", "okafor")
    assert office.release(evidence, [digest(envelope)]).leaf == leaf
