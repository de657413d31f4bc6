"""The desk of an evaluator: the next step that only this person can take."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from procurement.desks.rules.model import Duty, What
from procurement.evaluation.rules.progress import Progress
from procurement.evaluation.rules.state import Evaluator
from procurement.opening.rules import Financial
from procurement.tenders.rules import Tender


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment. `shown_at` is when the bids were opened and `bids` how many; `scored` says that people give
    scores here: elsewhere the price alone decides. `financial` is the opening of prices, where it follows later."""

    tender: Tender
    progress: Progress
    shown_at: datetime | None = None
    bids: int = 0
    scored: bool = False
    financial: Financial | None = None

    @property
    def path(self) -> str:
        return f"/tenders/{self.tender.id}/evaluation"

    @property
    def over(self) -> bool:
        return self.progress.concluded_at is not None or self.tender.cancelled_at is not None


def takes_part(part: Part, person: str) -> bool:
    """Whoever declared a conflict has nothing more to do with it."""
    me = part.progress.evaluator(person)
    return me is not None and not me.conflict


def duties(part: Part, person: str) -> Iterator[Duty]:
    """At most one: the steps of an evaluation follow one another."""
    me = part.progress.evaluator(person)
    if me is None or part.over or not takes_part(part, person):
        return
    if step := _next(part, me):
        what, page, count = step
        path, since = part.path + page, part.shown_at or part.tender.deadline
        yield Duty(what=what, tender=part.tender.id, title=part.tender.title, path=path, since=since, count=count)


def _next(part: Part, me: Evaluator) -> tuple[What, str, int] | None:
    """The step, its page and a count; None while this person waits for others."""
    progress = part.progress
    if me.declared_at is None:
        return What.DECLARE, "/declaration", 0
    if part.shown_at is None or not progress.cleared:
        return None
    if progress.checked < part.bids:
        return What.CHECK, "/compliance", part.bids - progress.checked
    if part.scored and me.locked_at is None:
        return What.SCORE, "/scores", 0
    if not me.chair or (part.scored and not progress.locked):
        return None
    if progress.explained:
        return What.JUDGE_PRICE, "/low-prices", progress.explained
    if progress.talks:
        return What.AGREE, "", progress.talks
    if part.tender.two_envelopes and progress.technical is None:
        return What.TECHNICAL_PROPOSE, "/technical", 0
    if part.tender.two_envelopes and not (part.financial and part.financial.over):
        return None
    return What.CONCLUDE, "", 0
