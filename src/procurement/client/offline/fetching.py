"""A tender file from the service, with the record's evidence for it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from procurement.client import feed
from procurement.client.answers import Tender, WhatToSeal
from procurement.client.offline.proving import OF_HOLDERS, OF_KEYHOLDER, OF_TENDER
from procurement.client.offline.tender_file import Evidence, FileItem, FileLot, Proven, TenderFile
from procurement.client.problem import Problem
from procurement.client.service import Client
from procurement.kernel.checkpoint import VerifierKey, open_checkpoint
from procurement.kernel.entry import REPEATED, is_open
from procurement.kernel.sealing.opening_record import PURPOSE
from procurement.kernel.sealing.roster import parse_roster

NOT_YET = 404  # the status where no signed checkpoint covers an entry


class _Entry(msgspec.Struct, frozen=True):
    """As the log serves it; `record` and `salt` are "" while hidden."""

    index: int
    entry: str
    salt: str
    record: str

    @property
    def type(self) -> str:
        return str(msgspec.json.decode(self.record)["type"]) if self.record else ""

    @property
    def open(self) -> bool:
        return is_open(bytes.fromhex(self.entry))


class _Proof(msgspec.Struct, frozen=True):
    path: tuple[str, ...]
    checkpoint: str


class _Entries(msgspec.Struct, frozen=True):
    entries: tuple[_Entry, ...]


def fetch(client: Client, service: str, tender_id: str) -> TenderFile:
    """For the organisation that the client's token acts for. Raises Problem; what it says is not yet proved."""
    tender, told = client.tenders.read(tender_id), client.bids.what_to_seal(tender_id)
    return TenderFile(
        service=service,
        tender=tender.id,
        ocid=tender.ocid,
        title=tender.title,
        revision=told.revision,
        deadline=told.deadline,
        opening_at=tender.opening_at,
        fetched_at=datetime.now(UTC),
        currency=tender.value.currency,
        level=told.level,
        recipient=told.recipient,
        financial_recipient=told.financial_recipient,
        roster=told.roster,
        signatures=told.signatures,
        supplier=told.supplier,
        version=told.next_version,
        bid_limit=told.bid_limit,
        lots=tuple(FileLot(lot.id, lot.number, lot.title) for lot in tender.lots),
        items=tuple(
            FileItem(item.id, item.lot, item.number, item.description, item.quantity, item.unit)
            for lot in tender.lots
            for item in tender.items
            if item.lot == lot.id
        ),
        declarations=told.declarations,
        needs_documents=told.needs_documents,
        evidence=_evidence(client, tender, told),
    )


def _evidence(client: Client, tender: Tender, told: WhatToSeal) -> Evidence:
    """Each entry that bears on what is sealed to, proved against one checkpoint."""
    key = client.keys().checkpoints
    entries = sorted({one.index: one for one in _bearing(client, tender, told)}.items())
    note, size = newest_for(client, key, entries[-1][0] if entries else 0)
    return Evidence(key, note, tuple(_proven(client, one, size) for index, one in entries if index < size))


def newest_for(client: Client, key: str, last: int) -> tuple[str, int]:
    """The checkpoint in which the service proves entry `last`: of those that cover it the one that most witnesses
    cosigned, else the newest; and its size. The newest too in the second in which none covers it yet."""
    try:
        note = msgspec.json.decode(client.fetch(f"/ledger/proof/{last}"), type=_Proof).checkpoint
    except Problem as no:
        if no.status != NOT_YET:
            raise
        note = client.checkpoint()
    parsed = VerifierKey.parse(key)
    return note, open_checkpoint(note, parsed, parsed.name).size


def _bearing(client: Client, tender: Tender, told: WhatToSeal) -> Iterator[_Entry]:
    listed = msgspec.json.decode(client.fetch(f"/ledger/process/{tender.ocid}"), type=list[_Entry])
    yield from (entry for entry in listed if entry.type in {*OF_TENDER, REPEATED})
    places = list(_places(client, OF_KEYHOLDER, "purpose", {PURPOSE}))
    if told.roster:
        places += _places(client, OF_HOLDERS, "holder", set(parse_roster(told.roster.encode()).members))
    for index in places:
        yield from msgspec.json.decode(client.fetch(f"/ledger/entries?start={index}&limit=1"), type=_Entries).entries


def _places(client: Client, types: frozenset[str], field: str, wanted: set[str]) -> Iterator[int]:
    """Where facts of these types stand whose `field` is one of those `wanted`, and where such a one is repeated."""
    after = feed.BEGINNING
    while True:
        page = feed.page(client.calls, after, types=types | {REPEATED})
        yield from (one.index for one in page.changes if wanted & {said.get(field) for said in _said_in(one.fact)})
        if page.next >= page.head or page.next == after:
            return
        after = page.next


def _said_in(fact: dict[str, Any]) -> list[dict[str, Any]]:
    """The fact, and those that it repeats."""
    return [fact, *(msgspec.json.decode(one["record"])["fact"] for one in fact.get("records", ()))]


def _proven(client: Client, entry: _Entry, size: int) -> Proven:
    proof = msgspec.json.decode(client.fetch(f"/ledger/proof/{entry.index}?size={size}"), type=_Proof)
    return Proven(entry.index, entry.salt, entry.record, proof.path, entry.open)
