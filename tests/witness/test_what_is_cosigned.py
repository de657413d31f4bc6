"""add-checkpoint answers as C2SP tlog-witness says, and never cosigns what does not continue a log."""

import base64
import hashlib
from pathlib import Path

import pytest

from procurement.kernel import merkle
from procurement.kernel.checkpoint import BadNote, Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey, cosigned
from procurement.witness.rules import Rejected, watched
from procurement.witness.service import Witness, cosigner
from procurement.witness.store import Store

LOG, OTHER = SignerKey("record.example", bytes(32)), SignerKey("other.example", bytes(32))
KEY = CosignerKey("witness.example/w1", bytes([1]) * 32)
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(20)]
FORKED = [*LEAVES[:4], *LEAVES[:16]]


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(Store(tmp_path), KEY, {LOG.verifier.name: LOG.verifier})


def note(size: int, leaves: list[bytes] = LEAVES, key: SignerKey = LOG) -> str:
    return key.sign(Checkpoint(key.verifier.name, size, merkle.root(leaves[:size])).text())


def request(old: int, size: int, leaves: list[bytes] = LEAVES, key: SignerKey = LOG) -> bytes:
    path = merkle.consistency_proof(old, size, merkle.of_leaves(leaves)) if 0 < old <= size else []
    lines = [base64.b64encode(step).decode() for step in path]
    return "\n".join([f"old {old}", *lines, "", note(size, leaves, key)]).encode()


def refused(witness: Witness, body: bytes) -> tuple[int, str]:
    with pytest.raises(Rejected) as no:
        witness.add_checkpoint(body)
    return no.value.status, no.value.body


def test_a_log_is_cosigned_as_it_grows_and_served_to_monitors(witness: Witness) -> None:
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 20)):
        line = witness.add_checkpoint(request(old, size))
        assert cosigned(note(size) + line, KEY.verifier)
    served = witness.checkpoint(hashlib.sha256(b"record.example").hexdigest())
    assert served == note(20) + line


def test_only_signatures_of_the_log_and_of_the_witness_are_served(witness: Witness) -> None:
    foreign = OTHER.sign("x\n").split("\n\n")[1]
    witness.add_checkpoint(request(0, 3) + foreign.encode())
    assert "other.example" not in witness.checkpoint(hashlib.sha256(b"record.example").hexdigest())


def test_another_old_size_is_answered_with_the_size_that_was_cosigned(witness: Witness) -> None:
    assert refused(witness, request(2, 3)) == (409, "0\n")
    witness.add_checkpoint(request(0, 8))
    assert refused(witness, request(0, 12)) == (409, "8\n")
    assert refused(witness, request(3, 12)) == (409, "8\n")


def test_shrinking_is_refused(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8))
    assert refused(witness, request(5, 5)) == (409, "8\n")
    shrunk = f"old 8\n\n{note(5)}".encode()
    assert refused(witness, shrunk)[0] == 400


@pytest.mark.parametrize(("size", "convicts"), [(8, True), (12, False)])
def test_a_fork_is_refused_and_kept(witness: Witness, size: int, convicts: bool) -> None:
    witness.add_checkpoint(request(0, 8))
    fork = request(8, size, FORKED)
    for _ in range(2):
        assert refused(witness, fork)[0] == 422
        kept = witness.store.evidence("record.example"), witness.store.unproven("record.example")
        assert kept == (([fork], []) if convicts else ([], [fork]))
    witness.add_checkpoint(request(8, 12))  # the true one is cosigned still


def test_a_wrong_proof_under_a_true_checkpoint_convicts_nobody(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8))
    wrong = base64.b64encode(bytes(32)).decode()
    for body in (f"old 8\n\n{note(12)}", f"old 8\n{wrong}\n\n{note(12)}", f"old 8\n{wrong}\n\n{note(8)}"):
        assert refused(witness, body.encode())[0] == 422
    assert witness.store.evidence("record.example") == []


def test_of_checkpoints_without_a_proof_the_newest_are_kept(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procurement.witness.store.NEWEST", 3)
    witness.add_checkpoint(request(0, 8))
    sent = [f"old 8\n\n{note(size)}".encode() for size in range(9, 15)]
    for body in sent:
        refused(witness, body)
    assert witness.store.unproven("record.example") == sent[-3:]


def test_a_proof_from_the_empty_tree_is_refused(witness: Witness) -> None:
    body = b"old 0\n" + base64.b64encode(bytes(32)) + b"\n\n" + note(3).encode()
    assert refused(witness, body)[0] == 422


def test_an_empty_tree_has_the_root_of_nothing(witness: Witness) -> None:
    text = Checkpoint("record.example", 0, bytes(32)).text()
    assert refused(witness, f"old 0\n\n{LOG.sign(text)}".encode())[0] == 422
    assert witness.add_checkpoint(request(0, 0)) and witness.add_checkpoint(request(0, 3))


def test_unknown_logs_and_foreign_keys_are_told_apart(witness: Witness) -> None:
    assert refused(witness, request(0, 3, key=OTHER))[0] == 404
    impostor = SignerKey("record.example", bytes(31) + b"\x01")
    assert refused(witness, request(0, 3, key=impostor))[0] == 403
    altered = request(0, 3).replace(b"\n3\n", b"\n4\n")
    assert refused(witness, altered)[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + note(3).encode(),
        b"old -1\n\n" + note(3).encode(),
        b"old 0\nnot base64\n\n" + note(3).encode(),
        b"old 0\nAAAA\n\n" + note(3).encode(),
        b"old 0\n" + b"\n".join([base64.b64encode(bytes(32))] * 64) + b"\n\n" + note(3).encode(),
        b"old 0\n\nno note",
        b"\xff\xfe",
    ],
)
def test_what_is_no_request_is_refused(witness: Witness, body: bytes) -> None:
    assert refused(witness, body)[0] == 400


def test_two_keys_for_one_log_are_a_mistake_of_whoever_starts_the_witness() -> None:
    mine, impostor = str(LOG.verifier), str(SignerKey("record.example", bytes(31) + b"\x01").verifier)
    assert watched([mine, mine, str(OTHER.verifier)]).keys() == {"record.example", "other.example"}
    with pytest.raises(BadNote, match="two keys"):
        watched([mine, impostor])


def test_a_witness_has_a_name_that_can_stand_under_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(BadNote):
        cosigner(tmp_path, "our witness")


def test_a_witness_that_starts_again_remembers(tmp_path: Path) -> None:
    first = Witness(Store(tmp_path), KEY, {LOG.verifier.name: LOG.verifier})
    first.add_checkpoint(request(0, 8))
    first.store.close()
    again = Witness(Store(tmp_path), KEY, {LOG.verifier.name: LOG.verifier})
    assert refused(again, request(0, 8, FORKED)) == (409, "8\n")


def test_a_log_never_seen_has_no_checkpoint(witness: Witness) -> None:
    for origin in (b"record.example", b"other.example"):
        with pytest.raises(Rejected) as no:
            witness.checkpoint(hashlib.sha256(origin).hexdigest())
        assert no.value.status == 404
