"""What goes through the two pipes. In: a job as one line, then the sealed parts, one after the other. Out: frames.

A frame is one byte (its kind), four bytes (length, big-endian), and the content:
C says of which release the child is and how it is confined, before it reads anything; F begins the next file, D is some
of its bytes, E ends the bid with its Contents, R refuses it.
"""

import struct

import msgspec

from procurement.kernel.sealing import Blob, Prices
from procurement.kernel.sealing.parts import PART
from procurement.opening.unseal.confine import Confinement

FRAMES = 1  # another number whenever a job or a frame changes: a parent may be older than the files of its child
HEAD = struct.Struct(">cI")
LONGEST = PART + 1024  # bytes of a frame
JOB_LIMIT = 4 << 20  # bytes of the job's line


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One bid to open, with everything it has to be: the sealed parts follow in the order of `blobs`."""

    identity: str
    recipient: str
    blobs: tuple[Blob, ...]
    tender: str
    revision: str
    kind: str
    round: int
    supplier: str
    version: int
    currency: str
    lots: tuple[str, ...]
    items: tuple[str, ...]


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What a child says of itself, before it is given a key."""

    frames: int
    confinement: Confinement


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the order of the F frames. `size` in bytes."""

    name: str
    media_type: str
    size: int
    confidential: str


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What was inside, apart from the documents' bytes. A technical envelope has no `prices`."""

    prices: Prices | None
    documents: tuple[Named, ...]


class No(msgspec.Struct, frozen=True):
    """Why this bid does not open."""

    code: str
    detail: str
