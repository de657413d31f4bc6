"""What is said to the keyholder and what it answers: one line of JSON each way.

Moments are RFC 3339 with an offset. Hashes are hex, proofs and notes as C2SP writes them.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from procurement.kernel.sealing import SealedShare
from procurement.kernel.sealing.opening_key import Opening as Opening
from procurement.kernel.sealing.opening_key import Short
from procurement.kernel.sealing.strict import Name, Sha256

TECHNICAL, FINANCIAL = "technical", "financial"  # the kinds of envelopes of a bid that has two
LINE_LIMIT = 4 << 20  # bytes of one line: an envelope of 1 MiB, or the digests of 50,000 bids

Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Text = Annotated[str, msgspec.Meta(max_length=LINE_LIMIT)]


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """That bidding closed, that the technical envelopes are decided on, or that a tender is over: the record that says
    so, its salt, its place, whether its entry is an open one, and the signed checkpoint over it."""

    record: Text
    salt: Sha256
    index: int
    proof: Annotated[tuple[Sha256, ...], msgspec.Meta(max_length=64)]
    checkpoint: Text
    open: bool = False


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag=str.lower):
    """The base of every request; the class name in lower case stands in `do`."""


class Pin(Request, frozen=True):
    """Fix the ledger whose closings count, once and for ever."""

    verifier: Short
    origin: Short


class Time(Request, frozen=True):
    """Ask for the clocks."""


class Clock(Request, frozen=True):
    """Move a sandbox's legal clock: a note signed by the ledger key."""

    note: Annotated[str, msgspec.Meta(max_length=1000)]


class Enrol(Request, frozen=True):
    """Make a code secret for a person."""

    person: Name


class Confirm(Request, frozen=True):
    """Prove that the person's device has the secret."""

    person: Name
    code: Code


class Enrolment(Request, frozen=True):
    """Ask how far a person's enrolment is."""

    person: Name


class Identity(Request, frozen=True):
    """Make, or find, the identity of an opening, bound to its time."""

    opening: Opening
    not_before: Moment


class Postpone(Request, frozen=True):
    """Move the bound time later."""

    opening: Opening
    not_before: Moment


class Assert(Request, frozen=True):
    """A person wants the opening of exactly this closing, or after exactly this technical decision (leaf hash)."""

    person: Name
    code: Code
    opening: Opening
    leaf: Sha256


class Release(Request, frozen=True):
    """Grant the opening of exactly these envelope digests: all that `evidence`, the closing, fixed; of the kind
    "financial" those that `evidence`, the technical decision, lets pass."""

    opening: Opening
    evidence: Evidence
    digests: Annotated[tuple[Sha256, ...], msgspec.Meta(max_length=50_000)]


class Unlock(Request, frozen=True):
    """Give what is locked in one envelope (its canonical bytes as text) of a granted opening."""

    leaf: Sha256
    envelope: Text


class Standing(Request, frozen=True):
    """Ask how far the store has come. `number`, `mark` and `signature` repeat what it said last: a store without that
    entry is an older one. 0 and "" are of nobody who remembers any."""

    number: Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)] = 0
    mark: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""
    signature: Annotated[str, msgspec.Meta(max_length=88)] = ""


class Destroy(Request, frozen=True):
    """Destroy the identity of an opening whose tender is over; `evidence` is of the fact that says so."""

    opening: Opening
    evidence: Evidence


Requests = (
    Pin
    | Time
    | Clock
    | Enrol
    | Confirm
    | Enrolment
    | Identity
    | Postpone
    | Assert
    | Release
    | Unlock
    | Standing
    | Destroy
)


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """`real` is this machine's clock; `legal` differs from it only in a sandbox. `restored` as in Stands. `key` is the
    keyholder's own verifier key (C2SP), under which its statements are checked."""

    real: datetime
    legal: datetime
    sandbox: bool
    restored: bool = False
    key: str = ""


class Enrolled(msgspec.Struct, frozen=True):
    """`state` is "none", "waiting" (secret made, not yet confirmed) or "ready"; `secret` (base32) is given once."""

    state: str
    secret: str = ""


class Bound(msgspec.Struct, frozen=True):
    """The age recipient of an opening, and the moment before which nothing is released; `signature` (base64) is the
    keyholder's over both, as an `opening-key/v1`. "" is of a keyholder of an earlier release."""

    recipient: str
    not_before: datetime
    signature: str = ""


class Asserted(msgspec.Struct, frozen=True):
    """Who has asserted this closing so far."""

    persons: tuple[str, ...]


class Granted(msgspec.Struct, frozen=True):
    """The closing's leaf hash and when its opening was granted."""

    leaf: str
    at: datetime


class Unlocked(msgspec.Struct, frozen=True):
    """The bid identity E at level S1; at S2 and S3 the holders' shares of it, still locked to them, and no identity."""

    identity: str = ""
    shares: tuple[SealedShare, ...] = ()


class Stands(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entry of the journal: its number, and the SHA-256 (hex) of it; 0 and "" before the first. `signature`
    (base64) is over JCS {type: "keyholder-stands/v1", number, mark}. `restored`: the store came back from a copy, and
    releases nothing until its staff confirmed the times."""

    number: int
    mark: str
    restored: bool
    signature: str = ""


class Destroyed(msgspec.Struct, frozen=True):
    """When the identity was destroyed. Copies of the store made before still hold it."""

    at: datetime


class Done(msgspec.Struct, frozen=True):
    """Nothing more to say."""


class Refusal(msgspec.Struct, frozen=True):
    """A rule said no."""

    code: str
    detail: str
    status: int
