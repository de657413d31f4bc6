"""The box of a draft: what the server must keep between two requests, and must not be able to read in between.

The key is made here, handed to the browser in a cookie, and forgotten. A box is nonce (12 bytes) and ciphertext
(ChaCha20-Poly1305), bound to its draft; padded, so that its length tells little.
"""

import base64
import binascii
import secrets

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from procurement.bids.rules.draft import Contents
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import padded_size

NONCE = 12
KEY = 32


def new_key() -> str:
    """52 lower-case base32 characters: 256 random bits that a person can also copy by hand."""
    return base64.b32encode(ChaCha20Poly1305.generate_key()).decode().rstrip("=").lower()


def close(key: str, draft_id: str, contents: Contents) -> bytes:
    """The contents, readable again only with the key and only as this draft."""
    plain = msgspec.json.encode(contents)
    nonce = secrets.token_bytes(NONCE)
    padded = plain.ljust(padded_size(len(plain)))  # JSON allows spaces after a value
    return nonce + ChaCha20Poly1305(_bytes(key)).encrypt(nonce, padded, draft_id.encode())


def unlock(key: str, draft_id: str, box: bytes) -> Contents:
    """Refused("draft-elsewhere", 403) without the key that closed the box."""
    try:
        plain = ChaCha20Poly1305(_bytes(key)).decrypt(box[:NONCE], box[NONCE:], draft_id.encode())
    except InvalidTag:
        raise _elsewhere() from None
    return msgspec.json.decode(plain, type=Contents)


def _bytes(key: str) -> bytes:
    plain = "".join(key.split()).replace("-", "").upper()
    try:
        raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        raise _elsewhere() from None
    if len(raw) != KEY:
        raise _elsewhere()
    return raw


def _elsewhere() -> Refused:
    return Refused(
        "draft-elsewhere",
        "This draft was started in another browser, and only that browser, or whoever has its draft key, can read it.",
        status=403,
    )
