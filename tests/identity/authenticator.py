"""A small authenticator in software, as a phone would be one, with the faults that a test asks for."""

import base64
import hashlib
import json
import os
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey, on one site. `counts` is False for those that say 0 for ever."""

    def __init__(self, origin: str, site: str, *, counts: bool = True) -> None:
        self.origin, self.site, self.counts = origin, site, counts
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.counter, self.handle = os.urandom(16), 0, b""

    def make(self, question: dict[str, Any], *, verified: bool = True, origin: str = "") -> str:
        """Answer `PublicKeyCredentialCreationOptions`: the new credential as JSON."""
        self.handle = raw(question["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + key
        data = self._data(ATTESTED, verified) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", question["challenge"], origin)
        return self._credential({"clientDataJSON": b64(said), "attestationObject": b64(made)})

    def answer(
        self, question: dict[str, Any], *, verified: bool = True, origin: str = "", handle: bytes | None = None
    ) -> str:
        """Answer `PublicKeyCredentialRequestOptions`: the signed credential as JSON."""
        self.counter += 1 if self.counts else 0
        data = self._data(0, verified)
        said = self._said("webauthn.get", question["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        sent = {"clientDataJSON": b64(said), "authenticatorData": b64(data), "signature": b64(signature)}
        return self._credential(sent | {"userHandle": b64(self.handle if handle is None else handle)})

    def _data(self, more: int, verified: bool) -> bytes:
        flags = PRESENT | more | (VERIFIED if verified else 0)
        return hashlib.sha256(self.site.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _said(self, what: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": what, "challenge": challenge, "origin": origin or self.origin}).encode()

    def _credential(self, response: dict[str, str]) -> str:
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response})
