"""Key files of the practice republic, which anybody may take: nothing real is ever locked to them."""

from pathlib import Path

from procurement.holders.passphrase import encrypt
from procurement.infra.tx import Tx
from procurement.kernel.sealing.holder_key import HolderKey, holder_key_bytes

FOLDER = "practice"  # in the data folder
PASSPHRASE = "fictional-republic"  # noqa: S105  # no secret: everybody may know it
FACTOR = 10  # so little that it costs no time: there is nothing to guess


def save(data: Path, key: HolderKey) -> None:
    """Put a fictional holder's key file where their page finds it."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _file(data, key.holder).write_bytes(encrypt(holder_key_bytes(key), PASSPHRASE, FACTOR))


def key_file(tx: Tx, data: str, holder: str) -> bytes | None:
    """The key file of a fictional holder of this sandbox; None for a key that somebody made, and anywhere else."""
    file = _file(Path(data), holder)
    return file.read_bytes() if tx.sandbox and file.exists() else None


def _file(data: Path, holder: str) -> Path:
    """`holder` is an id of ours: base32."""
    return data / FOLDER / f"{holder}.age"
