"""The bid of the organisation acted for: sealed here, uploaded, submitted, withdrawn, deposited again."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from procurement.client.answers import Received, Stored, Tender, WhatToSeal, Withdrawn
from procurement.client.groups import Group
from procurement.client.sealing import Asked, Attached, Line, Sealed, SealedBid, seal_bid
from procurement.kernel.sealing import Blob

Part = Callable[[str], bytes]
"""Gives the bytes of a sealed part, by its SHA-256."""


class Bids(Group):
    def what_to_seal(self, tender: str) -> WhatToSeal:
        return self.calls.read(f"/tenders/{tender}/bid", WhatToSeal)

    def asked(self, tender: Tender) -> Asked:
        """What the next version is sealed to."""
        told = self.what_to_seal(tender.id)
        lines = tuple(Line(item.id, item.lot, item.quantity) for item in tender.items)
        return Asked(
            told.tender, told.revision, told.recipient, told.supplier, told.next_version, tender.value.currency, lines
        )

    def seal(self, tender: Tender, unit_prices: Mapping[str, str], documents: Sequence[Attached] = ()) -> SealedBid:
        """Seal the next version on this machine, for unit prices by item id."""
        return seal_bid(self.asked(tender), unit_prices, documents)

    def stored(self, tender: str) -> tuple[Blob, ...]:
        """The parts that are durable there."""
        return self.calls.read(f"/tenders/{tender}/bid/parts", Stored).parts

    def upload(self, tender: str, sealed: SealedBid) -> None:
        """Store the sealed parts, which says nothing yet."""
        held = {part.blob.sha256: part.data for part in sealed.parts}
        self.upload_parts(tender, sealed.envelope.blobs, held.__getitem__)

    def upload_parts(self, tender: str, blobs: Iterable[Blob], part: Part) -> int:
        """Store those of the parts that are not there yet; returns how many they were."""
        there = set(self.stored(tender))
        missing = [blob for blob in blobs if blob not in there]
        for blob in missing:
            self.calls.upload(f"/tenders/{tender}/bid/parts/{blob.sha256}", part(blob.sha256), Blob)
        return len(missing)

    def submit(self, tender: str, sealed: Sealed, *, key: str = "", uploaded: bool = False) -> Received:
        """Upload the parts that a SealedBid holds, then submit. The same sealed bid with the same key gets the same
        receipt, always."""
        if not uploaded and isinstance(sealed, SealedBid):
            self.upload(tender, sealed)
        body = {"envelope": sealed.envelope, "version": sealed.version}
        return self.calls.act("POST", f"/tenders/{tender}/bid", body, returns=Received, key=key)

    def withdraw(self, tender: str) -> Withdrawn:
        return self.calls.act("DELETE", f"/tenders/{tender}/bid", returns=Withdrawn)
