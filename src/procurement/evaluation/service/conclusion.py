"""Ending an evaluation, and reading its result."""

import msgspec

from procurement.evaluation.rules import conclusion as rules
from procurement.evaluation.rules.conclusion import EvaluationResult
from procurement.evaluation.rules.ranking import Ranked
from procurement.evaluation.service import case, report
from procurement.evaluation.tables import EvaluationRow
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


async def conclude(tx: Tx, files: Files, tender_id: str) -> EvaluationResult:
    """The chair ends the evaluation; the ranking is frozen as it stands, and the report made of it."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_CHAIR, of=tender.buyer)
    of = await case.locked(tx, tender)
    fact, ranked = rules.conclude(of.terms, of.candidates, of.evaluation, tx.actor.person)
    row = await tx.session.get_one(EvaluationRow, tender_id)
    row.concluded_at, row.concluded_by = tx.now, tx.actor.person
    row.ranking = msgspec.to_builtins(ranked)
    concluded = EvaluationResult(tx.now, ranked)
    row.report_sha256 = (await report.write(tx, files, of, concluded)).sha256
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    return concluded


async def result(tx: Tx, tender_id: str) -> EvaluationResult | None:
    """The result of a concluded evaluation, None before. For later stages, which decide who may read it."""
    row = await tx.session.get(EvaluationRow, tender_id)
    if row is None or row.concluded_at is None:
        return None
    return EvaluationResult(row.concluded_at, msgspec.convert(row.ranking, tuple[Ranked, ...]))


async def report_sha256(tx: Tx, tender_id: str) -> str:
    """The SHA-256 of the stored report, "" before the conclusion. Whoever serves it decides who may read it."""
    row = await tx.session.get(EvaluationRow, tender_id)
    return row.report_sha256 if row else ""
