"""The technical result, where prices are opened after it: proposed by the chair, decided by somebody else."""

from sqlalchemy import delete, update

from procurement.evaluation.rules import technical as rules
from procurement.evaluation.rules.conclusion import BELOW
from procurement.evaluation.service import case
from procurement.evaluation.tables import TechnicalResultRow
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.opening import service as opening
from procurement.tenders import service as tenders


async def propose_technical(tx: Tx, tender_id: str) -> None:
    """The chair ends the technical evaluation. Refused as `rules.propose` says."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_CHAIR, of=tender.buyer)
    of = await case.locked(tx, tender)
    fact = rules.propose(of.terms, of.candidates, of.evaluation, tx.actor.person)
    tx.session.add(TechnicalResultRow(tender_id=tender_id, proposed_by=tx.actor.person, proposed_at=tx.now))
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def decide_technical(tx: Tx, tender_id: str) -> None:
    """The second person decides: exactly the bids that passed may have their prices opened, for good. Refused as
    `rules.must_be_decidable` says."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.AWARD_APPROVE, of=tender.buyer)
    await case.lock_all(tx, tender_id)
    of = await case.load(tx, await case.going_on(tx, tender_id))
    held = rules.must_be_decidable(of.evaluation, tx.actor.person)
    asked = held.proposed_by, held.proposed_at
    await identity.must_be_two_people(tx, tender.buyer, *asked, did=P.EVALUATION_CHAIR, does=P.AWARD_APPROVE)
    mine = TechnicalResultRow.tender_id == tender_id
    decided = {"decided_by": tx.actor.person, "decided_at": tx.now}
    await tx.session.execute(update(TechnicalResultRow).where(mine).values(**decided))
    await opening.decide_technical(tx, tender_id, rules.passed(of.terms, of.candidates, of.evaluation))


async def technical_outcomes(tx: Tx, tender_id: str) -> dict[str, dict[str, str]]:
    """Supplier -> lot (id) that its bid is for -> "" where it passed, else why not, once that is decided. For later
    stages, which decide who may read it."""
    of = await case.load(tx, await tenders.tender(tx, tender_id))
    apart = await opening.financial(tx, of.tender)
    if apart is None or apart.decided_at is None:
        return {}
    why = {bid_id: BELOW if one.compliant else one.reason for bid_id, one in of.evaluation.verdicts.items()}
    return {
        one.supplier: {lot: why[one.bid_id] if lot in one.below else "" for lot in one.sealed_lots}
        for one in of.candidates
    }


async def return_technical(tx: Tx, tender_id: str, reason: str) -> None:
    """The second person sends the proposal back. Refused as `rules.send_back` says."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.AWARD_APPROVE, of=tender.buyer)
    of = await case.locked(tx, tender)
    fact = rules.send_back(of.terms, of.evaluation, tx.actor.person, reason)
    await tx.session.execute(delete(TechnicalResultRow).where(TechnicalResultRow.tender_id == tender_id))
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
