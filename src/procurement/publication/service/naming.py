"""Procurements of ours are listed and searched under the names that buyers and suppliers have today.

Their releases keep the names of their days. Who merged keeps its last name, and is found by that of who goes on.
"""

from typing import Any

from sqlalchemy import or_, select

from procurement.identity import service as identity
from procurement.infra.outbox import task
from procurement.infra.tx import Tx
from procurement.publication.service import writing
from procurement.publication.service.deriving import keep
from procurement.publication.tables import NoticeRow

SOME = 50  # procurements of one transaction: whoever publishes one of them waits no longer than for these


async def follow(tx: Tx, organisation: str) -> None:
    """Whatever names an organisation, or one that merged into it, is derived anew, some at a time."""
    for one in (organisation, *await identity.predecessors(tx, organisation)):
        await tx.later(derive_next, {"organisation": one, "after": ""})


@task
async def derive_next(tx: Tx, payload: dict[str, Any]) -> None:
    """The next procurements of an organisation. Doing it again changes nothing."""
    organisation, after = payload["organisation"], payload["after"]
    named = or_(NoticeRow.buyer_id == organisation, NoticeRow.supplier_ids.contains([organisation]))
    ours = select(NoticeRow.id, NoticeRow.ocid).where(NoticeRow.source == "", NoticeRow.id > after, named)
    some = (await tx.session.execute(ours.order_by(NoticeRow.id).limit(SOME))).all()
    found = []
    for ocid, notice in sorted((one.ocid, one.id) for one in some):
        await writing.lock(tx, ocid)
        found.append(await writing.derived_anew(tx, notice, ocid))
    await keep(tx, found)
    if len(some) == SOME:
        await tx.later(derive_next, {"organisation": organisation, "after": some[-1].id})
