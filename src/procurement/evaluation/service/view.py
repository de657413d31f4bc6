"""What a person may see of an evaluation while it goes on."""

import msgspec

from procurement.evaluation.rules.committee import must_be_cleared
from procurement.evaluation.rules.conclusion import EvaluationResult, Open, still_open
from procurement.evaluation.rules.low_prices import flagged
from procurement.evaluation.rules.matrix import Matrix, matrix
from procurement.evaluation.rules.state import Candidate, Evaluation, Evaluator, Terms
from procurement.evaluation.service import case
from procurement.evaluation.service.conclusion import result
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.tenders.rules import Tender


class Committee(msgspec.Struct, frozen=True):
    """Who evaluates, with names for the buyer's own people. Says nothing about any bid."""

    tender: Tender
    evaluation: Evaluation
    names: dict[str, str]
    me: Evaluator | None


class Overview(msgspec.Struct, frozen=True):
    """An evaluation as one person may see it: `evaluation.sheets` holds only that person's sheet until all are
    locked. `suppliers` maps supplier ids to names, `flagged` are (bid id, lot) pairs with an abnormally low price."""

    tender: Tender
    terms: Terms
    evaluation: Evaluation
    candidates: tuple[Candidate, ...]
    suppliers: dict[str, str]
    names: dict[str, str]
    me: Evaluator | None
    open: Open
    flagged: tuple[tuple[str, str], ...]
    result: EvaluationResult | None

    def supplier_of(self, bid_id: str) -> str:
        return next(self.suppliers[c.supplier] for c in self.candidates if c.bid_id == bid_id)

    def matrices(self) -> tuple[Matrix, ...]:
        return tuple(matrix(self.terms, self.candidates, self.evaluation, lot) for lot in self.terms.lots)

    def lot_title(self, lot: str) -> str:
        return next((found.title for found in self.tender.lots if found.id == lot), "")


async def committee(tx: Tx, tender_id: str) -> Committee:
    """The committee and this person's place in it: for the buyer's people, before and after any declaration."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_READ, of=tender.buyer)
    evaluation = await case.recorded(tx, tender_id)
    evaluation = msgspec.structs.replace(evaluation, verdicts={}, sheets={}, agreed={}, low_prices=())
    return Committee(tender, evaluation, await _names(tx, evaluation), evaluation.evaluator(tx.actor.person))


async def overview(tx: Tx, tender_id: str) -> Overview:
    """The bids and their evaluation: for cleared evaluators, and for those who read what was opened by their office."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_READ, of=tender.buyer)
    evaluation = await case.recorded(tx, tender_id)
    me = evaluation.evaluator(tx.actor.person)
    if me is not None or not tx.actor.may(P.AWARD_READ, of=tender.buyer):
        must_be_cleared(evaluation, tx.actor.person)
    of = await case.load(tx, tender)
    suppliers = await identity.organisations(tx, {c.supplier for c in of.candidates})
    return Overview(
        tender=tender,
        terms=of.terms,
        evaluation=visible(evaluation, tx.actor.person),
        candidates=of.candidates,
        suppliers={key: found.name for key, found in suppliers.items()},
        names=await _names(tx, evaluation),
        me=me,
        open=still_open(of.terms, of.candidates, evaluation),
        flagged=flagged(of.terms, of.candidates, evaluation),
        result=await result(tx, tender_id),
    )


def visible(evaluation: Evaluation, person: str) -> Evaluation:
    """Without other people's scores until every sheet is locked."""
    if evaluation.revealed:
        return evaluation
    own = {person: evaluation.sheets[person]} if person in evaluation.sheets else {}
    return msgspec.structs.replace(evaluation, sheets=own)


async def _names(tx: Tx, evaluation: Evaluation) -> dict[str, str]:
    return await identity.person_names(tx, [e.person for e in evaluation.evaluators])
