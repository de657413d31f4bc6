"""The desk of a buyer's officers and approvers: the step that each procurement waits for, and who may take it."""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from procurement.awards.rules import Award
from procurement.contracts.rules import Contract
from procurement.desks.rules.model import Duty, Moment, State, Viewer, What
from procurement.evaluation.rules.progress import Progress
from procurement.kernel.permissions import P
from procurement.opening.rules import Financial, Opening
from procurement.opening.rules.unread import Waiting
from procurement.tenders.rules import Phase, Tender
from procurement.tenders.rules.model import Extension


class InHand(msgspec.Struct, frozen=True, kw_only=True):
    """One tender of the buyer with what each stage knows of it. `bids` is None until closing has counted them."""

    tender: Tender
    lots: dict[str, str] = {}  # title by id, in order
    extension: Extension | None = None
    questions: int = 0
    outage: bool = False  # a later deadline was proposed because of one
    holders_short: bool = False  # too few have proved that they have their keys
    bids: int | None = None
    opening: Opening | None = None
    unread: Waiting | None = None  # bids that too few key holders could read
    financial: Financial | None = None  # where prices are opened after the technical decision
    evaluation: Progress = Progress()
    awards: tuple[Award, ...] = ()
    contracts: tuple[Contract, ...] = ()

    @property
    def path(self) -> str:
        return f"/tenders/{self.tender.id}"

    @property
    def shown_at(self) -> datetime | None:
        return self.opening.shown_at if self.opening else None

    def concluded_at(self, now: datetime) -> datetime | None:
        """When awards could be proposed: after the evaluation, or from the opening on where nobody bid."""
        if self.bids == 0 and self.tender.opening_at is not None and self.tender.opening_at <= now:
            return self.tender.opening_at
        return self.evaluation.concluded_at

    def duty(self, what: What, path: str, **more: object) -> Duty:
        return Duty(what=what, tender=self.tender.id, title=self.tender.title, path=self.path + path, **more)  # type: ignore[arg-type]  # Duty names them


