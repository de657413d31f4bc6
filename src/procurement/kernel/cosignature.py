"""Cosignatures of witnesses under checkpoints, as C2SP `tlog-cosignature` fixes them, with Ed25519.

A cosignature says that this was, at its time, the largest tree that the witness had seen of the log, and that every
tree it had cosigned before was the beginning of this one.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from procurement.kernel.checkpoint import DASH, BadNote, Signature, VerifierKey, split_note
from procurement.kernel.refusal import Refused

STAMP = 8  # bytes of the time before the signature: POSIX seconds, big-endian
LATEST = 253402300799  # the last second of the year 9999


class WitnessKey(VerifierKey, frozen=True):
    """The public key of a witness, written like a log's; its algorithm byte is another."""

    ALGORITHM: ClassVar[bytes] = b"\x04"


class CosignerKey:
    """The private key of a witness. It signs nothing else: its message does not name the witness."""

    def __init__(self, name: str, seed: bytes) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = WitnessKey(name, self.private.public_key().public_bytes_raw())

    def cosign(self, text: str, at: datetime) -> str:
        """The line that goes under the checkpoint whose text (ending in a newline) this is."""
        seconds = int(at.timestamp())
        signature = self.private.sign(_message(text, seconds))
        raw = self.verifier.id + seconds.to_bytes(STAMP) + signature
        return f"{DASH} {self.verifier.name} {base64.b64encode(raw).decode()}\n"


class Cosigned(msgspec.Struct, frozen=True):
    """A cosignature that holds: whose it is, when it was made, and its line."""

    witness: str
    at: datetime
    line: str


class Quorum(msgspec.Struct, frozen=True):
    """`needed` of these witnesses have to have cosigned what is relied on; without witnesses none is asked for."""

    witnesses: tuple[WitnessKey, ...] = ()
    needed: int = 0

    @classmethod
    def of(cls, keys: Iterable[str], needed: int = 0) -> Self:
        """From keys as they are written; 0 asks for all. BadNote for what is no witness's key, or a number that these
        cannot reach: a key counts once, whatever names it goes by."""
        witnesses = tuple(WitnessKey.parse(key) for key in keys)
        most = len({one.key for one in witnesses})
        if not 0 <= needed <= most:
            raise BadNote(f"{needed} cosignatures cannot be asked of {most} witnesses")
        return cls(witnesses, needed or most)

    def must_have_cosigned(self, note: str) -> None:
        """Refused("checkpoint-unwitnessed") unless enough of them cosigned this checkpoint: then nobody was shown
        another history than whoever relies on it."""
        found = len(cosigners(note, self.witnesses))
        if found < self.needed:
            raise Refused(
                "checkpoint-unwitnessed",
                f"{found} of the {self.needed} witnesses that you ask for have cosigned the record of this. Try again "
                "in a minute. If it stays so, ask them what they see: you may be shown another record than others.",
            )


def cosigners(note: str, witnesses: Sequence[WitnessKey]) -> set[bytes]:
    """The keys (raw) of those that cosigned a checkpoint. A wrong cosignature counts as none."""
    return {witness.key for witness in witnesses if _has_cosigned(note, witness)}


def cosigned(note: str, witness: WitnessKey) -> Cosigned | None:
    """The cosignature of `witness` under a checkpoint; None without one. BadNote when it is wrong."""
    text, signatures = split_note(note)
    return next((_opened(text, one, witness) for one in signatures if one.is_by(witness)), None)


def cosignatures(note: str, witnesses: Iterable[WitnessKey]) -> list[Cosigned]:
    """Those of the witnesses that signed. BadNote when a signature of one of them is wrong."""
    return [found for witness in witnesses if (found := cosigned(note, witness))]


def _has_cosigned(note: str, witness: WitnessKey) -> bool:
    try:
        return cosigned(note, witness) is not None
    except BadNote:
        return False


def _opened(text: str, signature: Signature, witness: WitnessKey) -> Cosigned:
    seconds = int.from_bytes(signature.raw[4 : 4 + STAMP])
    if not 0 < seconds <= LATEST:
        raise BadNote(f"the cosignature of {witness.name} has no time")
    try:
        key = Ed25519PublicKey.from_public_bytes(witness.key)
        key.verify(signature.raw[4 + STAMP :], _message(text, seconds))
    except InvalidSignature:
        raise BadNote(f"the cosignature of {witness.name} is wrong") from None
    return Cosigned(witness.name, datetime.fromtimestamp(seconds, UTC), signature.line + "\n")


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
