"""Sealed parts: each 8 MiB of a file is an age file of its own, the unit of upload and of resume."""

from typing import Annotated, Literal

import msgspec

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.strict import Sha256

PART: Literal[8388608] = 8388608  # bytes of plaintext in a part (8 MiB); the last one of a file may be shorter
SEALED_PART_LIMIT = PART + (16 << 10)  # bytes of ciphertext; the overhead is about 2.4 kB


class Blob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sealed part as the envelope names it: SHA-256 of the ciphertext, its length in bytes."""

    sha256: Sha256
    size: Annotated[int, msgspec.Meta(ge=1, le=SEALED_PART_LIMIT)]


def seal_part(data: bytes, recipient: str) -> bytes:
    """One part (at most PART bytes) as an age file. Refused("part-too-large", 413)."""
    if len(data) > PART:
        raise Refused("part-too-large", f"A part holds at most {PART} bytes.", status=413)
    return age.encrypt(data, recipient)
