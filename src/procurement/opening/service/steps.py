"""From the recorded intent to the reading out: released, shared and joined, staged one by one, shown together.

1. The intent is recorded (OpeningConfirmed) before this begins: nothing here starts an opening.
2. Released: the keyholder grants exactly the digests that closing fixed. Asking again gives the same answer.
3. At levels S2 and S3, shared: what the keyholder gives are shares, each locked to a key holder, who gives theirs from
   their own browser (giving). Joined: m of them give the bid's key (joining).
4. Staged: each bid is unlocked, decrypted in a child process, checked and stored (staging). Its key is never stored.
5. Scanned: where a scanner for malware is set up, it is asked about every document (scanning). It stops nothing.
6. Shown: when all are staged, in one transaction, with the fact, the disclosures and the opening record.

Every step may be killed and repeated. What fails through our own fault waits and is tried again. Of a tender that is
cancelled meanwhile nothing is shown, what was given is forgotten, and what was staged is removed (removing).
"""

from sqlalchemy import select, update

from procurement.bids import service as bids
from procurement.holders import service as holders
from procurement.infra import scanner
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database, Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening.service import each, removing, scanning
from procurement.opening.service.releasing import grant_first
from procurement.opening.service.showing import show
from procurement.opening.tables import OpeningRow, StagedRemovalRow
from procurement.settings import Settings
from procurement.tenders import service as tenders

OPENER = each.OPENER


async def in_progress(tx: Tx) -> list[str]:
    """Tenders whose opening was confirmed and is not shown, the longest waiting first; none that was cancelled, once
    nothing is left of it."""
    removed = select(StagedRemovalRow.tender_id)
    waiting = OpeningRow.confirmed_at.is_not(None), OpeningRow.shown_at.is_(None), OpeningRow.tender_id.not_in(removed)
    rows = await tx.session.scalars(
        select(OpeningRow.tender_id).where(*waiting).order_by(OpeningRow.confirmed_at, OpeningRow.tender_id)
    )
    return list(rows)


async def advance(database: Database, keyholder: Keyholder, files: Files, tender_id: str) -> None:
    """Go as far as possible. Refused for what is our own fault: it is tried again later.

    What was released is asked for again where the keyholder forgot it, because it came back from a copy.
    So is a list of key holders that is not the one published: every bid was received for that one, so none is to blame.
    """
    async with database.begin(OPENER) as tx:
        tender = await tenders.tender(tx, tender_id)
        if tender.cancelled_at is not None:
            return await removing.remove(tx, files, tender)
        await _release(tx, keyholder, tender_id)
        leaf = (await tx.session.get_one(OpeningRow, tender_id)).leaf
        await bids.members(tx, tender)
        roster = await holders.roster(tx, tender_id)
    try:
        await each.open_each(database, keyholder, files, tender, leaf, roster)
    except Refused as no:
        if no.code == "not-released":
            async with database.begin(OPENER) as tx:
                await grant_first(tx, keyholder, tender)
        raise
    await scanning.before_showing(database, files, scanner.ours(Settings.read()), tender_id)
    async with database.begin(OPENER) as tx:
        await show(tx, tender_id)


async def note_problem(tx: Tx, tender_id: str, problem: str) -> None:
    """What officers read while an opening waits for us."""
    tx.actor.must(P.OPENING_CONFIRM, of=(await tenders.tender(tx, tender_id)).buyer)
    waiting = (OpeningRow.tender_id == tender_id, OpeningRow.shown_at.is_(None))
    await tx.session.execute(update(OpeningRow).where(*waiting).values(problem=problem[:500]))


async def _release(tx: Tx, keyholder: Keyholder, tender_id: str) -> None:
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    row = await tx.session.get_one(OpeningRow, tender_id, with_for_update=True)
    if row.released_at is None and row.confirmed_at is not None:
        await grant_first(tx, keyholder, tender)
        row.released_at = await tx.clock()
