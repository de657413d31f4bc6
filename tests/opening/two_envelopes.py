"""Bids of two envelopes, and the second opening, on the day of an opening."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
from bids_to_open import price_list, seal_file
from opening_day import RECEIPTS, Day, Spoil

from procurement.bids import service as bids
from procurement.bids.service import parts
from procurement.holders import service as holders
from procurement.kernel.actor import Actor, system
from procurement.kernel.sealing import (
    Envelope,
    Manifest,
    Roster,
    SealedPart,
    deal,
    lock_identity,
    lock_shares,
    new_identity,
    prices_bytes,
    roster_hash,
    seal_manifest,
)
from procurement.opening import jobs, service
from procurement.opening.rules import Financial, TechnicalDecided
from procurement.opening.service.steps import OPENER
from procurement.tenders.rules.model import Tender

DECIDER = system("decider")
CANARY = "31337.25"


class Half(msgspec.Struct):
    """One envelope of a bid, and the parts that it names."""

    identity: str
    envelope: Envelope
    parts: list[SealedPart]


def seal_half(tender: Tender, supplier: str, kind: str, files: dict[str, bytes], version: int = 1,
              roster: Roster | None = None, spoil: Spoil = lambda dealt: dealt) -> Half:  # fmt: skip
    own, recipient = new_identity()
    keyholder = tender.financial_recipient if kind == "financial" else tender.keyholder_recipient
    assert keyholder
    sealed = [seal_file(name, data, recipient) for name, data in files.items()]
    manifest = Manifest(
        tender=tender.id,
        revision=tender.revision_hash,
        lots=(tender.lots[0].id,),
        kind=kind,  # type: ignore[arg-type]  # of the words that a manifest knows
        supplier=supplier,
        version=version,
        nonce="ab" * 32,
        files=tuple(file for file, _ in sealed),
    )
    held = [seal_manifest(manifest, recipient), *(part for _, own_parts in sealed for part in own_parts)]
    envelope = Envelope(
        tender=tender.id,
        revision=tender.revision_hash,
        kind=kind,  # type: ignore[arg-type]  # as above
        recipient=recipient,
        blobs=tuple(part.blob for part in held),
        **_locked(own, keyholder, kind, roster, spoil),  # type: ignore[arg-type]  # the fields of the lock
        sealed_by="client",
        client="test",
    )
    return Half(own, envelope, held)


def _locked(own: str, keyholder: str, kind: str, roster: Roster | None, spoil: Spoil) -> dict[str, object]:
    """The envelope's fields of the lock, at level S1 or S2. `spoil` changes what the bidder dealt."""
    if roster is None:
        return {"locked": base64.b64encode(lock_identity(own, keyholder)).decode()}
    dealt = spoil(deal(own, roster, kind=kind))  # type: ignore[arg-type]  # of the words that a share knows
    locked = base64.b64encode(lock_shares(dealt, keyholder)).decode()
    return {"m": roster.m, "n": roster.n, "roster": roster_hash(roster), "locked": locked}


def technical(tender: Tender, supplier: str, version: int = 1) -> Half:
    return seal_half(tender, supplier, "technical", {"method.pdf": b"How we lay asphalt."}, version)


def financial(tender: Tender, supplier: str, unit_price: str = "100.00", version: int = 1) -> Half:
    prices = {"prices.json": prices_bytes(price_list(tender, unit_price))}
    return seal_half(tender, supplier, "financial", prices, version)


async def submit_two(day: Day, bidder: Actor, first: Half, second: Half | None, version: int = 1) -> bids.Receipt:
    """Store the parts of both and submit them together."""
    for half in (first, second) if second else (first,):
        for part in half.parts:
            await parts.store_sealed(day.files, part)
    async with day.database.begin(bidder) as tx:
        for half in (first, second) if second else (first,):
            await parts.register(tx, day.tender_id, [part.blob for part in half.parts])
        offered = bids.Submission.sealed(
            day.tender_id, first.envelope, version, first.envelope.recipient, [second.envelope] if second else []
        )
        return await bids.submit(tx, RECEIPTS, offered)


async def bid_two(day: Day, name: str, unit_price: str = "100.00") -> tuple[Actor, str]:
    """A bidder whose bid of two envelopes was received; returns it with the bid's id."""
    tender, bidder = await day.tender(), await day.bidder(name)
    halves = technical(tender, bidder.organisation), financial(tender, bidder.organisation, unit_price)
    return bidder, (await submit_two(day, bidder, *halves)).bid.id


async def bid_locked(
    day: Day, name: str, unit_price: str = "100.00", spoil: Spoil = lambda dealt: dealt
) -> tuple[Actor, str, tuple[Half, Half]]:
    """The same with a double lock: the bidder, the bid's id, its envelopes. `spoil` changes what was dealt of the
    financial one."""
    tender, bidder = await day.tender(), await day.bidder(name)
    async with day.database.begin(DECIDER) as tx:
        chosen = await holders.roster(tx, day.tender_id)
    assert chosen
    supplier, roster = bidder.organisation, chosen.roster
    first = seal_half(tender, supplier, "technical", {"method.pdf": b"How we lay asphalt."}, roster=roster)
    prices = {"prices.json": prices_bytes(price_list(tender, unit_price))}
    second = seal_half(tender, supplier, "financial", prices, roster=roster, spoil=spoil)
    return bidder, (await submit_two(day, bidder, first, second)).bid.id, (first, second)


async def decide(day: Day, *passed: str | tuple[str, str]) -> TechnicalDecided:
    """That these bids passed: in the lot named, or in the one lot of the tender."""
    only = (await day.tender()).lots[0].id
    pairs = [(one, only) if isinstance(one, str) else one for one in passed]
    async with day.database.begin(DECIDER) as tx:
        fact = await service.decide_technical(tx, day.tender_id, pairs)
    await day.sequence()
    return fact


async def request_prices(day: Day, actor: Actor, code: str = "") -> None:
    code = code or await day.code(actor)
    async with day.as_(actor) as tx:
        await service.request_prices(tx, day.keyholder, day.tender_id, code)


async def confirm_prices(day: Day, actor: Actor, code: str = "") -> None:
    code = code or await day.code(actor)
    async with day.as_(actor) as tx:
        await service.confirm_prices(tx, day.keyholder, day.tender_id, code)


async def open_prices(day: Day) -> None:
    """Two other people ask than for the first opening, whose codes of this moment are used; the sweep does the rest."""
    await request_prices(day, day.town.otto)
    await confirm_prices(day, day.town.omar)
    await jobs.sweep_prices(day.database, day.keyholder, day.files)


async def asked_for_prices(day: Day, advance: Callable[[timedelta], Awaitable[None]]) -> str:
    """One bid passed, and two people asked for its price; its id."""
    _, good = await bid_two(day, "Adler Strassenbau")
    await day.close_bidding(advance)
    await day.open()
    await decide(day, good)
    await request_prices(day, day.town.otto)
    await confirm_prices(day, day.town.omar)
    return good


async def standing(day: Day) -> Financial:
    async with day.database.begin(OPENER) as tx:
        found = await service.financial(tx, await day.tender())
    assert found
    return found
