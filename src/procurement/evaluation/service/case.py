"""One evaluation as the rules look at it: the tender's terms, the opened bids, and everything recorded so far."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlalchemy import select

from procurement.bids import service as bids
from procurement.evaluation.rules.state import (
    Agreed,
    Candidate,
    Cell,
    Evaluation,
    Evaluator,
    LowPrice,
    Score,
    Technical,
    Terms,
    Verdict,
)
from procurement.evaluation.tables import (
    ComplianceRow,
    ConsensusRow,
    EvaluationRow,
    EvaluatorRow,
    LowPriceRow,
    ScoreRow,
    TechnicalResultRow,
)
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused, unknown
from procurement.opening import service as opening
from procurement.opening.rules import Financial, OpenedBid
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender

FREE = "A price of zero cannot be compared."
WHOLE = ("",)  # the one "lot" of a tender that has none


class Case(msgspec.Struct, frozen=True):
    """Everything a rule of evaluation may ask. `candidates` is empty before the opening."""

    tender: Tender
    terms: Terms
    evaluation: Evaluation
    candidates: tuple[Candidate, ...] = ()


async def load(tx: Tx, tender: Tender) -> Case:
    """The case with its opened bids. Refused "not-opened" before the opening, and as `must_serve_no_bidder`."""
    of = Case(tender, await terms(tx, tender), await recorded(tx, tender.id), await candidates(tx, tender))
    evaluator = of.evaluation.evaluator(tx.actor.person)
    if evaluator and not evaluator.conflict:
        await must_serve_no_bidder(tx, of.candidates)
    return of


async def is_opened(tx: Tx, tender_id: str) -> bool:
    found = await opening.opening(tx, tender_id)
    return found is not None and found.shown_at is not None


async def must_serve_no_bidder(tx: Tx, bids: Iterable[Candidate]) -> None:
    """Refused("conflict-of-interest", 403) for whoever holds a role at a bidder, whatever they declared before."""
    if await identity.in_any(tx, tx.actor.person, {one.supplier for one in bids}):
        raise Refused(
            "conflict-of-interest",
            "You hold a role at one of the bidders, so you do not evaluate their bids. Declare the conflict, or tell "
            "the officer, who appoints somebody else.",
            status=403,
        )


async def locked(tx: Tx, tender: Tender) -> Case:
    """As `load`, holding the evaluation's row: steps of one evaluation wait for each other."""
    await lock(tx, tender.id)
    return await load(tx, tender)


async def lock_all(tx: Tx, tender_id: str) -> None:
    """Whatever changes this evaluation, also before it began, waits until this transaction ends."""
    await tenders.lock_exclusive(tx, tender_id)
    await lock(tx, tender_id)


async def lock(tx: Tx, tender_id: str) -> None:
    await tx.session.execute(select(EvaluationRow).where(EvaluationRow.tender_id == tender_id).with_for_update())
    await tx.clock()


async def going_on(tx: Tx, tender_id: str) -> Tender:
    """A published tender that was not cancelled. A draft is nobody's business here, so it is unknown."""
    tender = await tenders.tender(tx, tender_id)
    phase = tender.phase(tx.now)
    if phase in ("draft", "submitted"):
        raise unknown("tender")
    if phase == "cancelled":
        raise Refused("tender-cancelled", "This tender was cancelled, so it is not evaluated.")
    return tender


async def terms(tx: Tx, tender: Tender) -> Terms:
    """What the tender and the rules it was published under say about comparing bids."""
    rulebook = await tenders.rulebook_of(tx, tender)
    method = rulebook.award_methods[tender.award_method]
    return Terms(
        tender_id=tender.id,
        buyer=tender.buyer,
        lots=tuple(lot.id for lot in tender.lots) or WHOLE,
        criteria=tender.criteria,
        currency=tender.value.currency,
        weighted=method.quality,
        price=method.price,
        ties=method.ties,
        low_price=rulebook.abnormally_low,
        prices_apart=tender.two_envelopes,
        least_quality=rulebook.procedures[tender.procedure].least_quality if tender.two_envelopes else None,
    )


