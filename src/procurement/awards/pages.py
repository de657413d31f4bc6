"""Deciding an award, for officer and approver; and each bidder's own letter."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.awards import service
from procurement.awards.rules import Award, Choice
from procurement.infra.tx import Tried, Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.lifeline import Milestones, Row, line
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening import service as opening
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender


class ProposalForm(msgspec.Struct, frozen=True):
    """`bid` only where several share the first place."""

    reason: str = ""
    lot: str = ""
    bid: str = ""


class ReasonForm(msgspec.Struct, frozen=True):
    reason: str = ""


class AwardPages(Controller):
    path = "/tenders/{tender_id:str}/award"

    @get("/decide", opt=access(P.AWARD_READ))
    async def decide(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _decide(tx, tender_id)

    @post("/propose", opt=access(P.AWARD_PROPOSE))
    async def propose(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ProposalForm)
            await service.propose(tx, tender_id, Choice(form.lot, form.bid), form.reason)
        return await _after(tx, tender_id, tried, request)

    @post("/{award_id:str}/approve", opt=access(P.AWARD_APPROVE))
    async def approve(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], award_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            await service.must_be_of(tx, award_id, tender_id)
            await service.approve(tx, award_id)
        return await _after(tx, tender_id, tried, request)

    @post("/{award_id:str}/return", opt=access(P.AWARD_APPROVE))
    async def send_back(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], award_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ReasonForm)
            await service.must_be_of(tx, award_id, tender_id)
            await service.send_back(tx, award_id, form.reason)
        return await _after(tx, tender_id, tried, request)

    @post("/{award_id:str}/holds", opt=access(P.AWARD_APPROVE))
    async def hold(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], award_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ReasonForm)
            await service.must_be_of(tx, award_id, tender_id)
            await service.place_hold(tx, award_id, form.reason)
        return await _after(tx, tender_id, tried, request)

    @post("/{award_id:str}/holds/{hold_id:str}/lift", opt=access(P.AWARD_APPROVE))
    async def lift(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        tender_id: FromPath[str],
        award_id: FromPath[str],
        hold_id: FromPath[str],
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ReasonForm)
            await service.must_be_of(tx, award_id, tender_id)
            await service.lift_hold(tx, award_id, hold_id, form.reason)
        return await _after(tx, tender_id, tried, request)

    @get("/letter", opt=access(P.BID_READ_OWN))
    async def letter(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        letter = await service.letter(tx, tender_id, tx.actor.organisation)
        rules = await tenders.rulebook_of(tx, letter.tender)
        first = letter.lots[0].award
        days = standstill_days(first, tx.now.astimezone(rules.zone).date(), rules.zone)
        awards = tuple(lot.award for lot in letter.lots)
        words = await service.standstill_words(tx, letter.tender, first)
        stages = await life(tx, letter.tender, awards, letter.concluded_at)
        return page("awards/letter.html", letter=letter, days=days, until=words, fee=rules.challenge_fee, stages=stages)


def standstill_days(award: Award, today: date, zone: ZoneInfo) -> tuple[tuple[date, str], ...]:
    """Each day of the standstill in official time, with past, now or next."""
    if award.announced_at is None or award.standstill_ends is None:
        return ()
    first = award.announced_at.astimezone(zone).date() + timedelta(days=1)
    last = (award.standstill_ends - timedelta(microseconds=1)).astimezone(zone).date()
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple((day, "past" if day < today else "now" if day == today else "next") for day in days)


async def life(tx: Tx, tender: Tender, awards: tuple[Award, ...], evaluated_at: datetime | None) -> tuple[Row, ...]:
    opened = await opening.opening(tx, tender.id)
    announced = [award.announced_at for award in awards if award.announced_at]
    ends = [award.standstill_ends for award in awards if award.standstill_ends]
    known = Milestones(
        published_at=tender.published_at,
        questions_until=tender.question_deadline,
        deadline=tender.deadline,
        opening_at=tender.opening_at,
        opened_at=opened.shown_at if opened else None,
        evaluated_at=evaluated_at,
        awarded_at=min(announced) if announced else None,
        standstill_until=max(ends) - timedelta(microseconds=1) if ends else None,  # drawn as its last day
        hold=next((hold.reason for award in awards for hold in award.holds if hold.active), ""),
    )
    return line(known, tx.now, show=("standstill", "contract"))


async def _after(tx: Tx, tender_id: str, tried: Tried, request: AnyRequest) -> Response[Any]:
    """Back to the page; with what went wrong, if something did."""
    if tried.refused is None:
        return see_other(f"/tenders/{tender_id}/award/decide")
    if tried.refused.status not in (409, 422) and tried.refused.code != "same-person":
        raise tried.refused
    typed = getattr(request.state, "typed", None)
    return await _decide(tx, tender_id, tried.refused, typed)


async def _decide(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    desk = await service.desk(tx, tender_id)
    stages = await life(tx, desk.tender, desk.awards, desk.result.concluded_at if desk.result else None)
    until = {award.id: await service.standstill_words(tx, desk.tender, award) for award in desk.awards}
    return page("awards/decide.html", refused=refused, typed=typed, desk=desk, until=until, stages=stages)


ROUTES = (AwardPages,)
