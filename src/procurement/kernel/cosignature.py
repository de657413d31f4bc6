"""Cosignatures of witnesses under checkpoints, as C2SP `tlog-cosignature` fixes them, with Ed25519.

A cosignature says that this was, at its time, the largest tree that the witness had seen of the log, and that every
tree it had cosigned before was the beginning of this one.
"""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from procurement.kernel.checkpoint import DASH, BadNote, Signature, VerifierKey, split_note

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


def cosigned(note: str, witness: WitnessKey) -> Cosigned | None:
    """The cosignature of `witness` under a checkpoint; None without one. BadNote when it is wrong."""
    text, signatures = split_note(note)
    return next((_opened(text, one, witness) for one in signatures if one.is_by(witness)), None)


def cosignatures(note: str, witnesses: Iterable[WitnessKey]) -> list[Cosigned]:
    """Those of the witnesses that signed. BadNote when a signature of one of them is wrong."""
    return [found for witness in witnesses if (found := cosigned(note, witness))]


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
