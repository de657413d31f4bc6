"""One spelling for each value: canonical JSON (RFC 8785). What is hashed is stored as it was hashed."""

import hashlib
from typing import Any

import msgspec
import rfc8785

LARGEST = 2**53 - 1  # of the integers that every reader of JSON has exactly


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a Struct, dict or list. Decimals and datetimes become strings first.

    ValueError for what has none. What can be spelled in one way only, names in order, is left to msgspec: the same
    bytes, several times faster.
    """
    plain = msgspec.to_builtins(value)
    return msgspec.json.encode(plain, order="sorted") if _has_one_spelling(plain) else rfc8785.dumps(plain)


def _has_one_spelling(value: Any) -> bool:
    """No fractions, no number that is too large, nothing that has to be escaped but `"` and the backslash, and no names
    beyond ASCII, whose order depends on how they are encoded."""
    names, texts, values = [], [], [value]
    for one in values:  # which grows
        kind = type(one)
        if kind is str:
            texts.append(one)
        elif kind is dict:
            names += one
            values += one.values()
        elif kind is list or kind is tuple:
            values += one
        elif kind is int:
            if not -LARGEST <= one <= LARGEST:
                return False
        elif one is not None and kind is not bool:
            return False
    return _are_plain(names) and "".join(texts).isprintable()


def _are_plain(names: list[Any]) -> bool:
    if set(map(type, names)) - {str}:
        return False
    spelled = "".join(names)
    return spelled.isascii() and spelled.isprintable()


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
