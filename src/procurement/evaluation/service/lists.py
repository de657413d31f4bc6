"""Several evaluations at once, for desks: how far each has come, and what waits for one person."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, and_, exists, func, select

from procurement.evaluation.rules.progress import Progress
from procurement.evaluation.rules.state import Evaluator, Technical
from procurement.evaluation.tables import (
    ComplianceRow,
    ConsensusRow,
    EvaluationRow,
    EvaluatorRow,
    LowPriceRow,
    ScoreRow,
    TechnicalResultRow,
)
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P

MOST = 50


async def appointments(tx: Tx) -> list[str]:
    """The tenders that the person who asks is appointed to, for whichever buyer; the latest appointment first."""
    tx.actor.must(P.EVALUATION_DECLARE, of=tx.actor.organisation)
    query = select(EvaluatorRow.tender_id).where(
        EvaluatorRow.person_id == tx.actor.person, EvaluatorRow.dismissed_at.is_(None)
    )
    return list(await tx.session.scalars(query.order_by(EvaluatorRow.appointed_at.desc()).limit(MOST)))


async def progress(tx: Tx, tender_ids: Iterable[str]) -> dict[str, Progress]:
    """How far the evaluations of these tenders have come, by tender; those that are begun."""
    ids = set(tender_ids)
    begun = await tx.session.execute(
        select(EvaluationRow.tender_id, EvaluationRow.concluded_at, TechnicalResultRow)
        .outerjoin(TechnicalResultRow, TechnicalResultRow.tender_id == EvaluationRow.tender_id)
        .where(EvaluationRow.tender_id.in_(ids))
    )
    committees = await _committees(tx, ids)
    checked = await _counted(tx, ComplianceRow, ids)
    talks = await _talks(tx, ids)
    explained = await _counted(
        tx, LowPriceRow, ids, LowPriceRow.answered_at.is_not(None), LowPriceRow.accepted.is_(None)
    )
    return {
        tender: Progress(
            evaluators=committees.get(tender, ()),
            checked=checked.get(tender, 0),
            talks=talks.get(tender, 0),
            explained=explained.get(tender, 0),
            concluded_at=concluded_at,
            technical=Technical(result.proposed_by, result.proposed_at, result.decided_at) if result else None,
        )
        for tender, concluded_at, result in begun
    }


async def unexplained(tx: Tx, bids: Mapping[str, str]) -> frozenset[str]:
    """The tenders in which one's own bid (tender id -> bid id) was asked about its price and has not answered."""
    tx.actor.must(P.BID_READ_OWN, of=tx.actor.organisation)
    rows = await tx.session.execute(
        select(LowPriceRow.tender_id, LowPriceRow.bid_id)
        .where(LowPriceRow.tender_id.in_(bids.keys()), LowPriceRow.bid_id.in_(bids.values()))
        .where(LowPriceRow.answered_at.is_(None), LowPriceRow.accepted.is_(None))
    )
    return frozenset(tender for tender, bid in rows if bids[tender] == bid)


async def _committees(tx: Tx, ids: set[str]) -> dict[str, tuple[Evaluator, ...]]:
    query = select(EvaluatorRow).where(EvaluatorRow.tender_id.in_(ids), EvaluatorRow.dismissed_at.is_(None))
    found: dict[str, tuple[Evaluator, ...]] = {}
    for row in await tx.session.scalars(query.order_by(EvaluatorRow.person_id)):
        one = Evaluator(row.person_id, row.chair, row.declared_at, row.conflict, row.locked_at)
        found[row.tender_id] = (*found.get(row.tender_id, ()), one)
    return found


async def _counted(
    tx: Tx, table: type[ComplianceRow] | type[LowPriceRow], ids: set[str], *where: ColumnElement[bool]
) -> dict[str, int]:
    query = select(table.tender_id, func.count()).where(table.tender_id.in_(ids), *where).group_by(table.tender_id)
    return {tender: rows for tender, rows in await tx.session.execute(query)}


async def _talks(tx: Tx, ids: set[str]) -> dict[str, int]:
    """Cells in which locked scores differ, and nothing is agreed yet."""
    cell = ScoreRow.tender_id, ScoreRow.bid_id, ScoreRow.criterion_id
    author = EvaluatorRow.tender_id == ScoreRow.tender_id, EvaluatorRow.person_id == ScoreRow.person_id
    agreed = exists().where(
        ConsensusRow.tender_id == ScoreRow.tender_id,
        ConsensusRow.bid_id == ScoreRow.bid_id,
        ConsensusRow.criterion_id == ScoreRow.criterion_id,
    )
    differing = (
        select(*cell)
        .join(EvaluatorRow, and_(*author, EvaluatorRow.locked_at.is_not(None), EvaluatorRow.dismissed_at.is_(None)))
        .where(ScoreRow.tender_id.in_(ids), ~agreed)
        .group_by(*cell)
        .having(func.count(ScoreRow.value.distinct()) > 1)
        .subquery()
    )
    query = select(differing.c.tender_id, func.count()).group_by(differing.c.tender_id)
    return {tender: cells for tender, cells in await tx.session.execute(query)}
