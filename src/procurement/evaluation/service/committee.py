"""Appointing evaluators, and their declarations."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from procurement.evaluation.rules import committee as rules
from procurement.evaluation.service import case
from procurement.evaluation.tables import EvaluationRow, EvaluatorRow
from procurement.holders import service as holders
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P, Role
from procurement.tenders import service as tenders


async def eligible(tx: Tx, tender_id: str, buyer: str) -> list[str]:
    """Who can be appointed: the buyer's evaluators, without those who declared a conflict here or hold a key of it."""
    conflicted = await tx.session.scalars(
        select(EvaluatorRow.person_id).where(EvaluatorRow.tender_id == tender_id, EvaluatorRow.conflict)
    )
    chosen = await holders.roster(tx, tender_id)
    out = set(conflicted) | {seat.holder.person for seat in (chosen.seats if chosen else ())}
    return [person for person in await identity.people_with(tx, buyer, Role.EVALUATOR) if person not in out]


async def appoint(tx: Tx, tender_id: str, people: Sequence[str], chair: str) -> None:
    """Appoint the evaluators and their chair, or replace them before anyone has scored."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_APPOINT, of=tender.buyer)
    await tenders.lock_exclusive(tx, tender_id)  # two first appointments wait for each other
    started = insert(EvaluationRow).values(tender_id=tender_id, started_at=tx.now).on_conflict_do_nothing()
    await tx.session.execute(started)
    await case.lock(tx, tender_id)
    evaluation = await case.recorded(tx, tender_id)
    fact = rules.appoint(evaluation, tender_id, people, chair, await eligible(tx, tender_id, tender.buyer))
    await _replace(tx, tender_id, fact.evaluators, chair)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _replace(tx: Tx, tender_id: str, people: Sequence[str], chair: str) -> None:
    """Make the appointed stand and the others dismissed; declarations already made are kept."""
    rows = await tx.session.scalars(select(EvaluatorRow).where(EvaluatorRow.tender_id == tender_id))
    known = {row.person_id: row for row in rows}
    for person, row in known.items():
        row.chair = False
        if person not in people and row.dismissed_at is None:
            row.dismissed_at = tx.now
    await tx.session.flush()  # the old chair steps down before the new one takes over: there is one at a time
    for person in people:
        if person not in known:
            known[person] = EvaluatorRow(tender_id=tender_id, person_id=person)
            tx.session.add(known[person])
        row = known[person]
        row.chair, row.dismissed_at = person == chair, None
        row.appointed_by, row.appointed_at = tx.actor.person, tx.now
    await tx.session.flush()


async def declare(tx: Tx, tender_id: str, *, conflict: bool, statement: str = "") -> None:
    """An evaluator declares a conflict of interest, or that there is none."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_DECLARE, of=tender.buyer)
    await case.lock(tx, tender_id)
    evaluation = await case.recorded(tx, tender_id)
    person = tx.actor.person
    fact = rules.declare(evaluation, tender_id, person, conflict=conflict, statement=statement)
    if not conflict and await case.is_opened(tx, tender_id):  # before, nobody may learn who has bid
        await case.must_serve_no_bidder(tx, await case.candidates(tx, tender))
    row = await tx.session.get_one(EvaluatorRow, (tender_id, person))
    row.declared_at, row.conflict, row.statement = tx.now, conflict, statement
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
