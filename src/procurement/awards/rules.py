"""When an award may be decided, by whom, and from when on it is final. Pure.

UNCITRAL Model Law, article 22: notice to every bidder, then a standstill, then the contract.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec

from procurement.evaluation.rules.conclusion import EvaluationResult
from procurement.evaluation.rules.ranking import Ranked
from procurement.kernel.actor import must_be_two
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused, invalid


class Hold(msgspec.Struct, frozen=True):
    """Something that stops an award from becoming final, for instance a challenge."""

    id: str
    reason: str
    placed_at: datetime
    lifted_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.lifted_at is None


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """The decision on one lot (`lot` is "" where there are none). `supplier` is "" and `price` None when no bid was
    acceptable. `reasons` maps each bidder to what its letter says. Everything after `proposed_at` waits for the second
    person. `standstill_ends` is the first moment after the standstill."""

    id: str
    tender: str
    lot: str
    supplier: str
    bid: str
    price: Money | None
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str = ""
    announced_at: datetime | None = None
    standstill_ends: datetime | None = None
    reasons: dict[str, str] = {}
    holds: tuple[Hold, ...] = ()

    @property
    def successful(self) -> bool:
        return bool(self.supplier)

    @property
    def held(self) -> bool:
        return any(hold.active for hold in self.holds)

    def is_final(self, now: datetime) -> bool:
        """Announced, its standstill over (`standstill_ends` is already outside of it) and nothing holding it."""
        return self.standstill_ends is not None and now >= self.standstill_ends and not self.held


class AwardProposed(Fact, frozen=True, kw_only=True):
    """`supplier` and `bid` are "" when the proposal is that no bid is acceptable."""

    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    award: str
    lot: str
    supplier: str
    bid: str
    price: Money | None
    reason: str


class AwardReturned(Fact, frozen=True, kw_only=True):
    """The approver did not approve. The officer may propose again."""

    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    award: str
    reason: str


class AwardAnnounced(Fact, frozen=True, kw_only=True):
    """The intention to award, sent to every bidder."""

    tender: str
    award: str
    lot: str
    supplier: str
    bid: str
    price: Money
    reason: str
    standstill_ends: datetime


class TenderUnsuccessful(Fact, frozen=True, kw_only=True):
    """No bid was acceptable, in this lot."""

    tender: str
    award: str
    lot: str
    reason: str


class AwardHeld(Fact, frozen=True, kw_only=True):
    tender: str
    award: str
    hold: str
    reason: str


class AwardHoldLifted(Fact, frozen=True, kw_only=True):
    tender: str
    award: str
    hold: str
    reason: str


class Choice(msgspec.Struct, frozen=True):
    """What the officer proposes for one lot; `bid_id` is "" for no acceptable bid."""

    lot: str
    bid_id: str = ""


def last_day(ends: datetime, zone: ZoneInfo) -> str:
    """How people say when a standstill ends: `ends` is the first moment after it."""
    last = (ends - timedelta(microseconds=1)).astimezone(zone)
    if ends.astimezone(zone).time() == time():
        return f"the end of {last:%A} {last.day} {last:%B %Y}"
    last = ends.astimezone(zone)
    return f"{last:%A} {last.day} {last:%B %Y}, {last:%H:%M}"


def must_be_concluded(result: EvaluationResult | None) -> EvaluationResult:
    if result is None:
        raise Refused("evaluation-open", "The evaluation is not concluded, so nothing can be awarded yet.")
    return result


def recommended(result: EvaluationResult, choice: Choice) -> Ranked | None:
    """The bid a proposal names, which must lead its lot; None when no bid is acceptable there.

    Where several share the first place the officer chooses among them, as the rulebook leaves it to a drawing of lots.
    Nobody can award around the ranking: a wrong ranking is put right in the evaluation, in front of everybody.
    """
    leading = result.best(choice.lot)
    if not leading:
        if choice.bid_id:
            raise Refused("bid-not-leading", "No bid in this lot is acceptable, so none can be awarded.")
        return None
    if not choice.bid_id and len(leading) > 1:
        raise invalid("Several bids share the first place.", bid="Choose the bid that was drawn.")
    found = next((r for r in leading if r.bid_id == (choice.bid_id or leading[0].bid_id)), None)
    if found is None:
        raise Refused("bid-not-leading", "This bid does not lead its lot. Only the best bid can be awarded.")
    return found


def propose(
    result: EvaluationResult | None,
    standing: Sequence[Award],
    *,
    tender: str,
    award: str,
    choice: Choice,
    reason: str,
) -> AwardProposed:
    """The officer recommends the leading bid of a lot, or that the lot is unsuccessful."""
    concluded = must_be_concluded(result)
    if any(a.lot == choice.lot for a in standing):
        raise Refused("award-proposed", "An award has already been proposed here.")
    if not reason:
        raise invalid("Give the reason for the award.", reason="Say why in a few sentences. Everybody will read it.")
    leading = recommended(concluded, choice)
    return AwardProposed(
        tender=tender,
        award=award,
        lot=choice.lot,
        supplier=leading.supplier if leading else "",
        bid=leading.bid_id if leading else "",
        price=leading.price if leading else None,
        reason=reason,
    )


def must_wait_for_approval(award: Award) -> None:
    if award.announced_at is not None:
        raise Refused("award-decided", "This award has been approved and announced.")


def approve(
    award: Award, person: str, *, needs_two: bool, standstill_ends: datetime
) -> AwardAnnounced | TenderUnsuccessful:
    """The second person decides. `needs_two` is the rulebook's; `standstill_ends` what it counts from now."""
    must_wait_for_approval(award)
    if needs_two:
        must_be_two(award.proposed_by, person)
    if award.price is None:
        return TenderUnsuccessful(tender=award.tender, award=award.id, lot=award.lot, reason=award.reason)
    return AwardAnnounced(
        tender=award.tender,
        award=award.id,
        lot=award.lot,
        supplier=award.supplier,
        bid=award.bid,
        price=award.price,
        reason=award.reason,
        standstill_ends=standstill_ends,
    )


