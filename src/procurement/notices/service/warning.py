"""Drafts that were not submitted: their owners are warned before the deadline, once for each hour that is set."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import insert, select

from procurement.bids.service.due import Unsubmitted, unsubmitted
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.notices.rules.digest import warning_due
from procurement.notices.rules.inbox import Kind, Letter
from procurement.notices.service.delivering import copy, put, written
from procurement.notices.tables.inbox import DraftWarning
from procurement.tenders.rules import Tender
from procurement.tenders.service import lists as tenders


async def warn(tx: Tx, hours: Sequence[int]) -> int:
    """Warn of every draft that falls due, each once for a deadline; returns how many were warned.

    It is no fact: an entry that appears before a deadline would tell that somebody has a draft. Of two workers at once
    the second meets the first one's rows, and is undone.
    """
    if not hours:
        return 0
    warned = 0
    async for some in tenders.closing_by(tx, tx.now + timedelta(hours=max(hours))):
        warned += await _warn_some(tx, {one.id: one for one in some}, hours)
    return warned


async def _warn_some(tx: Tx, soon: Mapping[str, Tender], hours: Sequence[int]) -> int:
    drafts = await unsubmitted(tx, soon)
    known = {
        (row.tender, row.organisation, row.deadline): row.nearest
        for row in await tx.session.execute(
            select(
                DraftWarning.tender,
                DraftWarning.organisation,
                DraftWarning.deadline,
                DraftWarning.hours.label("nearest"),
            )
            .where(DraftWarning.tender.in_({one.tender for one in drafts}))
            .order_by(DraftWarning.hours.desc())  # so that the nearest is what stays in the mapping
        )
    }
    warned = 0
    for draft in drafts:
        tender = soon[draft.tender]
        assert tender.deadline
        due = warning_due(tx.now, tender.deadline, hours)
        last = known.get((draft.tender, draft.supplier, tender.deadline))
        if due is not None and (last is None or due < last):
            await _warn(tx, tender, draft, due)
            warned += 1
    return warned


async def _warn(tx: Tx, tender: Tender, draft: Unsubmitted, hours: int) -> None:
    title, body = await written(tx, tender, Kind.DRAFT, hours=hours, stands=draft.stands)
    letter = Letter(
        organisation=draft.supplier,
        kind=Kind.DRAFT,
        title=title,
        body=body,
        link=f"/tenders/{tender.id}/bid",
        due_at=tender.deadline,
    )
    id_ = new_id()
    await put(tx, {id_: letter}, tender, sender=None, about=None, record=None)
    row = {"tender": tender.id, "organisation": draft.supplier, "deadline": tender.deadline, "hours": hours}
    await tx.session.execute(insert(DraftWarning).values(**row, message=id_))
    await copy(tx, {id_: draft.supplier})
