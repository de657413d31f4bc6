"""Auditors: what was opened last, in every organisation."""

from procurement.awards.service.lists import decisions_of
from procurement.desks.rules.model import Desk, Row, Viewer
from procurement.desks.rules.supplier import Bidding, standing
from procurement.desks.service.stage import stage_of
from procurement.infra.tx import Tx
from procurement.opening.service.lists import MOST, lately_shown
from procurement.tenders.service import lists as tenders


async def part(tx: Tx, viewer: Viewer) -> Desk:
    """Nothing waits for an auditor: they read, and change nothing."""
    shown = {opening.tender: opening.shown_at for opening in await lately_shown(tx)}
    found = await tenders.public(tx, shown)
    awards = await decisions_of(tx, shown)
    rows = []
    for id_, shown_at in shown.items():
        tender = found[id_]
        decided = awards.get(id_, ())
        state, at = standing(Bidding(tender=tender, shown_at=shown_at, awards=decided), tx.now)
        stage = stage_of(tender, tx.now, opened_at=shown_at, awards=decided)
        path = f"/tenders/{id_}/opening"
        rows.append(Row(tender=id_, title=tender.title, buyer=tender.buyer, path=path, state=state, at=at, stage=stage))
    return Desk(running=tuple(rows), full=len(rows) == MOST)
