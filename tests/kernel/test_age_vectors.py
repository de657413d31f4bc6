"""The age test vectors of C2SP/CCTV: every file that suite SB1 takes opens as it must, and nothing else opens."""

import hashlib
import zlib
from pathlib import Path

import pytest

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age

FOLDER = Path(__file__).parents[2] / "../shared/data/vectors/age/testdata"
VECTORS = sorted(FOLDER.iterdir()) if FOLDER.exists() else []

# pyrage takes these although age.md says that the header is malformed. Nothing is gained by it: the recipient stanza
# that counts is authenticated, and a sealed part is named by the hash of all its bytes.
PYRAGE_TAKES = {"stanza_missing_body", "stanza_missing_final_line"}

# Well-formed files of kinds that suite SB1 refuses: ASCII armor, passphrases, and post-quantum hybrid recipients.
NOT_OURS = ("armor_", "scrypt", "hybrid")


class Vector:
    def __init__(self, file: Path) -> None:
        head, _, self.body = file.read_bytes().partition(b"\n\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\n")]
        self.fields = dict(lines)
        self.identities = [value for key, value in lines if key == "identity"]
        if self.fields.get("compressed") == "zlib":
            self.body = zlib.decompress(self.body)


def test_the_vectors_are_all_there() -> None:
    if not VECTORS:
        pytest.skip("the age vectors are not beside this checkout (../shared/data/vectors/age)")
    assert len(VECTORS) == 143


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.name)
def test_age_vector(file: Path) -> None:
    vector = Vector(file)
    identities = vector.identities or [age.new_identity()[0]]
    must_open = vector.fields["expect"] == "success" and not file.name.startswith(NOT_OURS)
    if must_open:
        opened = age.decrypt(vector.body, identities[-1])
        assert hashlib.sha256(opened).hexdigest() == vector.fields["payload"]
    elif file.name in PYRAGE_TAKES:
        assert age.decrypt(vector.body, identities[-1]) is not None
    else:
        with pytest.raises(Refused):
            age.decrypt(vector.body, identities[-1])
