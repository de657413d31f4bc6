"""Deriving what is searched anew from the releases, some at a time: when its rules have changed, or labels came."""

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.publication.importer.store import ONE_IMPORT_AT_A_TIME, derived_anew
from procurement.publication.service import derivation, writing
from procurement.publication.service.deriving import keep
from procurement.publication.tables import NoticeRow

SOME = 50  # procurements of one transaction: whoever publishes one of them waits no longer than for these


async def derive_some(tx: Tx, most: int = SOME) -> bool:
    """Derive the next procurements anew. Whether there are more, and nobody else is at them."""
    known = await derivation.known(tx, derivation.NOTICES)
    if known is None or known.edition < derivation.EDITION:
        await derivation.begin_again(tx)
    elif known.done:
        return False
    row = await derivation.mine(tx, derivation.NOTICES)
    if row is None:
        return False
    notices = select(NoticeRow.id, NoticeRow.source, NoticeRow.ocid).where(NoticeRow.id > row.after)
    some = (await tx.session.execute(notices.order_by(NoticeRow.id).limit(most))).all()
    row.at, row.done = tx.now, len(some) < most
    row.after = some[-1].id if some else row.after
    await tx.session.flush()
    if others := {(one.source, one.ocid) for one in some if one.source}:
        await tx.session.execute(ONE_IMPORT_AT_A_TIME)
    found = await derived_anew(tx, others)
    for ocid, notice in sorted((one.ocid, one.id) for one in some if not one.source):
        await writing.lock(tx, ocid)
        found.append(await writing.derived_anew(tx, notice, ocid))
    await keep(tx, found)
    return not row.done
