"""A sealed bid read back, a part at a time, with everything held against envelope and manifest."""

from collections.abc import Collection, Iterable, Iterator

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.manifest import Manifest, SealedFile
from procurement.kernel.sealing.padding import padded_size
from procurement.kernel.sealing.parts import PART, Blob
from procurement.kernel.sealing.prices import LIMIT as PRICES_LIMIT
from procurement.kernel.sealing.prices import Prices


def must_be_the_part(blob: Blob, data: bytes) -> bytes:
    """`data` itself. Refused("part-differs") unless it is the sealed part that the envelope names."""
    if Blob(sha256_hex(data), len(data)) != blob:
        raise Refused("part-differs", "A sealed part is not the one that the envelope names.")
    return data


def plain_bytes(file: SealedFile, parts: Iterable[bytes], identity: str) -> Iterator[bytes]:
    """The file's bytes without their padding, from as many sealed parts as it has.

    Refused("file-differs") unless everything is as the manifest says.
    """
    padded = padded_size(file.size)
    if len(file.parts) != max(1, -(-padded // PART)):
        raise Refused("file-differs", f"{file.name} does not have as many parts as its size needs.")
    left, padding = file.size, padded - file.size
    for part, data in zip(file.parts, parts, strict=False):
        plain = age.decrypt(data, identity)
        if sha256_hex(plain) != part.sha256_plain or len(plain) != min(PART, left + padding):
            raise Refused("file-differs", f"{file.name} is not what the manifest says.")
        kept, filling = plain[:left], plain[left:]
        if filling.strip(b"\0"):
            raise Refused("file-differs", f"Something is hidden in the padding of {file.name}.")
        left, padding = left - len(kept), padding - len(filling)
        if kept:
            yield kept


def price_list_bytes(file: SealedFile, parts: Iterable[bytes], identity: str) -> bytes:
    """prices.json whole, which is short. Refused("prices-malformed"), and as `plain_bytes`."""
    if file.size > PRICES_LIMIT:
        raise Refused("prices-malformed", "prices.json is too large.")
    return b"".join(plain_bytes(file, parts, identity))


def must_bid_for_lots(manifest: Manifest, lots: Collection[str]) -> None:
    """Refused("lots-unknown") unless the technical envelope bids for lots that the tender has."""
    if not manifest.lots or not set(manifest.lots) <= set(lots):
        raise Refused("lots-unknown", "The tender has no lot that this bid is for.")


def must_price_its_lots(manifest: Manifest, prices: Prices) -> None:
    """Refused("prices-malformed") unless the lots that are priced are those that are bid for."""
    if set(manifest.lots) != {lot.lot for lot in prices.lots}:
        raise Refused("prices-malformed", "The lots that are priced are not those that are bid for.")
