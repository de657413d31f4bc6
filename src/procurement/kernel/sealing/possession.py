"""Proof that a holder still has their key: a challenge that only the key opens, answered with its hash.

The answer shows nothing of what was inside, and nothing of any other type is answered: so a holder's client decrypts
no share for whoever asks it to prove something.
"""

import secrets
from typing import Annotated, Literal

import msgspec

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.strict import Name, Sha256, read_canonical

LIMIT = 4096  # bytes


class Challenge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tender` is "" at enrolment; `member` is the id of the holder's key; `nonce` 32 random bytes in hex."""

    type: Literal["pop/v1"] = "pop/v1"
    tender: Annotated[str, msgspec.Meta(max_length=200)]
    member: Name
    nonce: Sha256


def new_challenge(tender: str, member: str) -> Challenge:
    return Challenge(tender=tender, member=member, nonce=secrets.token_hex(32))


def challenge_bytes(challenge: Challenge) -> bytes:
    return canonical(challenge)


def seal_challenge(challenge: Challenge, recipient: str) -> bytes:
    """The age file to send to the holder."""
    return age.encrypt(challenge_bytes(challenge), recipient)


def expected_answer(challenge: Challenge) -> str:
    """SHA-256 (hex) of the plaintext."""
    return sha256_hex(challenge_bytes(challenge))


def answer_challenge(sealed: bytes, identity: str, member: str) -> str:
    """The holder's side. Refused("challenge-malformed", 422) for anything that is not a challenge to this member."""
    plain = age.decrypt(sealed, identity)
    challenge = read_canonical(plain, Challenge, limit=LIMIT, code="challenge-malformed", what="The challenge")
    if challenge.member != member:
        raise Refused("challenge-malformed", "The challenge is for another key holder.", status=422)
    return expected_answer(challenge)
