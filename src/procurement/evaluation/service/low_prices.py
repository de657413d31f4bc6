"""Abnormally low prices: the question, the bidder's answer, the decision."""

from procurement.evaluation.rules import low_prices as rules
from procurement.evaluation.rules.compliance import find
from procurement.evaluation.rules.state import LowPrice
from procurement.evaluation.service import case
from procurement.evaluation.tables import LowPriceRow
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


async def ask(tx: Tx, tender_id: str, bid_id: str, lot: str, question: str) -> None:
    """The chair asks a bidder to explain a flagged price."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_CHAIR, of=tender.buyer)
    of = await case.locked(tx, tender)
    fact = rules.question(of.terms, of.candidates, of.evaluation, tx.actor.person, bid_id, lot, question)
    tx.session.add(
        LowPriceRow(
            tender_id=tender_id,
            bid_id=bid_id,
            lot=lot,
            question=question,
            asked_by=tx.actor.person,
            asked_at=tx.now,
        )
    )
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def questions_for(tx: Tx, tender_id: str, supplier: str) -> tuple[LowPrice, ...]:
    """What this bidder was asked about its own prices; nothing else of the evaluation."""
    tx.actor.must(P.BID_READ_OWN, of=supplier)
    of = await case.load(tx, await case.going_on(tx, tender_id))
    own = {c.bid_id for c in of.candidates if c.supplier == supplier}
    return tuple(asked for asked in of.evaluation.low_prices if asked.bid_id in own)


async def explain(tx: Tx, tender_id: str, bid_id: str, lot: str, answer: str) -> None:
    """The bidder explains its own price, once."""
    tender = await case.going_on(tx, tender_id)
    of = await case.locked(tx, tender)
    supplier = find(of.candidates, bid_id).supplier
    tx.actor.must(P.BID_SUBMIT, of=supplier)
    fact = rules.explain(of.evaluation, tender_id, bid_id, lot, answer)
    row = await tx.session.get_one(LowPriceRow, (tender_id, bid_id, lot))
    row.answer, row.answered_by, row.answered_at = answer, tx.actor.person, tx.now
    await tx.record(fact, process=tender.ocid, organisation=supplier)


async def decide(tx: Tx, tender_id: str, bid_id: str, lot: str, *, accepted: bool, reason: str) -> None:
    """The chair accepts the explained price, or refuses the bid because of it."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_CHAIR, of=tender.buyer)
    of = await case.locked(tx, tender)
    fact = rules.decide(of.evaluation, tender_id, tx.actor.person, bid_id, lot, accepted=accepted, reason=reason)
    row = await tx.session.get_one(LowPriceRow, (tender_id, bid_id, lot))
    row.accepted, row.reason = accepted, reason
    row.decided_by, row.decided_at = tx.actor.person, tx.now
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
