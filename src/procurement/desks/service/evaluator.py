"""Evaluators: the tenders they are appointed to."""

from procurement.desks.rules import evaluator as rules
from procurement.desks.rules.evaluator import Part
from procurement.desks.rules.model import Desk, Moment, Row, State, Viewer
from procurement.desks.service.stage import stage_of
from procurement.evaluation.service.lists import MOST, appointments, progress
from procurement.infra.tx import Tx
from procurement.opening.service.lists import financials_of, opened_counts, openings_of
from procurement.tenders.service import lists as tenders


async def part(tx: Tx, viewer: Viewer) -> Desk:
    parts = [part for part in await _parts(tx) if rules.takes_part(part, viewer.person)]
    return Desk(
        duties=tuple(duty for part in parts for duty in rules.duties(part, viewer.person)),
        running=tuple(_row(tx, part) for part in parts if not part.over),
        coming=tuple(moment for part in parts if (moment := _opening(tx, part))),
        done=tuple(moment for part in parts if (moment := _concluded(part))),
        full=len(parts) == MOST,
    )


async def _parts(tx: Tx) -> list[Part]:
    ids = await appointments(tx)
    ours, found = tx.actor.organisation, await tenders.public(tx, ids)
    evaluations = await progress(tx, ids)
    openings = await openings_of(tx, ids)
    financials = await financials_of(tx, found.values())
    bids = await opened_counts(tx, ids)
    scored = await tenders.scored(tx, ids)
    return [
        Part(
            tender=found[id_],
            progress=evaluations[id_],
            shown_at=openings[id_].shown_at if id_ in openings else None,
            bids=bids.get(id_, 0),
            scored=id_ in scored,
            financial=financials.get(id_),
        )
        for id_ in ids
        if id_ in found and id_ in evaluations and found[id_].buyer == ours
    ]


def _row(tx: Tx, part: Part) -> Row:
    tender = part.tender
    state, at = (State.EVALUATION, part.shown_at) if part.shown_at else (State.OPENING, tender.opening_at)
    stage = stage_of(tender, tx.now, opened_at=part.shown_at)
    return Row(
        tender=tender.id, title=tender.title, buyer=tender.buyer, path=part.path, state=state, at=at, stage=stage
    )


def _opening(tx: Tx, part: Part) -> Moment | None:
    tender = part.tender
    if part.over or tender.opening_at is None or tender.opening_at <= tx.now:
        return None
    path = f"/tenders/{tender.id}/opening"
    return Moment(what="opening", at=tender.opening_at, tender=tender.id, title=tender.title, path=path)


def _concluded(part: Part) -> Moment | None:
    tender, at = part.tender, part.progress.concluded_at
    if at is None:
        return None
    return Moment(what="concluded", at=at, tender=tender.id, title=tender.title, path=part.path)
