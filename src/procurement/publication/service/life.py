"""One procurement of ours with everything about it that is public now."""

from datetime import datetime, timedelta

import msgspec

from procurement.awards import service as awards
from procurement.awards.rules import Award
from procurement.clarifications import service as clarifications
from procurement.clarifications.rules import Question
from procurement.contracts import service as contracts
from procurement.contracts.rules import Contract
from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.ranking import Ranked
from procurement.holders.service import Chosen
from procurement.identity import service as identity
from procurement.identity.rules.membership import Organisation
from procurement.infra.tx import Tx
from procurement.infra.web.lifeline import Milestones
from procurement.opening import service as opening
from procurement.opening.rules import Opening
from procurement.rulebooks.rules import Rulebook
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender
from procurement.tenders.rules.validity import binds_until


class Procurement(msgspec.Struct, frozen=True):
    """`ranking` is empty until an award is announced. `organisations` names everyone these pages speak of. `roster` are
    those who hold the second lock, None at seal level S1."""

    tender: Tender
    rulebook: Rulebook
    questions: tuple[Question, ...]
    opening: Opening | None
    awards: tuple[Award, ...]
    ranking: tuple[Ranked, ...]
    contracts: tuple[Contract, ...]
    organisations: dict[str, Organisation]
    milestones: Milestones
    roster: Chosen | None = None

    @property
    def buyer(self) -> Organisation:
        return self.organisations[self.tender.buyer]

    @property
    def opened(self) -> bool:
        return self.opening is not None and self.opening.shown_at is not None

    @property
    def bids_bind_until(self) -> datetime | None:
        return binds_until(self.tender, self.rulebook)

    @property
    def held(self) -> bool:
        """Whether something stops an award from becoming final."""
        return any(award.held for award in self.awards)

    @property
    def to_sign(self) -> int:
        """How many contracts there will be: one a lot, but for those that ended without an award."""
        return to_sign(self.tender, self.awards)

    def name(self, organisation: str) -> str:
        return self.organisations[organisation].name if organisation in self.organisations else organisation

    def lot_title(self, lot: str) -> str:
        """ "" where a title would only repeat the tender's."""
        found = self.tender.lot(lot)
        return found.title if found and len(self.tender.lots) > 1 else ""

    def ranked(self, lot: str) -> tuple[Ranked, ...]:
        return tuple(one for one in self.ranking if one.lot == lot)


async def procurement(tx: Tx, tender_id: str) -> Procurement:
    """Refused("tender-unknown", 404) before publication. How many queries does not depend on how much there is."""
    tender = await tenders.public_tender(tx, tender_id)
    decided = await awards.decisions(tx, tender_id)
    concluded = await evaluation.result(tx, tender_id) if decided else None
    lots = {award.lot for award in decided}  # what is not decided yet is nobody's business yet
    ranking = tuple(one for one in concluded.ranking if one.lot in lots) if concluded else ()
    held, signed = await opening.opening(tx, tender_id), await contracts.of_tender(tx, tender_id)
    roster = await tenders.roster(tx, tender_id) if tender.seal_level != "S1" else None
    holding = {seat.holder.organisation for seat in roster.seats} if roster else set()
    named = {
        tender.buyer,
        *holding,
        *(one.supplier for one in ranking),
        *(one.supplier for one in decided if one.supplier),
    }
    return Procurement(
        tender=tender,
        rulebook=await tenders.rulebook_of(tx, tender),
        questions=await clarifications.questions(tx, tender_id),
        opening=held,
        awards=decided,
        ranking=ranking,
        contracts=signed,
        organisations=await identity.organisations_at(tx, named, _named_at(tx, decided)),
        milestones=milestones_of(tender, held, decided, signed),
        roster=roster,
    )


def to_sign(tender: Tender, decided: tuple[Award, ...]) -> int:
    return max(len(tender.lots), 1) - sum(not award.supplier for award in decided)


def _named_at(tx: Tx, decided: tuple[Award, ...]) -> datetime:
    """What was decided names everybody as they were called then; before, as they are called now."""
    return max((award.announced_at for award in decided if award.announced_at), default=tx.now)


def milestones_of(
    tender: Tender, held: Opening | None, decided: tuple[Award, ...], signed: tuple[Contract, ...]
) -> Milestones:
    """With several lots the last decision counts: the procurement is not further than its slowest lot."""
    decisions = [award.announced_at for award in decided if award.announced_at]
    awarded = [award.announced_at for award in decided if award.announced_at and award.supplier]
    all_decided = {award.lot for award in decided} >= {lot.id for lot in tender.lots}
    ends = [award.standstill_ends for award in decided if award.standstill_ends]
    moments = [contract.signed_at for contract in signed if contract.signed_at]
    all_signed = len(moments) >= to_sign(tender, decided)
    reasons = [hold.reason for award in decided for hold in award.holds if hold.active]
    return Milestones(
        published_at=tender.published_at,
        questions_until=tender.question_deadline,
        deadline=tender.deadline,
        opening_at=tender.opening_at,
        opened_at=held.shown_at if held else None,
        evaluated_at=max(decisions, default=None),
        awarded_at=max(awarded, default=None),
        standstill_until=max(ends) - timedelta(microseconds=1) if ends else None,  # drawn as its last day
        contract_at=max(moments, default=None) if all_signed else None,
        cancelled_at=tender.cancelled_at,
        unsuccessful_at=max(decisions, default=None) if all_decided and not awarded else None,
        hold=reasons[0] if reasons else "",
    )
