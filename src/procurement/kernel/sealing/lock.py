"""The outer lock, to the keyholder. Level S1: the bid's identity E itself is inside. S2 and S3: the holders' shares."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.envelope import LOCK_LIMIT
from procurement.kernel.sealing.roster import FEWEST
from procurement.kernel.sealing.shamir import MOST
from procurement.kernel.sealing.shares import SealedShare
from procurement.kernel.sealing.strict import S, read_canonical

# The types keep the keyholder from being an oracle for anything else locked to it.


class _Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is encrypted at level S1."""

    type: Literal["identity/v1"]
    identity: str


class _Shares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is encrypted at levels S2 and S3: one share for each holder, in order of x."""

    type: Literal["shares/v1"]
    shares: Annotated[tuple[SealedShare, ...], msgspec.Meta(min_length=FEWEST, max_length=MOST)]


def lock_identity(identity: str, keyholder_recipient: str) -> bytes:
    """age(keyholder recipient, JCS {type: "identity/v1", identity}). Refused for a malformed identity or recipient."""
    age.recipient_of(identity)
    return age.encrypt(canonical(_Identity("identity/v1", identity)), keyholder_recipient)


def unlock_identity(locked: bytes, keyholder_identity: str) -> str:
    """The bid identity inside. Refused("seal-malformed"), ("seal-broken") or ("lock-malformed", 422)."""
    inside = _unlock(locked, keyholder_identity, _Identity)
    age.recipient_of(inside.identity)
    return inside.identity


def lock_shares(shares: Sequence[SealedShare], keyholder_recipient: str) -> bytes:
    """age(keyholder recipient, JCS {type: "shares/v1", shares}), as `deal` gave them."""
    return age.encrypt(canonical(_Shares("shares/v1", tuple(shares))), keyholder_recipient)


def unlock_shares(locked: bytes, keyholder_identity: str) -> tuple[SealedShare, ...]:
    """The sealed shares inside. Refused as `unlock_identity`."""
    return _unlock(locked, keyholder_identity, _Shares).shares


def _unlock(locked: bytes, keyholder_identity: str, kind: type[S]) -> S:
    if len(locked) > LOCK_LIMIT:
        raise Refused("lock-malformed", "What is locked is too long.", status=422)
    plain = age.decrypt(locked, keyholder_identity)
    return read_canonical(plain, kind, limit=LOCK_LIMIT, code="lock-malformed", what="What is locked")
