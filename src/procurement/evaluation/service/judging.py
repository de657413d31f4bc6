"""The evaluators' work on the bids: compliance, own scores, the agreed ones."""

from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert

from procurement.evaluation.rules import compliance, scores
from procurement.evaluation.rules.state import Cell, Score
from procurement.evaluation.service import case
from procurement.evaluation.tables import ComplianceRow, ConsensusRow, EvaluatorRow, ScoreRow
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


async def decide_compliance(tx: Tx, tender_id: str, bid_id: str, *, compliant: bool, reason: str) -> None:
    """Pass or fail a bid. Until scores are locked it can be decided again; every decision stays on record."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_SCORE, of=tender.buyer)
    of = await case.locked(tx, tender)
    fact = compliance.decide(
        of.candidates, of.evaluation, tender_id, tx.actor.person, bid_id, compliant=compliant, reason=reason
    )
    decided = {
        "compliant": compliant,
        "reason": reason,
        "decided_by": tx.actor.person,
        "decided_at": tx.now,
    }
    row = insert(ComplianceRow).values(tender_id=tender_id, bid_id=bid_id, **decided)
    await tx.session.execute(row.on_conflict_do_update(index_elements=["tender_id", "bid_id"], set_=decided))
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def save_scores(tx: Tx, tender_id: str, given: Mapping[Cell, Score]) -> None:
    """Keep an unfinished sheet. Not a fact: nothing is decided until the sheet is locked."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_SCORE, of=tender.buyer)
    of = await case.locked(tx, tender)
    await _keep(tx, of, given)


async def lock_scores(tx: Tx, tender_id: str, given: Mapping[Cell, Score]) -> None:
    """Keep the sheet and lock it: from now on nobody can change it, and the others' become visible once all are."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_SCORE, of=tender.buyer)
    of = await case.locked(tx, tender)
    await _keep(tx, of, given)
    cells = scores.grid(of.terms, of.candidates, of.evaluation)
    sheet = {**of.evaluation.sheets.get(tx.actor.person, {}), **given}
    fact = scores.lock(cells, tender_id, tx.actor.person, {c: s for c, s in sheet.items() if c in cells})
    row = await tx.session.get_one(EvaluatorRow, (tender_id, tx.actor.person))
    row.locked_at, row.sheet_sha256 = tx.now, fact.sheet_sha256
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _keep(tx: Tx, of: case.Case, given: Mapping[Cell, Score]) -> None:
    scores.must_be_open_for(of.terms, of.candidates, of.evaluation, tx.actor.person)
    scores.check(scores.grid(of.terms, of.candidates, of.evaluation), given)
    for (bid_id, criterion_id), score in given.items():
        key = {
            "tender_id": of.tender.id,
            "person_id": tx.actor.person,
            "bid_id": bid_id,
            "criterion_id": criterion_id,
        }
        said = {"value": score.value, "comment": score.comment}
        row = insert(ScoreRow).values(**key, **said)
        await tx.session.execute(row.on_conflict_do_update(index_elements=list(key), set_=said))


async def agree(tx: Tx, tender_id: str, bid_id: str, criterion_id: str, *, score: int, reason: str) -> None:
    """The chair records the one score where evaluators differ."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_CHAIR, of=tender.buyer)
    of = await case.locked(tx, tender)
    cells = scores.grid(of.terms, of.candidates, of.evaluation)
    cell = (bid_id, criterion_id)
    fact = scores.agree(cells, of.evaluation, tender_id, tx.actor.person, cell, score, reason)
    agreed = {"score": score, "reason": reason, "agreed_by": tx.actor.person, "agreed_at": tx.now}
    key = {"tender_id": tender_id, "bid_id": bid_id, "criterion_id": criterion_id}
    row = insert(ConsensusRow).values(**key, **agreed)
    await tx.session.execute(row.on_conflict_do_update(index_elements=list(key), set_=agreed))
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
