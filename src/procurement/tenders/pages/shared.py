"""What the pages of a tender share."""

from typing import Any

import msgspec
from litestar.response import Template

from procurement.holders.rules.rosters import missing, words
from procurement.holders.service import Chosen
from procurement.identity import service as identity
from procurement.infra.tx import Tried, Tx
from procurement.infra.web.lifeline import Milestones, Row, line
from procurement.infra.web.pages import page
from procurement.kernel.refusal import Refused
from procurement.tenders import service
from procurement.tenders.rules import Tender

SHOWN_AGAIN = (409, 413, 422, 503)


def again(tried: Tried) -> Refused | None:
    """The refusal that the same page shows; what concerns the person or the address goes up as it is."""
    if tried.refused and tried.refused.status not in SHOWN_AGAIN:
        raise tried.refused
    return tried.refused


def stages(tender: Tender, tx: Tx) -> tuple[Row, ...]:
    """The life line as far as a tender itself knows it."""
    moments = Milestones(
        planned_at=tender.created_at,
        published_at=tender.published_at,
        questions_until=tender.question_deadline,
        deadline=tender.deadline,
        opening_at=tender.opening_at,
        cancelled_at=tender.cancelled_at,
    )
    return line(moments, tx.now)


class Sealing(msgspec.Struct, frozen=True):
    """How bids will be, or are, sealed: `chosen` is None at level S1, `names` are those of organisations by id, and
    `lacking` says in words what holders have still to do before publication."""

    chosen: Chosen | None
    names: dict[str, str]
    lacking: list[str]


async def sealing(tx: Tx, tender: Tender, chosen: Chosen | None) -> Sealing:
    if chosen is None:
        return Sealing(None, {}, [])
    named = await identity.organisations(tx, {seat.holder.organisation for seat in chosen.seats})
    lacking = [] if tender.is_public else [words(one) for one in missing(chosen, tx.now)]
    return Sealing(chosen, {one.id: one.name for one in named.values()}, lacking)


async def own_page(tx: Tx, tender_id: str, template: str, refused: Refused | None = None, **context: Any) -> Template:
    """A page about one of the buyer's own tenders, drafts too."""
    tender = await service.own_tender(tx, tender_id)
    return page(
        f"tenders/{template}.html",
        refused=refused,
        tender=tender,
        stages=stages(tender, tx),
        buyer=(await identity.organisation(tx, tender.buyer)).name,
        rulebook=await service.rulebook_of(tx, tender),
        editable=tender.state == "draft",
        **context,
    )
