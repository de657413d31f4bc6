"""The envelope: the public face of a sealed bid. Its SHA-256 is the bid's digest and covers every blob by its hash.

It says how many parts there are and how long they are, never a file's name, size or plaintext hash: a guessed bid
could be confirmed from those.
"""

import base64
from typing import Annotated, Literal

import msgspec

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.parts import PART, Blob
from procurement.kernel.sealing.roster import FEWEST, Roster, roster_hash
from procurement.kernel.sealing.shamir import MOST
from procurement.kernel.sealing.strict import Count, Name, Sha256, read_canonical

LIMIT = 1 << 20  # bytes of an envelope
LOCK_LIMIT = 32 << 10  # bytes of what is locked: fifteen shares take about 20 kB
MOST_BLOBS = 4096  # 32 GiB

Version = Annotated[str, msgspec.Meta(max_length=40)]


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`blobs` are ordered: the manifest first, then the parts of each file as the manifest lists them.

    `revision` is the SHA-256 of the tender revision the bid answers; `recipient` is the bid identity's public half;
    `locked` is base64. `m` of `n` members (roster hash `roster`) share the lock at levels S2 and S3; at S1 they are 0,
    0 and "". `lot_group` is a lot's id, in a financial envelope of that lot alone; else "".
    """

    suite: Literal["SB1"] = "SB1"
    tender: Name
    revision: Sha256
    lot_group: Annotated[str, msgspec.Meta(max_length=200)] = ""
    kind: Literal["single", "technical", "financial"] = "single"
    round: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    recipient: Name
    part_size: Literal[8388608] = PART
    blobs: Annotated[tuple[Blob, ...], msgspec.Meta(min_length=1, max_length=MOST_BLOBS)]
    m: Count = 0
    n: Count = 0
    roster: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""
    locked: Annotated[str, msgspec.Meta(max_length=LOCK_LIMIT * 4 // 3 + 4)]
    sealed_by: Literal["client", "server"]
    client: Version

    def locked_bytes(self) -> bytes:
        """The locked identity, or the locked shares. Refused("envelope-malformed", 422) when it is not base64."""
        try:
            return base64.b64decode(self.locked, validate=True)
        except ValueError:  # also of letters beyond ASCII
            raise Refused("envelope-malformed", "What is locked is not base64.", status=422) from None


def envelope_bytes(envelope: Envelope) -> bytes:
    """The canonical bytes: stored once, and hashed as stored."""
    return canonical(envelope)


def digest(data: bytes) -> str:
    """The digest of a bid: SHA-256 of the envelope's canonical bytes, in hex."""
    return sha256_hex(data)


def parse_envelope(data: bytes) -> Envelope:
    """Read an envelope strictly. Refused, each 422: "envelope-malformed", "recipient-malformed", "seal-malformed",
    "members-malformed" (neither level S1, without members, nor m of n of a roster), "blob-twice"."""
    envelope = read_canonical(data, Envelope, limit=LIMIT, code="envelope-malformed", what="The envelope")
    age.must_be_recipient(envelope.recipient)
    age.must_be_plain_age(envelope.locked_bytes())
    _must_name_members(envelope)
    if len({blob.sha256 for blob in envelope.blobs}) != len(envelope.blobs):
        raise Refused("blob-twice", "A sealed part is listed twice.", status=422)
    return envelope


def must_name_roster(envelope: Envelope, roster: Roster | None) -> None:
    """Refused("roster-differs", 422) unless the envelope is sealed for exactly these holders; for none at level S1."""
    wanted = (roster.m, roster.n, roster_hash(roster)) if roster else (0, 0, "")
    if (envelope.m, envelope.n, envelope.roster) != wanted:
        raise Refused("roster-differs", "This bid was not sealed for the key holders of this tender.", status=422)


def _must_name_members(envelope: Envelope) -> None:
    alone = (envelope.m, envelope.n, envelope.roster) == (0, 0, "")
    shared = FEWEST <= envelope.m <= envelope.n <= MOST and envelope.roster
    if not (alone or shared):
        raise Refused("members-malformed", "This envelope names no m of n members of a roster.", status=422)
