"""Sealed bids for an opening, whole or spoilt as a test wants them."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from procurement.kernel.sealing import (
    Blob,
    FileSealer,
    ItemPrice,
    LotTotal,
    Manifest,
    Prices,
    SealedFile,
    SealedPart,
    new_identity,
    prices_bytes,
    seal_manifest,
)
from procurement.tenders.rules.model import Tender

Change = Callable[[Manifest], Manifest]


def seal_file(name: str, data: bytes, recipient: str, confidential: str = "") -> tuple[SealedFile, list[SealedPart]]:
    sealer = FileSealer(name, "application/octet-stream", recipient, confidential)
    parts_ = [*sealer.feed(data), *sealer.finish()]
    return sealer.entry(), parts_


class Bid(msgspec.Struct):
    """A sealed bid before it is submitted, with what a test wants to spoil in it."""

    identity: str
    recipient: str
    manifest: Manifest
    parts: list[SealedPart]

    def blobs(self) -> tuple[Blob, ...]:
        return tuple(part.blob for part in self.parts)


def seal(tender: Tender, supplier: str, unit_price: str = "100.00", version: int = 1, *, prices: bytes = b"",
         offer: bytes = b"We offer asphalt.", change: Change = lambda manifest: manifest) -> Bid:  # fmt: skip
    """A bid for the tender's only lot. `change` spoils the manifest before it is sealed."""
    own, recipient = new_identity()
    files = [
        seal_file("prices.json", prices or prices_bytes(price_list(tender, unit_price)), recipient),
        seal_file("offer.pdf", offer, recipient, "Our recipe for asphalt"),
    ]
    manifest = Manifest(
        tender=tender.id,
        revision=tender.revision_hash,
        lots=(tender.lots[0].id,),
        supplier=supplier,
        version=version,
        nonce="ab" * 32,
        files=tuple(file for file, _ in files),
    )
    changed = change(manifest)
    listed = seal_manifest(changed, recipient)
    return Bid(own, recipient, changed, [listed, *(part for _, sealed in files for part in sealed)])


def price_list(tender: Tender, unit_price: str) -> Prices:
    item = tender.items[0]
    total = bids_total(item.quantity, unit_price)
    return Prices(
        currency="EUR",
        items=(ItemPrice(item=item.id, unit_price=unit_price),),
        lots=(LotTotal(lot=tender.lots[0].id, total=total),),
    )


def bids_total(quantity: object, unit_price: str) -> str:
    return f"{(Decimal(str(quantity)) * Decimal(unit_price)).quantize(Decimal('0.01'), ROUND_HALF_UP)}"
