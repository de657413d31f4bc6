"""Signed notes: what is signed opens, whatever is altered does not."""

import pytest

from procurement.kernel.checkpoint import BadNote, Checkpoint, SignerKey, VerifierKey, open_checkpoint, open_note

KEY = SignerKey("record.example", bytes(32))
OTHER = SignerKey("record.example", bytes(31) + b"\x01")
NOTE = KEY.sign(Checkpoint("record.example", 7, bytes(range(32))).text())


def test_a_checkpoint_opens_with_its_key() -> None:
    assert open_checkpoint(NOTE, KEY.verifier, "record.example") == Checkpoint("record.example", 7, bytes(range(32)))


def test_a_verifier_key_survives_being_written_down() -> None:
    assert VerifierKey.parse(str(KEY.verifier)) == KEY.verifier


def test_a_published_note_of_another_implementation_opens() -> None:
    """The example of the Go module `golang.org/x/mod/sumdb/note` (its documentation)."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
        "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert open_note(text, key).startswith("If you think")


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.replace("record.example\n7", "other.example\n7"),
        NOTE.split("\n\n")[0],
        OTHER.sign(Checkpoint("record.example", 7, bytes(32)).text()),
        KEY.sign("record.example\n07\nAAAA\n"),
        KEY.sign("record.example\n7\nAAAA\n"),
        KEY.sign("record.example\n"),
        "",
    ],
)
def test_an_altered_or_malformed_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        open_checkpoint(note, KEY.verifier, "record.example")
