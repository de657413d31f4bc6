"""A tender file that says anything else than the public record is refused before anything is sealed."""

import hashlib

import msgspec
import pytest
from offline_tender import LOG, NOON, TENDER, Call, fingerprint

from procurement.client.offline import Cannot
from procurement.client.offline.proving import prove
from procurement.client.offline.tender_file import Evidence, Proven, TenderFile
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.entry import entry_hash, record_bytes
from procurement.kernel.merkle import leaf_hash


def spoiled(**changes: object) -> TenderFile:
    return Call("S2", 2, 3).file(**changes)


def without(*types: str) -> TenderFile:
    """What the record would say without facts of these types."""
    call = Call("S2", 2, 3)
    call.facts = [fact for fact in call.facts if fact[0] not in types]
    return call.file()


def other_holder() -> TenderFile:
    """The roster as a service with a key of its own would give it: signed by all whom it names."""
    call, theirs = Call("S2", 2, 3), Call("S2", 2, 3)
    call.roster, call.keys = theirs.roster, theirs.keys
    return call.file()


def other_key() -> TenderFile:
    """Frozen as given, but one key is not the one that was enrolled."""
    call = Call("S2", 2, 3)
    call.facts = [(type_, fact | ({"age": "age1other"} if fact.get("holder") == "holder-2" and "age" in fact else {}))
                  for type_, fact in call.facts]  # fmt: skip
    return call.file()


def beside_a_true_fingerprint() -> TenderFile:
    """Keys of the service's own, signed by all, each recorded beside the fingerprint that was truly confirmed."""
    call, theirs = Call("S2", 2, 3), Call("S2", 2, 3)
    assert call.roster
    true = {one.id: fingerprint(one) for one in call.roster.holders}
    theirs.facts = [(type_, fact | ({"fingerprint": true[fact["holder"]]} if "fingerprint" in fact else {}))
                    for type_, fact in theirs.facts]  # fmt: skip
    return theirs.file()


def added(type_: str, holder: str, last: bool = False) -> TenderFile:
    """One more fact of a holder, before the roster is frozen or as the last one."""
    call = Call("S2", 2, 3)
    fact = next(fact for kind, fact in call.facts if kind == "KeyHolderEnrolled" and fact["holder"] == holder)
    call.facts.insert(len(call.facts) if last else -1, (type_, {**fact, "age": "age1other"}))
    return call.file()


def late() -> TenderFile:
    """Confirmed when the roster was frozen already."""
    call = Call("S2", 2, 3)
    call.facts.sort(key=lambda one: one[0] == "KeyHolderConfirmed")
    return call.file()


def reordered() -> TenderFile:
    file = spoiled()
    entries = (*file.evidence.entries[1:], file.evidence.entries[0])
    return msgspec.structs.replace(file, evidence=msgspec.structs.replace(file.evidence, entries=entries))


def unsigned() -> TenderFile:
    call = Call("S2", 2, 3)
    return call.file(signatures=dict(list(call.signatures().items())[:2]))


def cut(file: TenderFile) -> TenderFile:
    """An entry altered after it was proven."""
    first, *rest = file.evidence.entries
    altered = msgspec.structs.replace(first, record=first.record.replace("keyholder", "keyh0lder"))
    return msgspec.structs.replace(file, evidence=msgspec.structs.replace(file.evidence, entries=(altered, *rest)))