def send_back(award: Award, person: str, reason: str) -> AwardReturned:
    """The second person does not agree: the proposal goes back to the officer with the reason."""
    must_wait_for_approval(award)
    must_be_two(award.proposed_by, person)
    if not reason:
        raise invalid("Say why you send it back.", reason="The officer needs to know what to change.")
    return AwardReturned(tender=award.tender, award=award.id, reason=reason)


def hold(award: Award, hold_id: str, reason: str, now: datetime) -> AwardHeld:
    """Stop an announced award from becoming final; too late once it is."""
    if award.announced_at is None or not award.successful:
        raise Refused("award-not-announced", "Only an announced award can be held.")
    if award.is_final(now):
        raise Refused("award-final", "The award is final and can no longer be held.")
    if not reason:
        raise invalid("Say why the award is held.", reason="Everybody will read it.")
    return AwardHeld(tender=award.tender, award=award.id, hold=hold_id, reason=reason)


def lift(award: Award, hold_id: str, reason: str) -> AwardHoldLifted:
    found = next((h for h in award.holds if h.id == hold_id), None)
    if found is None or not found.active:
        raise Refused("hold-unknown", "There is no such hold on this award.", status=404)
    if not reason:
        raise invalid("Say why the hold is lifted.", reason="Everybody will read it.")
    return AwardHoldLifted(tender=award.tender, award=award.id, hold=hold_id, reason=reason)


def reasons_for_each(ranking: Sequence[Ranked], award: Award) -> dict[str, str]:
    """One paragraph a bidder: why it won, why it did not, or why it was out. The letter adds the scores."""
    return {ranked.supplier: _why(ranked, award) for ranked in ranking if ranked.lot == award.lot}


def _why(ranked: Ranked, award: Award) -> str:
    if ranked.bid_id == award.bid:
        return award.reason
    if not ranked.compliant:
        return f"Your bid was not compared with the others: {ranked.reasons}"
    if ranked.rank == 1:
        return "Your bid shared the first place. Another bid was chosen among the equal ones."
    return f"Your bid came in place {ranked.rank}. {award.reason}"
