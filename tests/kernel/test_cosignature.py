"""Cosignatures of witnesses and tlog-proof files: what was signed and stands there opens, nothing else does."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from witnessed import NEAR as ASKED
from witnessed import cases, keys

from procurement.kernel import merkle
from procurement.kernel.checkpoint import BadNote, Checkpoint, SignerKey, VerifierKey, open_note, split_note
from procurement.kernel.cosignature import CosignerKey, Quorum, WitnessKey, cosignatures, cosigned
from procurement.kernel.logproof import LogProof
from procurement.kernel.refusal import Refused

KEY = SignerKey("record.example", bytes(32))
NEAR, FAR = CosignerKey("witness.example/w1", bytes([1]) * 32), CosignerKey("witness.example/w2", bytes([2]) * 32)
AT = datetime(2023, 3, 17, 12, 25, 47, tzinfo=UTC)
LEAVES = [merkle.leaf_hash(bytes([number]) * 32) for number in range(7)]
ROOT = merkle.root(LEAVES)
TEXT = Checkpoint("record.example", 7, ROOT).text()
NOTE = KEY.sign(TEXT)
COSIGNED = NOTE + NEAR.cosign(TEXT, AT)


def test_the_example_of_the_specification_opens() -> None:
    """c2sp.org/signed-note"""
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    note = f"This is an example message.\n\n\u2014 example.com/foo {line}\n"
    assert open_note(note, key) == "This is an example message.\n"


def test_a_cosignature_says_who_and_when() -> None:
    found = cosigned(COSIGNED, NEAR.verifier)
    assert found and (found.witness, found.at) == ("witness.example/w1", AT)
    assert COSIGNED.endswith(found.line)
    assert cosigned(COSIGNED, FAR.verifier) is None
    assert [one.witness for one in cosignatures(COSIGNED, [FAR.verifier, NEAR.verifier])] == ["witness.example/w1"]
    assert open_note(COSIGNED, KEY.verifier) == TEXT, "the log's own signature opens as before"


def test_what_is_signed_is_what_the_specification_says() -> None:
    """c2sp.org/tlog-cosignature: key id, time, message."""
    (line,) = [one for one in split_note(COSIGNED)[1] if one.name == NEAR.verifier.name]
    assert line.raw[:4] == NEAR.verifier.id and int.from_bytes(line.raw[4:12]) == 1679055947
    NEAR.private.public_key().verify(line.raw[12:], f"cosignature/v1\ntime 1679055947\n{TEXT}".encode())


def test_a_key_of_a_witness_is_none_of_a_log() -> None:
    written = str(NEAR.verifier)
    assert WitnessKey.parse(written) == NEAR.verifier
    with pytest.raises(BadNote):
        VerifierKey.parse(written)
    with pytest.raises(BadNote):
        WitnessKey.parse(str(KEY.verifier))


@pytest.mark.parametrize(
    "forged",
    [
        COSIGNED.replace("\n7\n", "\n8\n"),
        NOTE + NEAR.cosign(TEXT.replace("\n7\n", "\n8\n"), AT),
        COSIGNED.replace(NEAR.cosign(TEXT, AT), NEAR.cosign(TEXT, datetime(1970, 1, 1, tzinfo=UTC))),
    ],
)
def test_a_cosignature_of_something_else_does_not_hold(forged: str) -> None:
    with pytest.raises(BadNote):
        cosigned(forged, NEAR.verifier)


def test_a_cosignature_under_the_name_of_another_is_nobodys() -> None:
    assert cosigned(NOTE + FAR.cosign(TEXT, AT).replace("w2", "w1"), NEAR.verifier) is None


def test_a_note_with_a_thousand_signatures_is_not_read() -> None:
    with pytest.raises(BadNote, match="too many"):
        split_note(NOTE + NEAR.cosign(TEXT, AT) * 1000)


def proof(index: int = 2, extra: bytes = b"") -> LogProof:
    path = merkle.inclusion_proof(index, 7, merkle.of_leaves(LEAVES))
    return LogProof(index, tuple(path), COSIGNED, extra)


@pytest.mark.parametrize("index", range(7))
def test_a_proof_survives_being_written_down(index: int) -> None:
    read = LogProof.parse(proof(index, b"receipt").text())
    assert read == proof(index, b"receipt")
    shown = read.verify(LEAVES[index], KEY.verifier, [NEAR.verifier, FAR.verifier])
    assert shown.checkpoint.size == 7 and [one.witness for one in shown.witnesses] == ["witness.example/w1"]


def test_the_file_is_line_by_line_the_one_of_the_specification() -> None:
    """c2sp.org/tlog-proof"""
    lines = proof(2, b"x").text().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra eA==", "index 2"]
    assert [len(base64.b64decode(line)) for line in lines[3:6]] == [32, 32, 32]
    assert lines[6] == "" and "\n".join(lines[7:]) == COSIGNED
    alone = LogProof(0, (), KEY.sign(Checkpoint("record.example", 1, LEAVES[0]).text()))
    assert LogProof.parse(alone.text()).verify(LEAVES[0], KEY.verifier).checkpoint.size == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("index 2", "index 3"),
        lambda text: text.replace("index 2", "index 02"),
        lambda text: text.replace("index 2", "place 2"),
        lambda text: text.replace("@v1", "@v2"),
        lambda text: text.replace("index 2\n", "index 2\nAAAA\n"),
        lambda text: text.replace("index 2\n", "index 2\n" + "A" * 43 + "=\n"),
        lambda text: text.replace("\n7\n", "\n8\n"),
        lambda text: text.split("\n\n")[0],
        lambda text: "",
    ],
)
def test_an_altered_proof_is_refused(spoil: Callable[[str], str]) -> None:
    with pytest.raises(BadNote):
        LogProof.parse(spoil(proof().text())).verify(LEAVES[2], KEY.verifier)


def test_a_proof_is_of_one_entry() -> None:
    with pytest.raises(BadNote, match="does not lead"):
        proof(2).verify(LEAVES[3], KEY.verifier)


@pytest.mark.parametrize(
    ("note", "witnesses", "needed", "expected"), [pytest.param(*one[1:], id=one[0]) for one in cases()]
)
def test_a_quorum_of_witnesses(note: str, witnesses: list[str], needed: int, expected: str) -> None:
    try:
        Quorum.of(witnesses, needed).must_have_cosigned(note)
        said = "enough"
    except BadNote:
        said = "refused"
    except Refused as no:
        assert no.code == "checkpoint-unwitnessed"
        said = "too few"
    assert said == expected


def test_who_asks_for_all_asks_for_each_key_once() -> None:
    assert Quorum.of([*keys(ASKED), *keys(ASKED)]).needed == 1
