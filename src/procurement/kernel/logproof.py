"""The C2SP `tlog-proof` file: that an entry stands in a signed checkpoint, checked without asking anybody."""

import base64
import re
from collections.abc import Sequence

import msgspec

from procurement.kernel import merkle
from procurement.kernel.checkpoint import BadNote, Checkpoint, VerifierKey, open_checkpoint
from procurement.kernel.cosignature import Cosigned, WitnessKey, cosignatures

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST = 63  # hashes of a path: a tree of 2^63 entries
INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class Shown(msgspec.Struct, frozen=True):
    """What a proof that holds shows: the checkpoint, and which witnesses cosigned it."""

    checkpoint: Checkpoint
    witnesses: list[Cosigned]


class LogProof(msgspec.Struct, frozen=True):
    """`path` leads from the leaf's sibling upwards; `checkpoint` is the signed note as it was served.

    `extra` is not authenticated by itself: whoever reads it has to hold it against the leaf.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def text(self) -> str:
        """The file, to be kept as `.tlog-proof`."""
        extra = [f"extra {base64.b64encode(self.extra).decode()}"] if self.extra else []
        path = [base64.b64encode(step).decode() for step in self.path]
        return "\n".join([HEADER, *extra, f"index {self.index}", *path, "", self.checkpoint])

    @classmethod
    def parse(cls, text: str) -> "LogProof":
        """BadNote for what is no such file."""
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or lines.pop(0) != HEADER:
            raise BadNote(f"this is no {HEADER}")
        extra = _bytes(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
        numbered = INDEX.fullmatch(lines.pop(0)) if lines else None
        if not numbered:
            raise BadNote("the proof names no index")
        path = tuple(map(_bytes, lines))
        if len(path) > LONGEST or any(len(step) != len(merkle.EMPTY) for step in path):
            raise BadNote("the proof's path is malformed")
        return cls(int(numbered[1]), path, checkpoint, extra)

    def verify(self, leaf: bytes, key: VerifierKey, witnesses: Sequence[WitnessKey] = ()) -> Shown:
        """That the entry with this leaf hash stands at `index` of the log of `key`. BadNote otherwise.

        Which cosignatures are enough is the caller's to say; one that is wrong is refused.
        """
        checkpoint = open_checkpoint(self.checkpoint, key, key.name)
        if not merkle.verify_inclusion(self.index, checkpoint.size, leaf, self.path, checkpoint.root):
            raise BadNote(f"the path does not lead from this entry to the signed root of {checkpoint.size} entries")
        return Shown(checkpoint, cosignatures(self.checkpoint, witnesses))


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise BadNote("a line of the proof is not base64") from None
