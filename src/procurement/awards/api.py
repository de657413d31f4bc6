"""Awards for programs: the same services as the pages."""

from datetime import datetime

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.awards import service
from procurement.awards.rules import Award, Choice
from procurement.evaluation.rules.ranking import CriterionPoints
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.money import Money
from procurement.kernel.permissions import P

BEARER = [{"bearer": list[str]()}]


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unknown field is refused, never ignored."""


class Proposal(_Input, frozen=True):
    """`lot` is "" for a tender without lots; `bid` only where several share the first place."""

    reason: str
    lot: str = ""
    bid: str = ""


class Reason(_Input, frozen=True):
    reason: str


class Made(msgspec.Struct, frozen=True):
    """The id of what was made."""

    id: str


class HoldState(msgspec.Struct, frozen=True):
    id: str
    reason: str
    placed_at: datetime
    lifted_at: datetime | None


class AwardState(msgspec.Struct, frozen=True, kw_only=True):
    """An award as anybody may read it. `supplier` is "" and `price` null when no bid was acceptable;
    `standstill_ends` is the first moment after the standstill."""

    id: str
    tender: str
    lot: str
    supplier: str
    price: Money | None
    reason: str
    announced_at: datetime | None
    standstill_ends: datetime | None
    final: bool
    holds: list[HoldState]


class LotLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One lot of a letter. `own` are the points of the bidder with their reasons, `winner` the winner's points by
    criterion id."""

    award: AwardState
    won: bool
    reason: str
    own: list[CriterionPoints]
    winner: dict[str, str]


def _state(award: Award, now: datetime) -> AwardState:
    return AwardState(
        id=award.id,
        tender=award.tender,
        lot=award.lot,
        supplier=award.supplier,
        price=award.price,
        reason=award.reason,
        announced_at=award.announced_at,
        standstill_ends=award.standstill_ends,
        final=award.is_final(now),
        holds=[HoldState(h.id, h.reason, h.placed_at, h.lifted_at) for h in award.holds],
    )


async def _proposals(tx: Tx, tender_id: str) -> list[AwardState]:
    return [_state(award, tx.now) for award in (await service.desk(tx, tender_id)).awards]


PROPOSALS = Resource("/api/v1/tenders/{tender_id}/award/proposals", ("tender_id",), service.lock_all, _proposals)


class AwardApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/award"
    tags = ("awards",)

    @get("/", opt=access("public"))
    async def awards(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> list[AwardState]:
        """The announced awards, one a lot."""
        return [_state(award, tx.now) for award in await service.decisions(tx, tender_id)]

    @get("/proposals", opt=access(P.AWARD_READ), security=BEARER)
    async def proposals(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> list[AwardState]:
        """Awards with those that wait for approval, for the buyer's people."""
        return await _proposals(tx, tender_id)

    @get("/letter", opt=access(P.BID_READ_OWN), security=BEARER)
    async def letter(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> list[LotLetter]:
        """One's own letter: own and winner's scores, and the reasons."""
        letter = await service.letter(tx, tender_id, tx.actor.organisation)
        return [
            LotLetter(
                award=_state(lot.award, tx.now),
                won=lot.won,
                reason=lot.reason,
                own=list(lot.own.points),
                winner={p.criterion_id: f"{p.points:f}" for p in lot.winner.points} if lot.winner else {},
            )
            for lot in letter.lots
        ]

    @post("/proposals", opt=access(P.AWARD_PROPOSE) | changes(PROPOSALS), status_code=201, security=BEARER)
    async def propose(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Proposal]) -> Made:
        """Propose the leading bid of a lot, or that it ends without award."""
        return Made(await service.propose(tx, tender_id, Choice(data.lot, data.bid), data.reason.strip()))

    @post(
        "/{award_id:str}/approval",
        opt=access(P.AWARD_APPROVE) | changes(PROPOSALS),
        status_code=200,
        security=BEARER,
    )
    async def approve(self, tx: NamedDependency[Tx], tender_id: FromPath[str], award_id: FromPath[str]) -> AwardState:
        """Approve and announce. Refused "step-up-needed" without a fresh proof of identity."""
        await service.must_be_of(tx, award_id, tender_id)
        return _state(await service.approve(tx, award_id), tx.now)

    @post("/{award_id:str}/return", opt=access(P.AWARD_APPROVE) | changes(PROPOSALS), status_code=204, security=BEARER)
    async def send_back(
        self, tx: NamedDependency[Tx], tender_id: FromPath[str], award_id: FromPath[str], data: JSONBody[Reason]
    ) -> None:
        """Send a proposal back to the officer."""
        await service.must_be_of(tx, award_id, tender_id)
        await service.send_back(tx, award_id, data.reason.strip())

    @post("/{award_id:str}/holds", opt=access(P.AWARD_APPROVE) | changes(PROPOSALS), status_code=201, security=BEARER)
    async def hold(
        self, tx: NamedDependency[Tx], tender_id: FromPath[str], award_id: FromPath[str], data: JSONBody[Reason]
    ) -> Made:
        """Stop an award from becoming final."""
        await service.must_be_of(tx, award_id, tender_id)
        return Made(await service.place_hold(tx, award_id, data.reason.strip()))

    @post(
        "/{award_id:str}/holds/{hold_id:str}/lift",
        opt=access(P.AWARD_APPROVE) | changes(PROPOSALS),
        status_code=204,
        security=BEARER,
    )
    async def lift(
        self,
        tx: NamedDependency[Tx],
        tender_id: FromPath[str],
        award_id: FromPath[str],
        hold_id: FromPath[str],
        data: JSONBody[Reason],
    ) -> None:
        """Let an award go on."""
        await service.must_be_of(tx, award_id, tender_id)
        await service.lift_hold(tx, award_id, hold_id, data.reason.strip())


ROUTES = (AwardApi,)
