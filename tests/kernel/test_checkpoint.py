"""Signed notes: what is signed opens, whatever is altered does not."""

import pytest

from procurement.kernel.checkpoint import BadNote, Checkpoint, SignerKey, VerifierKey, open_checkpoint

KEY = SignerKey("record.example", bytes(32))
OTHER = SignerKey("record.example", bytes(31) + b"\x01")
NOTE = KEY.sign(Checkpoint("record.example", 7, bytes(range(32))).text())


def test_a_checkpoint_opens_with_its_key() -> None:
    assert open_checkpoint(NOTE, KEY.verifier, "record.example") == Checkpoint("record.example", 7, bytes(range(32)))


def test_a_verifier_key_survives_being_written_down() -> None:
    assert VerifierKey.parse(str(KEY.verifier)) == KEY.verifier


@pytest.mark.parametrize("name", ["", "two words", "line\u2028end", "plus+sign"])
def test_a_name_that_no_note_could_hold_is_no_key(name: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(str(VerifierKey(name, KEY.verifier.key)))


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
        KEY.sign(Checkpoint("record.example", 1 << 63, bytes(32)).text()),
        KEY.sign(f"record.example\n{'9' * 5000}\n{NOTE.splitlines()[2]}\n"),
        NOTE.removesuffix("\n") + "\x0b\u2014 else.example AAAA\n",  # one line, whatever a reader of text makes of it
        "",
    ],
)
def test_an_altered_or_malformed_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        open_checkpoint(note, KEY.verifier, "record.example")
