"""Signed checkpoints as C2SP `signed-note` and `checkpoint` fix them, with Ed25519."""

import base64
import hashlib
from typing import ClassVar, Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
DASH = "\u2014"
PRACTICE = "/sandbox-"  # in the name of every practice log, for ever
MOST_SIGNATURES = 64  # under one note; C2SP asks for at least 16
LARGEST = (1 << 63) - 1  # entries of a log, as C2SP has it, and as databases can count


class BadNote(ValueError):
    """The note is malformed, or no signature by the expected key stands under it."""


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key with its name, written `name+hex(key id)+base64(algorithm || key)`."""

    ALGORITHM: ClassVar[bytes] = ED25519

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.ALGORITHM + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.ALGORITHM + self.key).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise BadNote("a verifier key is written name+id+key") from None
        key = cls(name, raw[1:])
        if raw[:1] != cls.ALGORITHM or len(raw) != 33 or key.id.hex() != key_id:
            raise BadNote("the verifier key does not match its id")
        if not name or any(map(str.isspace, name)):
            raise BadNote("the name of a verifier key has no spaces")
        return key


class SignerKey:
    """The private key of a log or of a receipt office."""

    def __init__(self, name: str, seed: bytes) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """`text` (ending in a newline) as a signed note."""
        signature = self.verifier.id + self.private.sign(text.encode())
        return f"{text}\n{DASH} {self.verifier.name} {base64.b64encode(signature).decode()}\n"


class Checkpoint(msgspec.Struct, frozen=True):
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signature(msgspec.Struct, frozen=True):
    """One line under a note; `raw` is the key's id and what it signed with."""

    name: str
    raw: bytes
    line: str

    def is_by(self, key: VerifierKey) -> bool:
        return self.name == key.name and self.raw[:4] == key.id


def split_note(note: str) -> tuple[str, list[Signature]]:
    """The text of a note and the signatures under it, none of them checked. BadNote when it is none."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap:
        raise BadNote("there is no signature")
    if lines.count("\n") > MOST_SIGNATURES:
        raise BadNote("there are too many signatures")
    return text + "\n", [_signature(line) for line in lines.removesuffix("\n").split("\n")]


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH:
        raise BadNote("a signature line is malformed")
    try:
        return Signature(parts[1], base64.b64decode(parts[2], validate=True), line)
    except ValueError:
        raise BadNote("a signature is not base64") from None


def open_note(note: str, key: VerifierKey) -> str:
    """The text of a note that `key` signed. BadNote otherwise; unknown signatures are ignored."""
    text, signatures = split_note(note)
    for signature in signatures:
        if signature.is_by(key):
            try:
                Ed25519PublicKey.from_public_bytes(key.key).verify(signature.raw[4:], text.encode())
            except InvalidSignature:
                raise BadNote("the signature is wrong") from None
            return text
    raise BadNote(f"{key.name} did not sign this note")


def alone(note: str, key: VerifierKey) -> str:
    """The note with nothing under it but the signature of `key`, which is not checked here. BadNote without one."""
    text, signatures = split_note(note)
    for signature in signatures:
        if signature.is_by(key):
            return f"{text}\n{signature.line}\n"
    raise BadNote(f"{key.name} did not sign this note")


def open_checkpoint(note: str, key: VerifierKey, origin: str) -> Checkpoint:
    """The checkpoint of `origin` that `key` signed. BadNote otherwise."""
    lines = open_note(note, key).split("\n")
    if len(lines) < 4 or lines[0] != origin:
        raise BadNote("this checkpoint is of another log")
    if not lines[1].isascii() or not lines[1].isdigit() or (lines[1] != "0" and lines[1].startswith("0")):
        raise BadNote("the size is malformed")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError:
        raise BadNote("the root is not base64") from None
    if len(lines[1]) > len(str(LARGEST)) or int(lines[1]) > LARGEST:
        raise BadNote("the size is larger than any log")
    if len(root) != 32:
        raise BadNote("the root is not 32 bytes")
    return Checkpoint(origin, int(lines[1]), root)
