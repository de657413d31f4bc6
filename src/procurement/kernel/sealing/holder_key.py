"""A key holder's secret: an age identity for shares, an Ed25519 seed for signatures. It never leaves their device.

As a file it is an age passphrase file (scrypt, work factor 18) of the canonical bytes, made and opened by the holder's
own client alone; the service refuses such files wherever it reads age.
"""

import base64
import secrets
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.sealing import age
from procurement.kernel.sealing.strict import Name, Sha256, read_canonical

LIMIT = 4096  # bytes


class HolderKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`holder` is the key's id, `identity` AGE-SECRET-KEY-1…, `seed` 32 bytes in hex."""

    type: Literal["holder-key/v1"] = "holder-key/v1"
    holder: Name
    identity: Name
    seed: Sha256

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.seed))

    @property
    def recipient(self) -> str:
        """The roster's `age`."""
        return age.recipient_of(self.identity)

    @property
    def sign(self) -> str:
        """The roster's `sign`: the raw public key in base64."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode()


def holder_fingerprint(holder: str, age: str, sign: str) -> str:
    """What two people compare: SHA-256 (hex) of JCS {type: "holder-public/v1", holder, age, sign}."""
    return sha256_hex(canonical({"type": "holder-public/v1", "holder": holder, "age": age, "sign": sign}))


def new_holder_key(holder: str) -> HolderKey:
    return HolderKey(holder=holder, identity=age.new_identity()[0], seed=secrets.token_hex(32))


def holder_key_bytes(key: HolderKey) -> bytes:
    return canonical(key)


def parse_holder_key(data: bytes) -> HolderKey:
    """Refused("holder-key-malformed", 422), ("identity-malformed", 422)."""
    key = read_canonical(data, HolderKey, limit=LIMIT, code="holder-key-malformed", what="The key file")
    age.recipient_of(key.identity)
    return key
