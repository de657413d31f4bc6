"""What a person may see of an evaluation while it goes on."""

from datetime import datetime

import msgspec

from procurement.evaluation.rules.committee import must_be_cleared
from procurement.evaluation.rules.conclusion import EvaluationResult, Open, still_open
from procurement.evaluation.rules.low_prices import flagged
from procurement.evaluation.rules.matrix import Matrix, matrix
from procurement.evaluation.rules.scores import grid, must_be_open_for
from procurement.evaluation.rules.state import Candidate, Cell, Evaluation, Evaluator, Score, Terms
from procurement.evaluation.service import case
from procurement.evaluation.service.committee import eligible
from procurement.evaluation.service.conclusion import report_sha256, result
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.opening import service as opening
from procurement.opening.rules import Document, OpenedBid
from procurement.tenders.rules import Tender


class Committee(msgspec.Struct, frozen=True):
    """Who evaluates, with names for the buyer's own people. Says nothing about any bid."""

    tender: Tender
    evaluation: Evaluation
    names: dict[str, str]
    me: Evaluator | None
    opened_at: datetime | None


class Overview(msgspec.Struct, frozen=True):
    """An evaluation as one person may see it: `evaluation.sheets` holds only that person's sheet until all are
    locked. `suppliers` maps supplier ids to names, `flagged` are (bid id, lot) pairs with an abnormally low price,
    `merged` the names of bidders of whom one went on as the other."""

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
    opened_at: datetime | None
    merged: tuple[tuple[str, str], ...] = ()

    def supplier_of(self, bid_id: str) -> str:
        return next(self.suppliers[c.supplier] for c in self.candidates if c.bid_id == bid_id)

    def matrices(self) -> tuple[Matrix, ...]:
        return tuple(matrix(self.terms, self.candidates, self.evaluation, lot) for lot in self.terms.lots)

    def lot_title(self, lot: str) -> str:
        """The lot\'s title; "" where there is only one, which the tender\'s own title names."""
        if len(self.tender.lots) < 2:
            return ""
        return next((found.title for found in self.tender.lots if found.id == lot), "")


async def committee(tx: Tx, tender_id: str) -> Committee:
    """The committee and this person's place in it: for the buyer's people, before and after any declaration."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_READ, of=tender.buyer)
    evaluation = await case.recorded(tx, tender_id)
    evaluation = msgspec.structs.replace(evaluation, verdicts={}, sheets={}, agreed={}, low_prices=())
    names = await _names(tx, evaluation)
    return Committee(tender, evaluation, names, evaluation.evaluator(tx.actor.person), await opened_at(tx, tender_id))


async def overview(tx: Tx, tender_id: str) -> Overview:
    """The bids and their evaluation: for cleared evaluators, and for those who read what was opened by their office."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_READ, of=tender.buyer)
    evaluation = await case.recorded(tx, tender_id)
    me = evaluation.evaluator(tx.actor.person)
    if me is not None or not tx.actor.may(P.AWARD_READ, of=tender.buyer):  # reads by the evaluator's role alone
        must_be_cleared(evaluation, tx.actor.person)
    of = await case.load(tx, tender)
    suppliers = await identity.organisations(tx, {c.supplier for c in of.candidates})
    return Overview(
        tender=tender,
        terms=of.terms,
        evaluation=visible(evaluation, tx.actor.person),
        candidates=of.candidates,
        suppliers={key: found.name for key, found in suppliers.items()},
        merged=tuple(
            (one.name, suppliers[one.merged_into].name) for one in suppliers.values() if one.merged_into in suppliers
        ),
        names=await _names(tx, evaluation),
        me=me,
        open=still_open(of.terms, of.candidates, evaluation),
        flagged=flagged(of.terms, of.candidates, evaluation),
        result=await result(tx, tender_id),
        opened_at=await opened_at(tx, tender_id),
    )


class Sheet(msgspec.Struct, frozen=True):
    """One evaluator's own scores: every cell to fill in, criterion by criterion."""

    of: Overview
    cells: tuple[Cell, ...]
    scores: dict[Cell, Score]

    def score(self, bid_id: str, criterion_id: str) -> Score:
        return self.scores.get((bid_id, criterion_id), Score(None))


async def own_sheet(tx: Tx, tender_id: str) -> Sheet:
    """The sheet of the person who asks. Refused for everybody who is not a cleared evaluator of this tender, where
    price alone decides, and before compliance is checked."""
    of = await overview(tx, tender_id)
    tx.actor.must(P.EVALUATION_SCORE, of=of.tender.buyer)
    if of.me is None or of.me.locked_at is None:
        must_be_open_for(of.terms, of.candidates, of.evaluation, tx.actor.person)
    return Sheet(of, grid(of.terms, of.candidates, of.evaluation), of.evaluation.sheets.get(tx.actor.person, {}))


async def opened_at(tx: Tx, tender_id: str) -> datetime | None:
    """When the bids were shown; None before."""
    found = await opening.opening(tx, tender_id)
    return found.shown_at if found else None


async def opened(tx: Tx, of: Overview) -> tuple[OpenedBid, ...]:
    """The opened bids with their documents, for whoever was given the overview."""
    return await opening.opened_bids(tx, of.tender.id)


async def deposits(tx: Tx, of: Overview) -> opening.Deposits | None:
    """Whether each bidder's deposit was there by the deadline, for whoever was given the overview."""
    return await opening.deposits(tx, of.tender)


async def document(tx: Tx, tender_id: str, bid_id: str, number: int) -> Document:
    """A document of an opened bid. Refused as `overview` refuses, and "document-unknown" (404)."""
    for bid in await opened(tx, await overview(tx, tender_id)):
        for found in bid.documents:
            if (bid.bid_id, found.number) == (bid_id, number):
                return found
    raise unknown("document")


async def own_report(tx: Tx, tender_id: str) -> str:
    """The SHA-256 of the report, for the buyer's people. Refused "report-unknown" (404) before the conclusion."""
    of = await overview(tx, tender_id)
    sha256 = await report_sha256(tx, of.tender.id)
    if not sha256:
        raise unknown("report")
    return sha256


async def eligible_names(tx: Tx, tender_id: str) -> list[tuple[str, str]]:
    """(person id, name) of everybody who can be appointed. For the officer."""
    tender = await case.going_on(tx, tender_id)
    tx.actor.must(P.EVALUATION_APPOINT, of=tender.buyer)
    people = await eligible(tx, tender_id, tender.buyer)
    names = await identity.person_names(tx, people)
    return [(person, names.get(person) or person) for person in people]


def visible(evaluation: Evaluation, person: str) -> Evaluation:
    """Without other people's scores until every sheet is locked."""
    if evaluation.revealed:
        return evaluation
    own = {person: evaluation.sheets[person]} if person in evaluation.sheets else {}
    return msgspec.structs.replace(evaluation, sheets=own)


async def _names(tx: Tx, evaluation: Evaluation) -> dict[str, str]:
    return await identity.person_names(tx, [e.person for e in evaluation.evaluators])
