"""Locking a key file with a passphrase: an age file with a scrypt recipient (C2SP age.md), of work factor 18.

pyrage takes the factor that its own machine manages in a second, 20 on a fast one: a browser, which has to open the
same file, would need a gigabyte. It opens what is written here, and is the tests' oracle.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FACTOR = 18  # 2^18 rounds: 256 MiB and about a second for each guess
MAGIC = b"age-encryption.org/v1"
CHUNK = 64 << 10  # bytes: more than a key file has
LAST = bytes(11) + b"\1"  # the nonce of a first chunk that is the last one


def encrypt(plain: bytes, passphrase: str, factor: int = FACTOR) -> bytes:
    """One age file; opening it takes 2^`factor` rounds. ValueError for more than fits one chunk."""
    if len(plain) > CHUNK:
        raise ValueError("a key file is short")
    file_key, salt, nonce = secrets.token_bytes(16), secrets.token_bytes(16), secrets.token_bytes(16)
    wrapped = ChaCha20Poly1305(_stretched(passphrase, salt, factor)).encrypt(bytes(12), file_key, None)
    header = b"%s\n-> scrypt %s %d\n%s\n---" % (MAGIC, _base64(salt), factor, _base64(wrapped))
    mac = hmac.digest(_derived(file_key, b"", b"header"), header, "sha256")
    body = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")).encrypt(LAST, plain, None)
    return header + b" " + _base64(mac) + b"\n" + nonce + body


def _stretched(passphrase: str, salt: bytes, factor: int) -> bytes:
    salted, memory = MAGIC + b"/scrypt" + salt, 1 << factor + 11  # bytes: twice what it needs
    return hashlib.scrypt(passphrase.encode(), salt=salted, n=1 << factor, r=8, p=1, maxmem=memory, dklen=32)


def _derived(key: bytes, salt: bytes, what: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, what).derive(key)


def _base64(data: bytes) -> bytes:
    """Without padding, as age writes it."""
    return base64.b64encode(data).rstrip(b"=")
