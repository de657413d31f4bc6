"""What the ledger records of key holders: by office and by id, never by name."""

from datetime import datetime
from typing import ClassVar

import msgspec

from procurement.kernel.fact import Fact, Visible


class KeyHolderEnrolled(Fact, frozen=True, kw_only=True):
    """Somebody in this office showed that they hold the secret half of this key. Nobody has compared it yet."""

    holder: str
    organisation: str
    office: str
    age: str
    sign: str
    fingerprint: str


class KeyHolderConfirmed(Fact, frozen=True, kw_only=True):
    """A second person of the organisation heard the fingerprint from the holder, and it is this key's."""

    holder: str
    organisation: str
    fingerprint: str


class KeyHolderEnded(Fact, frozen=True, kw_only=True):
    """The key is chosen for no new roster any more: lost, replaced, or its holder left."""

    holder: str
    organisation: str
    reason: str


class PossessionProved(Fact, frozen=True, kw_only=True):
    """The holder opened a challenge made for this key. `tender` is "" where no tender asked for it."""

    holder: str
    tender: str
    challenge: str


class RosterAsked(Fact, frozen=True, kw_only=True):
    """An officer chose who is to hold the second lock of a tender that is not public yet, and asks them to sign."""

    visible: ClassVar[Visible] = Visible.PARTIES

    tender: str
    level: str
    m: int
    roster: str
    holders: list[str]


class RosterSigned(Fact, frozen=True, kw_only=True):
    """A holder signed the roster of that hash."""

    visible: ClassVar[Visible] = Visible.PARTIES

    tender: str
    holder: str
    roster: str
    signature: str


class Seated(msgspec.Struct, frozen=True):
    """A holder in a roster, with the signature over it."""

    id: str
    office: str
    organisation: str
    age: str
    sign: str
    signature: str


class RosterFrozen(Fact, frozen=True, kw_only=True):
    """The tender is public, and bids are sealed to these holders, in this order: any `m` of them open together with the
    keyholder. `roster` is the hash that envelopes name."""

    tender: str
    level: str
    m: int
    roster: str
    holders: list[Seated]


class ProofsAsked(Fact, frozen=True, kw_only=True):
    """The opening comes near: each holder is asked to prove anew that they have their key."""

    tender: str
    holders: list[str]
    opening_at: datetime


class HoldersShort(Fact, frozen=True, kw_only=True):
    """Of those asked fewer have proved it than would leave one to spare. `needed` proofs would."""

    visible: ClassVar[Visible] = Visible.PARTIES

    tender: str
    proved: int
    needed: int
    opening_at: datetime
