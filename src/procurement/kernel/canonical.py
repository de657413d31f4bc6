"""One spelling for each value: canonical JSON (RFC 8785). What is hashed is stored as it was hashed."""

import hashlib
from typing import Any

import msgspec
import rfc8785


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a Struct, dict or list. Decimals and datetimes become strings first."""
    return rfc8785.dumps(msgspec.to_builtins(value))


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