@pytest.mark.parametrize("file, words", [
    (spoiled(recipient=Call().recipient), "not the one that was published"),
    (spoiled(level="S3"), "not the one that was published"),
    (spoiled(revision="0" * 64), "another revision"),
    (spoiled(roster=""), "name the key holders"),
    (without("TenderPublished"), "no publication"),
    (without("RosterFrozen"), "not those in the record"),
    (without("KeyHolderConfirmed"), "not confirmed by a second person"),
    (other_holder(), "not those in the record"),
    (other_key(), "Office 2 is not the one in the record"),
    (beside_a_true_fingerprint(), "Office 1 was not confirmed by a second person"),
    (added("KeyHolderEnrolled", "holder-2"), "Office 2 is not the one in the record"),
    (added("KeyHolderEnrolled", "holder-2", last=True), "Office 2 is not the one in the record"),
    (added("KeyHolderEnded", "holder-3"), "Office 3 had ended"),
    (late(), "Office 1 was not confirmed by a second person"),
    (reordered(), "not in the order of the log"),
    (unsigned(), "has not signed the roster"),
    (cut(spoiled()), "does not stand in the signed log"),
    (spoiled(evidence=Call("S2", 2, 3).evidence(SignerKey(LOG.verifier.name, b"x" * 32))), "not signed by the log"),
])  # fmt: skip
def test_a_tender_file_that_is_not_what_the_record_says_is_refused(file: TenderFile, words: str) -> None:
    with pytest.raises(Cannot, match=words):
        prove(file, str(LOG.verifier))


def test_a_key_that_ended_after_the_publication_is_no_fault() -> None:
    assert prove(added("KeyHolderEnded", "holder-3", last=True), str(LOG.verifier))


def hidden(*types: str, repeating: str = "") -> TenderFile:
    """A file of which facts of these types stand in hidden entries; those of type `repeating` are repeated in an open
    one, which names the entry of the others."""
    call = Call("S2", 2, 3)
    shown = []
    for type_, fact in call.facts:
        record = record_bytes(type_, NOON, "", "", "", fact)
        salt = hashlib.sha256(record).digest()
        if type_ in types:
            told = record.decode() if type_ == repeating else "{}"
            shown.append({"entry": entry_hash(salt, record).hex(), "salt": salt.hex(), "record": told})
    call.facts.append(("RecordsRepeated", {"records": shown if repeating else []}))
    return call.file(evidence=call.evidence(hidden=types))


@pytest.mark.parametrize("type_", ["TenderPublished", "RosterFrozen", "KeyHolderEnrolled", "KeyHolderConfirmed"])
def test_what_nobody_else_may_be_able_to_read_does_not_count(type_: str) -> None:
    """The log's key signed it, and it says what the file says."""
    with pytest.raises(Cannot, match="is hidden in the record"):
        prove(hidden(type_), str(LOG.verifier))
    with pytest.raises(Cannot, match="is hidden in the record"):
        prove(hidden(type_, "OrganisationRegistered", repeating="OrganisationRegistered"), str(LOG.verifier))
    assert prove(hidden(type_, repeating=type_), str(LOG.verifier))


def test_a_repetition_that_is_hidden_itself_does_not_count() -> None:
    with pytest.raises(Cannot, match="is hidden in the record"):
        prove(hidden("TenderPublished", "RecordsRepeated", repeating="TenderPublished"), str(LOG.verifier))


def test_a_hidden_entry_that_is_called_open_does_not_stand_in_the_log() -> None:
    file = hidden("TenderPublished")
    entries = tuple(msgspec.structs.replace(one, open=True) for one in file.evidence.entries)
    evidence = msgspec.structs.replace(file.evidence, entries=entries)
    with pytest.raises(Cannot, match="Entry 1 in this file does not stand in the signed log"):
        prove(msgspec.structs.replace(file, evidence=evidence), str(LOG.verifier))


def test_a_record_in_another_spelling_is_refused() -> None:
    """It is in the log as it stands here; which of its two types was meant, every reader could say differently."""
    record = b'{"type":"Other",' + record_bytes("TenderPublished", NOON, "", "", "", {"tender": TENDER})[1:]
    leaf = leaf_hash(entry_hash(bytes(32), record))
    note = LOG.sign(Checkpoint(LOG.verifier.name, 1, leaf).text())
    proven = Proven(0, bytes(32).hex(), record.decode(), ())
    with pytest.raises(Cannot, match="Entry 0 in this file is malformed"):
        prove(spoiled(evidence=Evidence(str(LOG.verifier), note, (proven,))), str(LOG.verifier))
