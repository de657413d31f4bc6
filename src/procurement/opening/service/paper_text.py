"""What the opening record prints, already in words."""

from datetime import datetime
from typing import Any

import msgspec

from procurement.bids import service as bids
from procurement.identity import service as identity
from procurement.infra import documents
from procurement.infra.ledger.service import Entry
from procurement.infra.tx import Tx
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.money import Money
from procurement.kernel.sealing.signing import key_id, sign
from procurement.opening.rules import BidDisclosed, OpenedBid, total_of
from procurement.opening.rules.unread import Said
from procurement.opening.service.members import Sharing, sharing
from procurement.opening.service.reading import staged_bids
from procurement.opening.tables import OpeningRow
from procurement.rulebooks import service as rulebooks
from procurement.settings import Settings
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender

SAID = {
    Said.READ: "could read its share",
    Said.UNREADABLE: "said that its share cannot be read",
    Said.NOTHING: "did not answer",
}


class Act(msgspec.Struct, frozen=True):
    """A step of the opening; `who` is an office, never a person's name."""

    at: str
    who: str
    did: str


class Lot(msgspec.Struct, frozen=True):
    title: str
    price: str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was read out of a bid. `received`, `total` and `problem` are "" where the rulebook lets none be read; `said`
    is what each key holder said of a bid that was put out, and why it was."""

    name: str
    received: str
    digest: str
    version: int
    lots: tuple[Lot, ...]
    total: str
    problem: str
    said: tuple[str, ...]


class PaperText(msgspec.Struct, frozen=True, kw_only=True):
    """The data of opening/record.typ. `clean` is -1 in records from before documents were scanned."""

    language: str
    country: str
    practice: bool
    title: str
    tender: str
    ocid: str
    buyer: str
    zone: str
    level: str
    deadline: str
    bids: int
    acts: tuple[Act, ...]
    read: tuple[Read, ...]
    clean: int
    not_scanned: int
    found: tuple[str, ...]
    root: str
    closing: str
    index: int
    entry: str
    sha256: str
    key: str
    signature: str


async def text(tx: Tx, opening: OpeningRow, placed: Entry, signer: SignerKey) -> PaperText:
    """Of an opening whose reading out is `placed` in the ledger."""
    assert opening.record
    tender = await tenders.tender(tx, opening.tender_id)
    rulebook = await rulebooks.get(tx, tender.rulebook)
    record = msgspec.json.decode(opening.record)
    disclosed = msgspec.convert(record["opened"]["bids"], list[BidDisclosed])
    scanned = record.get("malware", {"clean": -1, "not_scanned": 0, "found": []})
    numbers = {one.bid: number for number, one in enumerate(disclosed, start=1)}
    return PaperText(
        language=rulebook.languages[0],
        country=Settings.read().country_name,
        practice=tx.sandbox,
        title=tender.title,
        tender=tender.id,
        ocid=tender.ocid,
        buyer=(await identity.organisation(tx, tender.buyer)).name,
        zone=rulebook.zone.key,
        level=tender.seal_level,
        deadline=_moment(tender.deadline, rulebook.zone) if tender.deadline else "",
        bids=len(disclosed),
        acts=await _acts(tx, tender, opening, rulebook.zone),
        read=await _read(tx, tender, disclosed, _said(record), aloud=rulebook.opening.public, zone=rulebook.zone),
        clean=scanned["clean"],
        not_scanned=scanned["not_scanned"],
        found=tuple(_found(one, numbers) for one in scanned["found"]),
        root=record["opened"]["root"],
        closing=opening.leaf,
        index=placed.index,
        entry=placed.entry,
        sha256=sha256_hex(opening.record),
        key=key_id(signer.private.public_key()),
        signature=sign(signer.private, opening.record),
    )


async def _acts(tx: Tx, tender: Tender, opening: OpeningRow, zone: Any) -> tuple[Act, ...]:
    closing = await bids.closing_of(tx, tender.id)
    assert closing and opening.confirmed_at and opening.released_at and opening.shown_at
    shared = await sharing(tx, tender.id)
    steps = [
        (closing.closed_at, "The service", "closed bidding and fixed the list of bids in the public record"),
        (opening.requested_at, "An officer of the buyer", f"asked for the opening ({opening.requested_by})"),
        (opening.confirmed_at, "An approver of the buyer", f"confirmed it ({opening.confirmed_by})"),
        (opening.released_at, "The key service", "checked its clock, the record and both codes, and released"),
        *(await _given(tx, shared) if shared else ()),
        (opening.shown_at, "The service", "showed all bids together"),
    ]
    return tuple(Act(_moment(at, zone), who, did) for at, who, did in sorted(steps, key=lambda step: step[0]))


async def _given(tx: Tx, shared: Sharing) -> list[tuple[datetime, str, str]]:
    """The key holders who acted, by office."""
    named = await identity.organisations(tx, {member.organisation for member in shared.members})
    gave = f"gave their shares, as one of {len(shared.members)} key holders of whom {shared.m} are needed"
    unable = "said that they can read none of their shares"
    return [
        (at, f"{member.office}, {named[member.organisation].name}", did)
        for member in shared.members
        for at, did in ((member.given_at, gave), (member.unable_at, unable))
        if at
    ]


def _says(reader: dict[str, Any]) -> str:
    """Records of before silence ended name nobody who still had a key."""
    said = Said(reader["said"])
    return "had no key any more" if said is Said.NOTHING and reader.get("ended", True) else SAID[said]


def _said(record: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """By bid that was put out, in words."""
    return {
        one["bid"]: (
            *(f"{reader['office']} {_says(reader)}." for reader in one["holders"]),
            f"Two people of the buyer decided to go on without it: {one['reason']}",
        )
        for one in record.get("put_out", ())
    }


async def _read(
    tx: Tx, tender: Tender, disclosed: list[BidDisclosed], said: dict[str, tuple[str, ...]], *, aloud: bool, zone: Any
) -> tuple[Read, ...]:
    opened = {bid.bid_id: bid for bid in await staged_bids(tx, tender.id)}
    named = await identity.organisations(tx, {one.supplier for one in disclosed if one.supplier})
    return tuple(
        Read(
            name=named[one.supplier].name if one.supplier else f"Bid {number}",
            received=_moment(opened[one.bid].received_at, zone, exact=True) if aloud else "",
            digest=one.digest,
            version=one.version,
            lots=_lots(tender, one.lots),
            total=documents.amount(total_of(one.lots, tender.value.currency)) if one.lots else "",
            problem=_problem(one, opened[one.bid], aloud),
            said=said.get(one.bid, ()),
        )
        for number, one in enumerate(disclosed, start=1)
    )


def _problem(one: BidDisclosed, bid: OpenedBid, aloud: bool) -> str:
    return (bid.problem if aloud else one.problem) if one.problem else ""


def _lots(tender: Tender, prices: dict[str, Money]) -> tuple[Lot, ...]:
    """Prices by lot, where there are several."""
    if len(tender.lots) < 2:
        return ()
    return tuple(Lot(lot.title, documents.amount(prices[lot.id])) for lot in tender.lots if lot.id in prices)


def _found(one: dict[str, Any], numbers: dict[str, int]) -> str:
    return f"In document {one['document']} of bid {numbers[one['bid']]} the scanner found {one['found']}."


def _moment(at: datetime, zone: Any, *, exact: bool = False) -> str:
    """“30 November 2026, 21:00:02”, in the official zone; to the microsecond where it is `exact`."""
    there = at.astimezone(zone)
    return f"{documents.day(there.date())}, {there:%H:%M:%S}" + (f".{there:%f}" if exact else "")