async def candidates(tx: Tx, tender: Tender) -> tuple[Candidate, ...]:
    """The opened bids, in the order they were received."""
    opened = sorted(await opening.opened_bids(tx, tender.id), key=lambda bid: bid.received_at)
    lots = tuple(lot.id for lot in tender.lots)
    apart = await opening.financial(tx, tender)
    if apart is not None:
        offered = await bids.lots_offered(tx, tender)
        return tuple(_in_two_parts(bid, offered.get(bid.bid_id, ()), apart, order) for order, bid in enumerate(opened))
    return tuple(
        Candidate(bid.bid_id, bid.supplier, _prices(bid, lots), "" if bid.valid else bid.problem, order)
        for order, bid in enumerate(opened)
    )


def _in_two_parts(bid: OpenedBid, lots: tuple[str, ...], apart: Financial, order: int) -> Candidate:
    """A bid whose prices are sealed apart, for these lots. A price of zero can be compared by no formula, and no longer
    be ruled out by the compliance check: the bid is out for that, in that lot."""
    free = {lot: FREE for lot, price in bid.lot_totals.items() if price.amount <= 0}
    decided = apart.decided_at is not None
    return Candidate(
        bid.bid_id,
        bid.supplier,
        {lot: price for lot, price in bid.lot_totals.items() if lot not in free},
        "" if bid.valid else bid.problem,
        order,
        sealed_lots=lots,
        below=tuple(lot for lot in lots if decided and not apart.opens(bid.bid_id, lot)),
        shut_lots=bid.shut_lots | free,
    )


def _prices(bid: OpenedBid, lots: tuple[str, ...]) -> dict[str, Money]:
    return {lot: bid.lot_totals[lot] for lot in lots if lot in bid.lot_totals} if lots else {"": bid.total}


async def recorded(tx: Tx, tender_id: str) -> Evaluation:
    """Everything recorded so far; an empty evaluation where nobody was appointed."""
    row = await tx.session.get(EvaluationRow, tender_id, populate_existing=True)
    if row is None:
        return Evaluation()
    evaluators = await rows(tx, EvaluatorRow, tender_id)
    verdicts = await rows(tx, ComplianceRow, tender_id)
    agreed = await rows(tx, ConsensusRow, tender_id)
    asked = await rows(tx, LowPriceRow, tender_id)
    return Evaluation(
        evaluators=tuple(_evaluator(e) for e in sorted(evaluators, key=_chair_first) if e.dismissed_at is None),
        verdicts={v.bid_id: Verdict(v.compliant, v.reason) for v in verdicts},
        sheets=await _sheets(tx, tender_id),
        agreed={(a.bid_id, a.criterion_id): Agreed(a.score, a.reason) for a in agreed},
        low_prices=tuple(LowPrice(p.bid_id, p.lot, p.question, p.answer, p.accepted, p.reason) for p in asked),
        concluded_at=row.concluded_at,
        technical=await _technical(tx, tender_id),
    )


async def _technical(tx: Tx, tender_id: str) -> Technical | None:
    row = await tx.session.get(TechnicalResultRow, tender_id, populate_existing=True)
    return Technical(row.proposed_by, row.proposed_at, row.decided_at) if row else None


Row = TypeVar("Row", EvaluatorRow, ComplianceRow, ConsensusRow, LowPriceRow, ScoreRow)


async def rows(tx: Tx, table: type[Row], tender_id: str) -> list[Row]:
    """What a table holds of one evaluation, as it is now: the session may remember older rows."""
    query = select(table).where(table.tender_id == tender_id).execution_options(populate_existing=True)
    return list(await tx.session.scalars(query))


async def _sheets(tx: Tx, tender_id: str) -> dict[str, dict[Cell, Score]]:
    sheets: dict[str, dict[Cell, Score]] = {}
    for row in await rows(tx, ScoreRow, tender_id):
        sheets.setdefault(row.person_id, {})[row.bid_id, row.criterion_id] = Score(row.value, row.comment)
    return sheets


def _chair_first(row: EvaluatorRow) -> tuple[bool, datetime, str]:
    return not row.chair, row.appointed_at, row.person_id


def _evaluator(row: EvaluatorRow) -> Evaluator:
    return Evaluator(row.person_id, row.chair, row.declared_at, row.conflict, row.locked_at)