def duties(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    """What this person has to do about this tender now."""
    steps: dict[Phase, Callable[[InHand, Viewer, datetime], Iterator[Duty]]] = {
        Phase.DRAFT: _draft,
        Phase.SUBMITTED: _publication,
        Phase.OPEN: _bidding,
        Phase.CLOSED: _decision,
    }
    if step := steps.get(one.tender.phase(now)):
        yield from step(one, who, now)


def _draft(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    tender = one.tender
    if P.TENDER_DRAFT in who.may:
        what = What.DRAFT_RETURNED if tender.returned_reason else What.DRAFT
        since = tender.submitted_at or tender.created_at
        yield one.duty(what, "/draft", since=since, by=tender.created_by, said=tender.returned_reason)


def _publication(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    tender = one.tender
    if P.TENDER_APPROVE in who.may and tender.submitted_by != who.person:
        yield one.duty(What.PUBLICATION, "/approve", since=tender.submitted_at, by=tender.submitted_by)


def _bidding(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    asked = one.extension
    if asked and P.TENDER_APPROVE in who.may and asked.proposed_by != who.person:
        yield one.duty(What.EXTENSION, "/amend", due=one.tender.deadline, by=asked.proposed_by, said=asked.reason)
    if one.outage and not asked and P.TENDER_DRAFT in who.may:
        yield one.duty(What.OUTAGE, "/outage", due=one.tender.deadline)
    if one.holders_short and P.TENDER_DRAFT in who.may:
        yield one.duty(What.HOLDERS_SHORT, "/draft/seal", due=one.tender.deadline)
    if one.questions and P.QUESTION_ANSWER in who.may:
        yield one.duty(What.QUESTIONS, "/questions", due=one.tender.answer_deadline, count=one.questions)


def _decision(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    if one.bids is None:
        return  # the worker counts within seconds
    if one.bids:
        yield from _opening(one, who, now)
        yield from _unread(one, who, now)
        yield from _committee(one, who)
        yield from _prices(one, who, now)
    yield from _award(one, who, now)
    yield from _contract(one, who, now)


def _opening(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    """Two people ask, the second within a day of the first."""
    due, held = one.tender.opening_at, one.opening
    if due is None or now < due or (held and held.confirmed_at):
        return
    until = held.confirm_by if held else None
    waits = until is not None and now < until
    if not waits and P.OPENING_REQUEST in who.may:
        yield one.duty(What.OPENING_REQUEST, "/opening", due=due)
    if held and waits and P.OPENING_CONFIRM in who.may and held.requested_by != who.person:
        yield one.duty(What.OPENING_CONFIRM, "/opening", due=until, by=held.requested_by)


def _unread(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    """Whether to go on without a bid: an officer proposes, an approver decides."""
    waits, where = one.unread, "/opening/prices" if one.shown_at else "/opening"
    if waits is None or now < waits.until:
        return
    if not waits.proposed_by and P.OPENING_REQUEST in who.may:
        yield one.duty(What.UNREAD_BIDS, where, since=waits.until)
    if waits.proposed_by not in ("", who.person) and P.OPENING_CONFIRM in who.may:
        yield one.duty(What.PUT_OUT_DECIDE, where, since=waits.until, by=waits.proposed_by)


def _prices(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    """An approver decides who passed; then two people ask for their prices."""
    result, held = one.evaluation.technical, one.financial
    if result and result.decided_at is None and P.AWARD_APPROVE in who.may and result.proposed_by != who.person:
        yield one.duty(What.TECHNICAL_DECIDE, "/evaluation/technical", since=result.proposed_at, by=result.proposed_by)
    if held is None or not held.passed or held.confirmed_at:
        return
    until = held.confirm_by
    waits = until is not None and now < until
    if not waits and P.OPENING_REQUEST in who.may:
        yield one.duty(What.PRICES_REQUEST, "/opening/prices", since=held.decided_at)
    if waits and P.OPENING_CONFIRM in who.may and held.requested_by != who.person:
        yield one.duty(What.PRICES_CONFIRM, "/opening/prices", due=until, by=held.requested_by)


def _committee(one: InHand, who: Viewer) -> Iterator[Duty]:
    evaluators = one.evaluation.evaluators
    if one.evaluation.concluded_at is not None or P.EVALUATION_APPOINT not in who.may:
        return
    if not evaluators:
        yield one.duty(What.APPOINT, "/evaluation/appoint", since=one.tender.deadline)
    for conflicted in (evaluator for evaluator in evaluators if evaluator.conflict):
        since = conflicted.declared_at
        yield one.duty(What.REPLACE, "/evaluation/appoint", since=since, by=conflicted.person)


def _award(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    concluded_at = one.concluded_at(now)
    if concluded_at is None:
        return
    open_lots = set(one.lots or ("",)) - {award.lot for award in one.awards}
    if open_lots and P.AWARD_PROPOSE in who.may:
        yield one.duty(What.PROPOSE, "/award/decide", since=concluded_at, count=len(open_lots))
    proposed = [a for a in one.awards if a.announced_at is None and a.proposed_by != who.person]
    if proposed and P.AWARD_APPROVE in who.may:
        first = proposed[0]
        more = {"since": first.proposed_at, "by": first.proposed_by, "said": first.reason}
        yield one.duty(What.APPROVE, "/award/decide", count=len(proposed), **more)


def _contract(one: InHand, who: Viewer, now: datetime) -> Iterator[Duty]:
    drawn_up = {contract.award for contract in one.contracts}
    for award in one.awards:
        if P.CONTRACT_DRAFT in who.may and award.successful and award.is_final(now) and award.id not in drawn_up:
            path = f"/contracts/new?award={award.id}"
            duty = one.duty(What.CONTRACT, "", since=award.standstill_ends)
            yield msgspec.structs.replace(duty, path=path, title=_titled(one, award.lot))


def _titled(one: InHand, lot: str) -> str:
    """The tender's title, with the lot's where another lot could be meant."""
    return f"{one.tender.title}: {one.lots[lot]}" if len(one.lots) > 1 and lot in one.lots else one.tender.title


def signature(contract: Contract, who: Viewer) -> Duty | None:
    """A contract that this person may sign for the buyer: never the one they drew up."""
    if P.CONTRACT_SIGN_BUYER not in who.may or contract.buyer_signed_at or contract.drafted_by == who.person:
        return None
    return signing(contract)


def signing(contract: Contract) -> Duty:
    path = f"/contracts/{contract.id}/sign"
    since, by = contract.drafted_at, contract.drafted_by
    return Duty(what=What.SIGN, tender=contract.tender, title=contract.title, path=path, since=since, by=by)


def standing(one: InHand, now: datetime) -> tuple[State, datetime | None]:
    """Where a tender that left its drafter's hands stands, with the moment that this waits for or began at."""
    tender = one.tender
    if tender.phase(now) is Phase.SUBMITTED:
        return State.APPROVAL, tender.submitted_at
    if tender.phase(now) is Phase.OPEN:
        return State.BIDDING, tender.deadline
    if tender.phase(now) is Phase.CANCELLED:
        return State.CANCELLED, tender.cancelled_at
    concluded_at = one.concluded_at(now)
    if one.shown_at is None and concluded_at is None:
        return State.OPENING, tender.opening_at
    if concluded_at is None:
        return State.EVALUATION, one.shown_at
    announced = [award.announced_at for award in one.awards if award.announced_at]
    if len(announced) < len(one.lots or ("",)):
        return State.AWARD, concluded_at
    return _after_award(one, max(announced), now)


def _after_award(one: InHand, announced_at: datetime, now: datetime) -> tuple[State, datetime | None]:
    won = [award for award in one.awards if award.successful]
    running = [award.standstill_ends for award in won if award.standstill_ends and now < award.standstill_ends]
    if running:
        return State.STANDSTILL, max(running)
    if any(award.held for award in won):
        return State.HELD, announced_at
    signed = {contract.award: contract.signed_at for contract in one.contracts}
    moments = [signed.get(award.id) for award in won]
    if not all(moments):
        return State.CONTRACT, max((award.standstill_ends for award in won if award.standstill_ends), default=None)
    return State.ENDED, max((moment for moment in moments if moment), default=announced_at)


def coming(one: InHand, now: datetime) -> Iterator[Moment]:
    tender = one.tender
    about = {"tender": tender.id, "title": tender.title}
    yield from dates(tender, one.path, now)
    ends = {award.standstill_ends for award in one.awards if award.standstill_ends and now < award.standstill_ends}
    for end in ends:
        yield Moment(what="standstill-ends", at=end, path=f"{one.path}/award", **about)


def dates(tender: Tender, path: str, now: datetime) -> Iterator[Moment]:
    """When bids close and are opened: one date where both are the same."""
    about = {"tender": tender.id, "title": tender.title}
    closes = tender.deadline if tender.phase(now) is Phase.OPEN else None
    opens = tender.opening_at if tender.phase(now) in (Phase.OPEN, Phase.CLOSED) else None
    if closes and closes == opens:
        yield Moment(what="bids-close-and-open", at=closes, path=path, **about)
        return
    if closes:
        yield Moment(what="bids-close", at=closes, path=path, **about)
    if opens and now < opens:
        yield Moment(what="opening", at=opens, path=f"{path}/opening", **about)


def done(one: InHand) -> Iterator[Moment]:
    tender = one.tender
    about = {"tender": tender.id, "title": tender.title}
    if tender.published_at:
        yield Moment(what="published", at=tender.published_at, path=one.path, **about)
    for award in one.awards:
        if award.announced_at:
            what = "awarded" if award.successful else "unsuccessful"
            yield Moment(what=what, at=award.announced_at, path=f"{one.path}/award", **about)
    for contract in one.contracts:
        if contract.signed_at:
            path = f"/contracts/{contract.id}"
            yield Moment(what="signed", at=contract.signed_at, path=path, tender=tender.id, title=contract.title)
