"""The evaluation for programs: the same services as the pages."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.evaluation import service
from procurement.evaluation.rules.conclusion import Open
from procurement.evaluation.rules.ranking import Ranked
from procurement.evaluation.rules.state import HIGHEST_SCORE, LowPrice, Score, Technical
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.money import Money
from procurement.kernel.permissions import P

Points = Annotated[int, msgspec.Meta(ge=0, le=HIGHEST_SCORE, description="A whole number from 0 to 10.")]
BEARER = [{"bearer": list[str]()}]


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unknown field is refused, never ignored."""


class Appointment(_Input, frozen=True):
    """Person ids; the chair is one of the evaluators."""

    evaluators: list[str]
    chair: str


class Declaration(_Input, frozen=True):
    """`statement` says what the conflict is, where there is one."""

    conflict: bool
    statement: str = ""


class Compliance(_Input, frozen=True):
    bid: str
    compliant: bool
    reason: str


class GivenScore(_Input, frozen=True):
    """`score` may be null only while the sheet is not locked."""

    bid: str
    criterion: str
    score: Points | None
    comment: str = ""


class SheetInput(_Input, frozen=True):
    """With `lock` the sheet is final and must be complete."""

    scores: list[GivenScore]
    lock: bool = False


class Agreement(_Input, frozen=True):
    bid: str
    criterion: str
    score: Points
    reason: str


class Reason(_Input, frozen=True):
    reason: str


class PriceQuestion(_Input, frozen=True):
    """`lot` is "" for a tender without lots."""

    bid: str
    lot: str
    question: str


class PriceAnswer(_Input, frozen=True):
    bid: str
    lot: str
    answer: str


class PriceDecision(_Input, frozen=True):
    bid: str
    lot: str
    accepted: bool
    reason: str


class BidState(msgspec.Struct, frozen=True):
    """One bid: its prices by lot id, and the compliance decision (null while open)."""

    bid: str
    supplier: str
    prices: dict[str, Money]
    compliant: bool | None
    reason: str


class CellState(msgspec.Struct, frozen=True):
    """One bid on one criterion. `given` is empty until every sheet is locked, `agreed` null while open."""

    bid: str
    criterion: str
    given: list[int]
    agreed: Decimal | None
    reason: str


class State(msgspec.Struct, frozen=True):
    """The evaluation as this person may see it. `open` counts what is missing, `ranking` follows the conclusion. Where
    prices are opened after it, `technical` is the technical result, once it is proposed."""

    tender: str
    bids: list[BidState]
    scores: list[CellState]
    low_prices: list[LowPrice]
    open: Open
    concluded_at: datetime | None
    ranking: list[Ranked]
    technical: Technical | None


async def _state(tx: Tx, tender_id: str) -> State:
    of = await service.overview(tx, tender_id)
    verdicts = of.evaluation.verdicts
    cells = {
        (field.bid_id, row.criterion.id): CellState(
            field.bid_id, row.criterion.id, list(field.given), field.score, field.reason
        )
        for matrix in (of.matrices() if of.terms.weighted else ())
        for row in matrix.rows
        for field in row.fields
    }
    return State(
        tender=tender_id,
        bids=[
            BidState(
                c.bid_id,
                c.supplier,
                c.prices,
                verdicts[c.bid_id].compliant if c.bid_id in verdicts else None,
                verdicts[c.bid_id].reason if c.bid_id in verdicts else "",
            )
            for c in of.candidates
        ],
        scores=list(cells.values()),
        low_prices=list(of.evaluation.low_prices),
        open=of.open,
        concluded_at=of.evaluation.concluded_at,
        ranking=list(of.result.ranking) if of.result else [],
        technical=of.evaluation.technical,
    )


EVALUATION = Resource("/api/v1/tenders/{tender_id}/evaluation", ("tender_id",), service.lock_all, _state)


class EvaluationApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/evaluation"
    tags = ("evaluation",)
    security = BEARER

    @get("/", opt=access(P.EVALUATION_READ))
    async def evaluation(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> State:
        """What the buyer's people may see; individual scores only once all are locked."""
        return await _state(tx, tender_id)

    @post("/evaluators", opt=access(P.EVALUATION_APPOINT) | changes(EVALUATION), status_code=204)
    async def appoint(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Appointment]) -> None:
        """Appoint the evaluators and their chair."""
        await service.appoint(tx, tender_id, data.evaluators, data.chair)

    @post("/declaration", opt=access(P.EVALUATION_DECLARE) | changes(EVALUATION), status_code=204)
    async def declare(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Declaration]) -> None:
        """Declare a conflict of interest, or that there is none."""
        await service.declare(tx, tender_id, conflict=data.conflict, statement=data.statement.strip())

    @post("/compliance", opt=access(P.EVALUATION_SCORE) | changes(EVALUATION), status_code=204)
    async def decide(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Compliance]) -> None:
        """Pass or fail a bid, with a reason."""
        reason = data.reason.strip()
        await service.decide_compliance(tx, tender_id, data.bid, compliant=data.compliant, reason=reason)

    @post("/scores", opt=access(P.EVALUATION_SCORE) | changes(EVALUATION), status_code=204)
    async def score(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[SheetInput]) -> None:
        """Keep one's own sheet, or lock it."""
        given = {(s.bid, s.criterion): Score(s.score, s.comment.strip()) for s in data.scores}
        keep = service.lock_scores if data.lock else service.save_scores
        await keep(tx, tender_id, given)

    @post("/consensus", opt=access(P.EVALUATION_CHAIR) | changes(EVALUATION), status_code=204)
    async def agree(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Agreement]) -> None:
        """Record the one score where evaluators differ."""
        reason = data.reason.strip()
        await service.agree(tx, tender_id, data.bid, data.criterion, score=data.score, reason=reason)

    @post("/technical/proposal", opt=access(P.EVALUATION_CHAIR) | changes(EVALUATION), status_code=204)
    async def propose_technical(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> None:
        """Propose who passes, where prices are opened after the technical decision."""
        await service.propose_technical(tx, tender_id)

    @post("/technical/decision", opt=access(P.AWARD_APPROVE) | changes(EVALUATION), status_code=204)
    async def decide_technical(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> None:
        """Decide as proposed, as the second person: exactly these bids may have their prices opened."""
        await service.decide_technical(tx, tender_id)

    @post("/technical/return", opt=access(P.AWARD_APPROVE) | changes(EVALUATION), status_code=204)
    async def return_technical(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Reason]) -> None:
        """Send the proposal back, with a reason."""
        await service.return_technical(tx, tender_id, data.reason.strip())

    @post("/low-prices/questions", opt=access(P.EVALUATION_CHAIR) | changes(EVALUATION), status_code=204)
    async def ask(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[PriceQuestion]) -> None:
        """Ask a bidder to explain an abnormally low price."""
        await service.ask(tx, tender_id, data.bid, data.lot, data.question.strip())

    @post("/low-prices/answers", opt=access(P.BID_SUBMIT), status_code=204)
    async def explain(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[PriceAnswer]) -> None:
        """The bidder explains its price."""
        await service.explain(tx, tender_id, data.bid, data.lot, data.answer.strip())

    @post("/low-prices/decisions", opt=access(P.EVALUATION_CHAIR) | changes(EVALUATION), status_code=204)
    async def settle(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[PriceDecision]) -> None:
        """Accept an explained price, or refuse the bid because of it."""
        reason = data.reason.strip()
        await service.decide_low_price(tx, tender_id, data.bid, data.lot, accepted=data.accepted, reason=reason)

    @post("/conclusion", opt=access(P.EVALUATION_CHAIR) | changes(EVALUATION) | NOT_REHEARSED, status_code=200)
    async def conclude(self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str]) -> State:
        """End the evaluation; the ranking is frozen."""
        await service.conclude(tx, files, tender_id)
        return await _state(tx, tender_id)


ROUTES = (EvaluationApi,)
