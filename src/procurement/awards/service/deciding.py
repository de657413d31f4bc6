"""Two people decide an award: the officer proposes, the approver approves or sends back."""

from procurement.awards import rules
from procurement.awards.rules import Award, Choice
from procurement.awards.service import store
from procurement.awards.tables import AwardRow
from procurement.bids import service as bids
from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.conclusion import EvaluationResult
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender


async def going_on(tx: Tx, tender_id: str) -> Tender:
    """A published tender, kept from being cancelled until this transaction ends."""
    await tenders.lock_shared(tx, tender_id)
    await tx.clock()
    tender = await tenders.public_tender(tx, tender_id)
    if tender.cancelled_at is not None:
        raise Refused("tender-cancelled", "This tender was cancelled, so nothing is awarded.")
    return tender


async def outcome(tx: Tx, tender_id: str) -> EvaluationResult | None:
    """The result an award rests on: of the evaluation, or an empty one at once where nobody bid at all."""
    closing = await bids.closing_of(tx, tender_id)
    if closing is not None and closing.bids == 0:
        return EvaluationResult(closing.closed_at, ())
    return await evaluation.result(tx, tender_id)


async def propose(tx: Tx, tender_id: str, choice: Choice, reason: str) -> str:
    """The officer recommends the best bid of a lot, or that it is unsuccessful; returns the award's id."""
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.AWARD_PROPOSE, of=tender.buyer)
    await tenders.lock_exclusive(tx, tender_id)  # two proposals for one lot wait for each other
    tender = await going_on(tx, tender_id)
    if choice.lot not in ([lot.id for lot in tender.lots] or [""]):
        raise unknown("lot")
    result = await outcome(tx, tender_id)
    standing = await store.standing(tx, tender_id)
    fact = rules.propose(result, standing, tender=tender_id, award=new_id(), choice=choice, reason=reason)
    tx.session.add(
        AwardRow(
            id=fact.award,
            tender_id=tender_id,
            lot=fact.lot,
            bid_id=fact.bid or None,
            supplier_id=fact.supplier or None,
            price_amount=fact.price.amount if fact.price else None,
            price_currency=fact.price.currency if fact.price else None,
            reason=reason,
            proposed_by=tx.actor.person,
            proposed_at=tx.now,
        )
    )
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    return fact.award


async def approve(tx: Tx, award_id: str) -> Award:
    """A second person, freshly identified, approves: the intention to award is announced and the standstill runs."""
    proposed = await store.find(tx, award_id)
    tender = await going_on(tx, proposed.tender)
    tx.actor.must(P.AWARD_APPROVE, of=tender.buyer)
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await store.lock(tx, award_id)
    award = await store.value(tx, row)
    rulebook = await tenders.rulebook_of(tx, tender)
    needs_two = rulebook.approvals.award.needed(award.price or tender.value)
    if needs_two:
        await _must_be_another(tx, tender.buyer, award)
    fact = rules.approve(
        award,
        tx.actor.person,
        needs_two=needs_two,
        standstill_ends=rulebook.after(tx.now, rulebook.periods.standstill),
    )
    result = rules.must_be_concluded(await outcome(tx, tender.id))
    # From here on nothing is read: the row becomes final with the one UPDATE that follows.
    row.approved_by, row.announced_at = tx.actor.person, tx.now
    if isinstance(fact, rules.AwardAnnounced):
        row.standstill_ends = fact.standstill_ends
    row.reasons = dict(rules.reasons_for_each(result.ranking, award))
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    return await store.value(tx, row)


async def _must_be_another(tx: Tx, buyer: str, award: Award) -> None:
    """Refused("same-person"): who proposed it, their deputy, or whoever they stood for."""
    did, does = P.AWARD_PROPOSE, P.AWARD_APPROVE
    await identity.must_be_two_people(tx, buyer, award.proposed_by, award.proposed_at, did=did, does=does)


async def send_back(tx: Tx, award_id: str, reason: str) -> None:
    """The approver does not agree; the officer may propose again."""
    proposed = await store.find(tx, award_id)
    tender = await going_on(tx, proposed.tender)
    tx.actor.must(P.AWARD_APPROVE, of=tender.buyer)
    row = await store.lock(tx, award_id)
    award = await store.value(tx, row)
    await _must_be_another(tx, tender.buyer, award)
    fact = rules.send_back(award, tx.actor.person, reason)
    row.returned_by, row.returned_at, row.return_reason = tx.actor.person, tx.now, reason
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
