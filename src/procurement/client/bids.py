"""The bid of the organisation acted for: sealed here, uploaded, submitted, withdrawn, deposited again."""

from collections.abc import Mapping, Sequence

from procurement.client.answers import Received, Stored, Tender, WhatToSeal, Withdrawn
from procurement.client.groups import Group
from procurement.client.sealing import Asked, Attached, Line, SealedBid, seal_bid
from procurement.kernel.checkpoint import BadNote, VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Blob, Envelope
from procurement.kernel.sealing.opening_key import must_be_bound
from procurement.kernel.sealing.opening_record import recipients_of
from procurement.kernel.sealing.roster import check_all_signed, parse_roster


class Bids(Group):
    def what_to_seal(self, tender: str) -> WhatToSeal:
        return self.calls.read(f"/tenders/{tender}/bid", WhatToSeal)

    def asked(self, tender: Tender, keyholder: str = "") -> Asked:
        """What the next version is sealed to. Refused where not every key holder signed the roster.

        `keyholder` is the keyholder's public key (name+id+key), had from its operator; "" takes the one that the
        service names. Refused("opening-key-wrong", 422) unless it signed what is sealed to, until when it stays closed.
        """
        told = self.what_to_seal(tender.id)
        key = _must_be_bound(told, tender, keyholder)
        roster = parse_roster(told.roster.encode()) if told.roster else None
        if (roster.level if roster else "S1") != told.level:
            raise Refused("roster-differs", "The key holders given are not those of this seal level.", status=422)
        if roster:
            check_all_signed(roster, told.signatures)
        return Asked(
            tender=told.tender,
            revision=told.revision,
            recipient=told.recipient,
            supplier=told.supplier,
            version=told.next_version,
            currency=tender.value.currency,
            lines=tuple(Line(item.id, item.lot, item.quantity) for item in tender.items),
            roster=roster,
            keyholder=key,
            financial_recipient=told.financial_recipient,
        )

    def seal(
        self, tender: Tender, unit_prices: Mapping[str, str], documents: Sequence[Attached] = (), keyholder: str = ""
    ) -> SealedBid:
        """Seal the next version on this machine, for unit prices by item id. `keyholder` as in `asked`."""
        return seal_bid(self.asked(tender, keyholder), unit_prices, documents)

    def stored(self, tender: str) -> tuple[Blob, ...]:
        """The parts that are durable there."""
        return self.calls.read(f"/tenders/{tender}/bid/parts", Stored).parts

    def upload(self, tender: str, sealed: SealedBid) -> None:
        """Store the sealed parts that are not there yet, which says nothing yet."""
        there = set(self.stored(tender))
        for part in sealed.parts:
            if part.blob not in there:
                self.upload_part(tender, part.blob, part.data)

    def upload_part(self, tender: str, blob: Blob, data: bytes) -> None:
        self.calls.upload(f"/tenders/{tender}/bid/parts/{blob.sha256}", data, Blob)

    def submit(self, tender: str, sealed: SealedBid, *, key: str = "", uploaded: bool = False) -> Received:
        """Upload the parts, then submit. The same sealed bid with the same key gets the same receipt, always."""
        if not uploaded:
            self.upload(tender, sealed)
        return self.hand_in(tender, sealed.envelope, sealed.version, sealed.priced_apart, key=key)

    def hand_in(
        self, tender: str, envelope: Envelope, version: int, financial: Sequence[Envelope] = (), *, key: str = ""
    ) -> Received:
        """Submit an envelope whose parts are stored; with the `financial` one where bids have two, or those of each lot
        in their order."""
        body: dict[str, object] = {"envelope": envelope, "version": version}
        if financial:
            body |= {"financial_lots": financial} if financial[0].lot_group else {"financial": financial[0]}
        return self.calls.act("POST", f"/tenders/{tender}/bid", body, returns=Received, key=key)

    def lost(self, digest: str) -> tuple[Blob, ...]:
        """The parts of an acknowledged bid, by its digest, that the service no longer has whole."""
        return self.calls.read(f"/sealed-bids/{digest}/lost", Stored).parts

    def deposit(self, digest: str, blob: Blob, data: bytes) -> None:
        """Give one of them again, at any time."""
        self.calls.upload(f"/sealed-bids/{digest}/parts/{blob.sha256}", data, Blob)

    def withdraw(self, tender: str) -> Withdrawn:
        return self.calls.act("DELETE", f"/tenders/{tender}/bid", returns=Withdrawn)


def _must_be_bound(told: WhatToSeal, tender: Tender, keyholder: str) -> str:
    """The keyholder's key with which its word was checked; "" for a tender that was published before it signed."""
    key = keyholder or told.keyholder_key
    if not key and not told.opening_keys:
        return ""
    sealed_to = recipients_of({"recipient": told.recipient, "financial_recipient": told.financial_recipient})
    if tender.opening_at is None:
        raise Refused("opening-key-wrong", "This tender has no opening time.", status=422)
    try:
        verifier = VerifierKey.parse(key)
    except BadNote as wrong:
        raise Refused("opening-key-wrong", f"The keyholder's key cannot be read: {wrong}.", status=422) from None
    must_be_bound(told.opening_keys, verifier, told.tender, sealed_to, tender.opening_at)
    return key
