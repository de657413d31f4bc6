"""The lock around a bid's identity. At level S1 the keyholder's identity alone opens it."""

from typing import Literal

import msgspec

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.strict import read_canonical

LIMIT = 4096  # bytes of the locked identity, and of what is inside


class _Locked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is encrypted: the type keeps the keyholder from being an oracle for anything else locked to it."""

    type: Literal["identity/v1"]
    identity: str


def lock_identity(identity: str, keyholder_recipient: str) -> bytes:
    """age(keyholder recipient, JCS {type: "identity/v1", identity}). Refused for a malformed identity or recipient."""
    age.recipient_of(identity)
    return age.encrypt(canonical(_Locked("identity/v1", identity)), keyholder_recipient)


def unlock_identity(locked: bytes, keyholder_identity: str) -> str:
    """The bid identity inside. Refused("seal-malformed"), ("seal-broken") or ("lock-malformed", 422)."""
    if len(locked) > LIMIT:
        raise Refused("lock-malformed", "The locked identity is too long.", status=422)
    plain = age.decrypt(locked, keyholder_identity)
    inside = read_canonical(plain, _Locked, limit=LIMIT, code="lock-malformed", what="The locked identity")
    age.recipient_of(inside.identity)
    return inside.identity
