"""The roster: who holds the second lock of a tender, fixed before the first bid, signed by each of them.

A holder's place in it is the x of their shares. Its hash stands in every envelope.
"""

import base64
from collections.abc import Mapping
from typing import Annotated, Literal, Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.shamir import MOST
from procurement.kernel.sealing.signing import must_be_signed, sign
from procurement.kernel.sealing.strict import Name, Sha256, read_canonical

LIMIT = 32 << 10  # bytes
FEWEST = 2  # who have to act together

Level = Literal["S2", "S3"]


class Holder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key holder. `id` names the key, `office` in words who holds it, `organisation` (id) where; `age` is the
    recipient `age1…`, `sign` the raw Ed25519 public key in base64."""

    id: Name
    office: Name
    organisation: Name
    age: Name
    sign: Annotated[str, msgspec.Meta(max_length=44)]

    def public(self) -> Ed25519PublicKey:
        """The key that signs. Refused("roster-malformed", 422)."""
        try:
            return signing_key(self.sign)
        except ValueError:
            raise _malformed(f"the signing key of {self.office} is not 32 bytes in base64") from None


class Roster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any `m` of the `holders`, in order of their place, open together with the keyholder."""

    type: Literal["roster/v1"] = "roster/v1"
    tender: Name
    level: Level
    m: Annotated[int, msgspec.Meta(ge=FEWEST, le=MOST)]
    holders: Annotated[tuple[Holder, ...], msgspec.Meta(min_length=FEWEST, max_length=MOST)]

    @property
    def n(self) -> int:
        return len(self.holders)

    @property
    def members(self) -> tuple[str, ...]:
        """The holders' ids in order of x = 1..n."""
        return tuple(holder.id for holder in self.holders)


class RosterSignature(msgspec.Struct, frozen=True, kw_only=True):
    """What each holder signs."""

    type: Literal["roster-signature/v1"] = "roster-signature/v1"
    tender: str
    roster: Sha256

    @classmethod
    def over(cls, roster: Roster) -> Self:
        return cls(tender=roster.tender, roster=roster_hash(roster))


def signing_key(text: str) -> Ed25519PublicKey:
    """The Ed25519 key in the one base64 spelling of its 32 bytes; ValueError for another one, whose last letter says
    bits that no byte has: one key would look like two."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("another spelling of a key")
    return Ed25519PublicKey.from_public_bytes(raw)


def roster_bytes(roster: Roster) -> bytes:
    """The canonical bytes. Refused("roster-malformed", 422) for a roster that cannot be one."""
    _check(roster)
    return canonical(roster)


def roster_hash(roster: Roster) -> str:
    """SHA-256 (hex) of the canonical bytes: what the envelope names and the holders sign."""
    return sha256_hex(roster_bytes(roster))


def parse_roster(data: bytes) -> Roster:
    """Read a roster strictly. Refused("roster-malformed", 422), ("recipient-malformed", 422)."""
    roster = read_canonical(data, Roster, limit=LIMIT, code="roster-malformed", what="The roster")
    _check(roster)
    return roster


def sign_roster(private: Ed25519PrivateKey, roster: Roster) -> str:
    """A holder's signature, in base64."""
    return sign(private, canonical(RosterSignature.over(roster)))


def check_roster_signature(roster: Roster, member: str, signature: str) -> None:
    """Refused("signature-wrong", 422) unless this member of the roster signed it."""
    holder = next((holder for holder in roster.holders if holder.id == member), None)
    if holder is None:
        raise Refused("signature-wrong", "Who signed is not in the roster.", status=422)
    must_be_signed(holder.public(), canonical(RosterSignature.over(roster)), signature)


def check_all_signed(roster: Roster, signatures: Mapping[str, str]) -> None:
    """Refused("roster-unsigned", 422) while a signature is missing, ("signature-wrong", 422) for a false one."""
    for holder in roster.holders:
        if holder.id not in signatures:
            raise Refused("roster-unsigned", f"{holder.office} has not signed the roster.", status=422)
        check_roster_signature(roster, holder.id, signatures[holder.id])


def _check(roster: Roster) -> None:
    """What the types do not say: m at most n, and everybody in it once, with keys of their own."""
    if roster.m > roster.n:
        raise _malformed("more members would have to act than there are")
    for kept in ("id", "age", "sign"):
        if len({getattr(holder, kept) for holder in roster.holders}) != roster.n:
            raise _malformed("a holder or a key stands in it twice")
    for holder in roster.holders:
        age.must_be_recipient(holder.age)
        holder.public()


def _malformed(why: str) -> Refused:
    return Refused("roster-malformed", f"The roster cannot be one: {why}.", status=422)
