"""The service's signing keys: 32 random bytes each, in a file that only its owner reads.

The checkpoint key signs the ledger, the receipt key signs receipts and opening records. They are apart, so that
the web process, which needs the second, never holds the first.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from procurement.kernel.checkpoint import SignerKey

RECEIPTS = "/receipts"  # what the receipt key's name adds to the log's origin


def signer(path: Path, name: str) -> SignerKey:
    """The key in `path`, made on first use."""
    return SignerKey(name, seed(path))


def seed(path: Path) -> bytes:
    """The secret in `path`, made on first use. Two processes that start together end with the same one."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
