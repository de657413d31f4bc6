"""The end of a sealing key: declared when its time of keeping is over, then destroyed by the keyholder."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from sqlalchemy import delete, or_, select, update

from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger import service as ledger
from procurement.infra.retained import NamedFile
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.entry import REPEATED, Record, is_open
from procurement.kernel.permissions import P
from procurement.keyholder.protocol import Evidence
from procurement.keyholder.rules import ENDING_STANDS
from procurement.opening.rules import SealKeysDestroyed, SealKeysEnded
from procurement.opening.service.evidence import evidence, of_entry, openings
from procurement.opening.tables import KeyholderMarkRow, OpeningRow, PriceShareRow, ReleasedShareRow, SealKeyEndRow
from procurement.tenders import service as tenders

ENDER = system("key-ends")
AGAIN = timedelta(hours=1)  # between two questions to the keyholder about the same key
ASKED_ON = timedelta(days=40)  # about a key that a copy may have brought back: beyond the thirty days
SHOWN = timedelta(days=1)  # the same in the thirty days, which the keyholder counts from when it was first asked


async def end_keys(tx: Tx, ids: Sequence[str]) -> list[NamedFile]:
    """Declare that nobody needs the sealing keys of these tenders any more. Shares that were kept as evidence end too;
    no file goes with them."""
    for tender_id in ids:
        tender = await tenders.tender(tx, tender_id)
        tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
        record_id = await tx.record(SealKeysEnded(tender=tender_id), process=tender.ocid, organisation=tender.buyer)
        for shares in (ReleasedShareRow, PriceShareRow):
            await tx.session.execute(delete(shares).where(shares.tender_id == tender_id))
        tx.session.add(SealKeyEndRow(tender_id=tender_id, record_id=record_id, ended_at=tx.now))
    await tx.session.flush()
    return []


async def waiting(tx: Tx) -> list[str]:
    """Tenders about whose key the keyholder is asked now: once it may be destroyed each hour, before that each day.

    Keys destroyed before the keyholder came back from a copy may be in it again: they are asked about once more.
    """
    end, restored = SealKeyEndRow, select(KeyholderMarkRow.restored_at).scalar_subquery()
    back = (end.destroyed_at < restored) & (end.tried_at < restored + ASKED_ON)
    over = (end.ended_at < tx.now - ENDING_STANDS) & (end.tried_at < tx.now - AGAIN)
    due = or_(end.destroyed_at.is_(None), back), or_(end.tried_at.is_(None), end.tried_at < tx.now - SHOWN, over)
    return list(await tx.session.scalars(select(end.tender_id).where(*due).order_by(end.ended_at).limit(100)))


async def destroy(database: Database, keyholder: Keyholder, tender_id: str) -> None:
    """Have the keyholder destroy the key, and record it once. Refused as the keyholder says; it is tried again later.

    Of a tender that was never opened the cancellation is the evidence, as the keyholder's rules ask.
    """
    mine, row = SealKeyEndRow.tender_id == tender_id, SealKeyEndRow
    async with database.begin(ENDER) as tx:
        await tx.session.execute(update(row).where(mine).values(tried_at=tx.now))
    async with database.begin(ENDER) as tx:
        tender = await tenders.tender(tx, tender_id)
        proof = await _proof(tx, tender_id, tender.ocid)
    for one in openings(tender):
        at = await keyholder.destroy(one, proof)
    async with database.begin(ENDER) as tx:
        newly = or_(row.destroyed_at.is_(None), row.destroyed_at < at)
        told = update(row).where(mine, newly).values(destroyed_at=at).returning(row.tender_id)
        tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
        if await tx.session.scalar(told) is not None:
            fact = SealKeysDestroyed(tender=tender_id, destroyed_at=at)
            await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _proof(tx: Tx, tender_id: str, ocid: str) -> Evidence:
    opening = await tx.session.get(OpeningRow, tender_id)
    if opening is None or opening.released_at is None:
        for entry in await ledger.of_process(tx.session, ocid):
            if is_open(bytes.fromhex(entry.entry)) and _cancels(msgspec.json.decode(entry.record, type=Record)):
                return await of_entry(tx, entry)
    return await evidence(tx, (await tx.session.get_one(SealKeyEndRow, tender_id)).record_id)


def _cancels(record: Record) -> bool:
    """Whether it is the cancellation, or repeats it."""
    repeated = record.fact["records"] if record.type == REPEATED else ()
    said = [record, *(msgspec.json.decode(one["record"], type=Record) for one in repeated)]
    return any(one.type == "TenderCancelled" for one in said)
