"""The place on the life line at which a list draws a tender, as every page of the tender draws it."""

from collections.abc import Sequence
from datetime import datetime

from procurement.awards.rules import Award
from procurement.infra.web.lifeline import Milestones
from procurement.tenders.rules import Tender


def stage_of(
    tender: Tender,
    now: datetime,
    *,
    opened_at: datetime | None = None,
    evaluated_at: datetime | None = None,
    awards: Sequence[Award] = (),
    signed_at: datetime | None = None,
) -> str:
    """With several lots the last decision counts; where nothing was awarded the line ends at the award."""
    decided = [award.announced_at for award in awards if award.announced_at]
    awarded = [award.announced_at for award in awards if award.announced_at and award.successful]
    ends = [award.standstill_ends for award in awards if award.standstill_ends]
    return Milestones(
        published_at=tender.published_at,
        questions_until=tender.question_deadline,
        deadline=tender.deadline,
        opening_at=tender.opening_at,
        opened_at=opened_at,
        evaluated_at=evaluated_at or max(decided, default=None),
        awarded_at=max(awarded, default=None),
        standstill_until=max(ends, default=None),
        contract_at=signed_at,
        cancelled_at=tender.cancelled_at,
    ).stage(now)
