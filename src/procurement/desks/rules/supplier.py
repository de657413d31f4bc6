"""The desk of a bidder: what is not submitted, what was, and what came of it."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from procurement.awards.rules import Award
from procurement.contracts.rules import Contract
from procurement.desks.rules.buyer import dates, signing
from procurement.desks.rules.model import Duty, Moment, Own, State, Viewer, What
from procurement.kernel.permissions import P
from procurement.payments.rules.charges import Charge
from procurement.tenders.rules import Phase, Tender


class Bidding(msgspec.Struct, frozen=True, kw_only=True):
    """One tender as a bidder sees it. `draft_at` is when its unsubmitted draft was last changed; `bid` the latest bid
    it submitted ("" for none), withdrawn or not. `asked`: about a price, without an answer yet. `charge` is the deposit
    that was asked of it, none before it looked at that step."""

    tender: Tender
    draft_at: datetime | None = None
    bid: str = ""
    withdrawn: bool = False
    asked: bool = False
    shown_at: datetime | None = None
    awards: tuple[Award, ...] = ()
    charge: Charge | None = None

    @property
    def path(self) -> str:
        return f"/tenders/{self.tender.id}"

    @property
    def stands(self) -> bool:
        return bool(self.bid) and not self.withdrawn

    @property
    def decided(self) -> bool:
        return bool(self.awards)

    def duty(self, what: What, path: str, due: datetime | None = None) -> Duty:
        title, since = self.tender.title, self.draft_at
        return Duty(what=what, tender=self.tender.id, title=title, path=self.path + path, due=due, since=since)


def duties(one: Bidding, who: Viewer, now: datetime) -> Iterator[Duty]:
    tender = one.tender
    if one.draft_at and tender.phase(now) is Phase.OPEN and P.BID_PREPARE in who.may:
        what = What.REPLACEMENT if one.stands else What.UNSUBMITTED
        yield one.duty(what, "/bid", due=tender.deadline)
    if _lacks_deposit(one) and tender.phase(now) is Phase.OPEN and P.PAYMENT_PAY in who.may:
        path = f"/payments/{one.charge.id}" if one.charge else f"{one.path}/bid/deposit"
        yield msgspec.structs.replace(one.duty(What.DEPOSIT, "", due=tender.deadline), path=path, since=None)
    if one.asked and tender.phase(now) is Phase.CLOSED and P.BID_SUBMIT in who.may:
        yield one.duty(What.EXPLAIN_PRICE, "/evaluation/price-question")
    until = [award.standstill_ends for award in one.awards if award.standstill_ends and now < award.standstill_ends]
    if until and one.stands:
        yield one.duty(What.LETTER, "/award/letter", due=min(until))


def _lacks_deposit(one: Bidding) -> bool:
    """Whether a deposit is still to be paid. Who has only a draft finds it among its steps, and here once it was
    asked."""
    if one.charge:
        return bool(one.charge.owed.amount) and (one.stands or one.draft_at is not None)
    return one.stands and one.tender.deposit is not None


def signature(contract: Contract, who: Viewer) -> Duty | None:
    """A contract that this person may sign for the supplier; nobody signs for both sides."""
    acted = who.person in (contract.buyer_signer, contract.drafted_by)
    if P.CONTRACT_SIGN_SUPPLIER not in who.may or contract.supplier_signed_at or acted:
        return None
    return msgspec.structs.replace(signing(contract), by="")  # the other side's people are not named here


def own(one: Bidding, organisation: str) -> Own:
    if not one.bid:
        return Own.NOT_SUBMITTED
    if one.withdrawn:
        return Own.WITHDRAWN
    if not one.decided:
        return Own.SUBMITTED
    return Own.WON if any(award.supplier == organisation for award in one.awards) else Own.LOST


def standing(one: Bidding, now: datetime) -> tuple[State, datetime | None]:
    """Where the tender stands, as far as every bidder may know."""
    tender = one.tender
    phase = tender.phase(now)
    if phase is Phase.CANCELLED:
        return State.CANCELLED, tender.cancelled_at
    if phase is Phase.OPEN:
        return State.BIDDING, tender.deadline
    if one.decided:
        return _after_award(one, now)
    return (State.EVALUATION, one.shown_at) if one.shown_at else (State.OPENING, tender.opening_at)


def _after_award(one: Bidding, now: datetime) -> tuple[State, datetime | None]:
    ends = max((award.standstill_ends for award in one.awards if award.standstill_ends), default=None)
    if any(award.held for award in one.awards):
        return State.HELD, ends
    if ends and now < ends:
        return State.STANDSTILL, ends
    return State.ENDED, max((award.announced_at for award in one.awards if award.announced_at), default=None)


def coming(one: Bidding, now: datetime) -> Iterator[Moment]:
    """Dates of the tenders that one's own bid is in, or may still be."""
    if one.stands or one.draft_at:
        yield from dates(one.tender, one.path, now)


def done(one: Bidding, now: datetime) -> Iterator[Moment]:
    """Letters one can still read, and drafts that never became bids."""
    tender = one.tender
    about = {"tender": tender.id, "title": tender.title}
    announced = [award.announced_at for award in one.awards if award.announced_at]
    if announced and one.stands:
        yield Moment(what="letter", at=max(announced), path=f"{one.path}/award/letter", **about)
    if one.draft_at and not one.bid and tender.deadline and tender.phase(now) is Phase.CLOSED:
        yield Moment(what="not-submitted", at=tender.deadline, path=f"{one.path}/bid", **about)
