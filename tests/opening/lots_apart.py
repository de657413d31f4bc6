"""Bids whose price of each lot is sealed apart, as the client library seals them, on the day of an opening."""

import base64
from collections.abc import Sequence

import msgspec
from opening_day import RECEIPTS, Day, Spoil

from procurement.bids import service as bids
from procurement.bids.service import parts
from procurement.client.sealing import Asked, Attached, Line, SealedBid, SealedEnvelope, seal_bid
from procurement.holders import service as holders
from procurement.kernel.actor import Actor
from procurement.kernel.money import Money
from procurement.kernel.sealing import Envelope, deal, digest, envelope_bytes, lock_shares
from procurement.opening.service.steps import OPENER

HUNDRED = Money(125_005_000, "EUR")  # of either lot, at 100.00 each
METHOD = Attached("method.pdf", "application/pdf", b"How we lay asphalt.")


async def asked(day: Day, supplier: str, version: int = 1) -> Asked:
    tender = await day.tender()
    async with day.database.begin(OPENER) as tx:
        chosen = await holders.roster(tx, tender.id)
    return Asked(
        tender=tender.id,
        revision=tender.revision_hash,
        recipient=tender.keyholder_recipient,
        supplier=supplier,
        version=version,
        currency=tender.value.currency,
        lines=tuple(Line(item.id, item.lot, item.quantity) for item in tender.items),
        roster=chosen.roster if chosen else None,
        financial_recipient=tender.financial_recipient or "",
    )


async def sealed(day: Day, bidder: Actor, prices: Sequence[str], version: int = 1) -> SealedBid:
    """`prices` are of the lots in their order; "" where it does not bid for one."""
    wanted = await asked(day, bidder.organisation, version)
    typed = {line.item: price for line, price in zip(wanted.lines, prices, strict=True)}
    return seal_bid(wanted, typed, [METHOD])


async def submit(day: Day, bidder: Actor, bid: SealedBid, financial: Sequence[Envelope] | None = None) -> bids.Receipt:
    """Store the parts and submit; `financial` in place of the bid's own."""
    stored = [await parts.store_sealed(day.files, part) for part in bid.parts]
    async with day.database.begin(bidder) as tx:
        await parts.register(tx, day.tender_id, stored)
        apart = bid.priced_apart if financial is None else financial
        offered = bids.Submission.sealed(day.tender_id, bid.envelope, bid.version, bid.envelope.recipient, apart)
        return await bids.submit(tx, RECEIPTS, offered)


async def bid_for_lots(day: Day, name: str, *prices: str) -> tuple[Actor, str, SealedBid]:
    """The bidder, the id of its bid, and what was sealed."""
    bidder = await day.bidder(name)
    bid = await sealed(day, bidder, prices)
    return bidder, (await submit(day, bidder, bid)).bid.id, bid


async def dealt_otherwise(day: Day, one: SealedEnvelope, spoil: Spoil) -> SealedEnvelope:
    """The same envelope with something wrong in its dealing."""
    tender, wanted = await day.tender(), await asked(day, "")
    assert wanted.roster and tender.financial_recipient
    envelope = one.envelope
    dealt = spoil(deal(one.kit.identity, wanted.roster, lot_group=envelope.lot_group, kind=envelope.kind))
    locked = base64.b64encode(lock_shares(dealt, tender.financial_recipient)).decode()
    other = msgspec.structs.replace(envelope, locked=locked)
    return SealedEnvelope(other, msgspec.structs.replace(one.kit, digest=digest(envelope_bytes(other))))
