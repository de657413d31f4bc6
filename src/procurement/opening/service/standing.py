"""The memory of how far the keyholder's store had come: one that came back from an older copy is found, and told again.

The keyholder then releases nothing until its staff confirmed the times (docs/keyholder.md). Told again are the times of
all tenders that wait for their opening, and the ends of keys that the copy may have brought back.
"""

import logging

from sqlalchemy import select

from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger.publishing import publish_key
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import PURPOSE
from procurement.keyholder.protocol import Stands
from procurement.opening.rules import KeyholderConfirmed, KeyholderRestored
from procurement.opening.service.evidence import openings
from procurement.opening.tables import KeyholderMarkRow, OpeningRow
from procurement.tenders.rules.model import Tender
from procurement.tenders.service import lists as tenders

KEEPER = system("keyholder-memory")
KNOWN = frozenset({"opening-time-earlier", "identity-destroyed"})  # it is bound even later, or has no key any more

log = logging.getLogger(__name__)


async def remember(database: Database, keyholder: Keyholder) -> None:
    """Publish its key, ask how far its store has come, and remember it. While that is not confirmed, tell it the times
    again; another one is told them before it is remembered, so that what it was not told is told the next time."""
    key = (await keyholder.clocks()).key
    async with database.begin(KEEPER) as tx:
        held = await tx.session.get(KeyholderMarkRow, 1)
        if key and not tx.read_only:
            await publish_key(tx, PURPOSE, key)
    stands, same = await _standing(keyholder, held)
    async with database.begin(KEEPER) as tx:
        waiting = await _waiting(tx) if stands.restored or not same else []
        if same:
            await _keep(tx, stands)
    for tender in waiting:
        await _tell(keyholder, tender)
    if not same:
        async with database.begin(KEEPER) as tx:
            await _keep(tx, stands)


async def _standing(keyholder: Keyholder, held: KeyholderMarkRow | None) -> tuple[Stands, bool]:
    """How far its store has come; and whether it is the keyholder that said what is remembered, if anything is.

    Another one does not take that word: it is a new keyholder, or a copy of before this one had its key. Its key is a
    new fact, which everybody sees, and it is told all times.
    """
    if not (held and held.signature):  # nothing, or remembered before keyholders signed: it is remembered anew
        return await keyholder.stands(), True
    try:
        return await keyholder.stands(held.number, held.mark, held.signature), True
    except Refused as no:
        if no.code != "standing-unsigned":
            raise
    log.error("the keyholder is another one than before, or an older copy of it: compare its key with the published")
    return await keyholder.stands(), False


async def _keep(tx: Tx, stands: Stands) -> None:
    """Note the state; its changes are facts."""
    row = await tx.session.get(KeyholderMarkRow, 1, with_for_update=True, populate_existing=True)
    if row is None:
        row = KeyholderMarkRow(id=1)
        tx.session.add(row)
    row.number, row.mark, row.signature = stands.number, stands.mark, stands.signature
    waits = row.restored_at is not None and row.confirmed_at is None
    if stands.restored and not waits:
        row.restored_at, row.confirmed_at = await tx.clock(), None
        await tx.record(KeyholderRestored())
    elif waits and not stands.restored:
        row.confirmed_at = await tx.clock()
        await tx.record(KeyholderConfirmed())


async def _waiting(tx: Tx) -> list[Tender]:
    """Tenders whose bids are still closed."""
    shown = set(await tx.session.scalars(select(OpeningRow.tender_id).where(OpeningRow.shown_at.is_not(None))))
    return [one for one in await tenders.unsettled(tx) if one.id not in shown]


async def _tell(keyholder: Keyholder, tender: Tender) -> None:
    """Of a tender published since the copy it has no key: its bids cannot be opened with this copy."""
    assert tender.opening_at
    try:
        for one in openings(tender):
            await keyholder.postpone(one, tender.opening_at)
    except Refused as no:
        if no.code == "unavailable":
            raise
        if no.code not in KNOWN:
            log.error("the restored keyholder cannot open %s: %s", tender.id, no.code)
