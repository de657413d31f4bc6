"""Identifiers that tell nothing: 80 random bits."""

import base64
import hashlib
import secrets


def new_id() -> str:
    """16 lower-case base32 characters."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def new_token() -> str:
    """A secret of 256 random bits, for cookies, links and bearer tokens. Only `token_digest` of it is stored."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
