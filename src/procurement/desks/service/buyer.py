"""Officers and approvers: everything their organisation has in hand."""

from collections.abc import Iterable

from procurement.awards.service.lists import awards_of
from procurement.bids import service as bids
from procurement.clarifications import service as clarifications
from procurement.contracts import service as contracts
from procurement.contracts.rules import Contract
from procurement.desks.rules import buyer as rules
from procurement.desks.rules.buyer import InHand
from procurement.desks.rules.model import Desk, Row, State, Viewer
from procurement.desks.service.stage import stage_of
from procurement.evaluation.rules.progress import Progress
from procurement.evaluation.service.lists import progress
from procurement.fairness import service as fairness
from procurement.holders import service as holders
from procurement.infra.tx import Tx
from procurement.opening.service.lists import financials_of, openings_of, unread_bids, unread_prices
from procurement.tenders.rules import Tender
from procurement.tenders.service import lists as tenders


async def part(tx: Tx, viewer: Viewer) -> Desk:
    ours = tx.actor.organisation
    drafts = await tenders.unpublished(tx, ours)
    public = [await listed(tx, ours) for listed in (tenders.taking_bids, tenders.undecided, tenders.lately_settled)]
    in_hand = [InHand(tender=draft) for draft in drafts] + await _in_hand(tx, [one for some in public for one in some])
    unsigned = await contracts.to_sign(tx, ours)
    signatures = [rules.signature(contract, viewer) for contract in unsigned]
    return Desk(
        duties=(
            *(duty for one in in_hand for duty in rules.duties(one, viewer, tx.now)),
            *(duty for duty in signatures if duty),
        ),
        running=tuple(_rows(tx, in_hand)),
        coming=tuple(moment for one in in_hand for moment in rules.coming(one, tx.now)),
        done=tuple(moment for one in in_hand for moment in rules.done(one)),
        full=any(len(some) == tenders.MOST for some in (drafts, *public, unsigned)),
    )


async def _in_hand(tx: Tx, found: list[Tender]) -> list[InHand]:
    """Published tenders with what each stage knows of them: one or two queries a stage, however many there are."""
    ours, ids = tx.actor.organisation, [tender.id for tender in found]
    lots = await tenders.lots(tx, ids)
    extensions = await tenders.waiting_extensions(tx, ids)
    questions = await clarifications.unanswered(tx, ids)
    closings = await bids.closings_of(tx, ids)
    openings = await openings_of(tx, ids)
    financials = await financials_of(tx, found)
    unread = await unread_bids(tx, openings.values()) | await unread_prices(tx, financials.values())
    evaluations = await progress(tx, ids)
    awards = await awards_of(tx, ours, ids)
    proposed = await fairness.waiting(tx, ours, ids)
    short = {one.subject for one in await holders.short(tx, ours)}
    signed = _by_tender(await contracts.of_tenders(tx, ours, ids))
    return [
        InHand(
            tender=tender,
            lots=lots.get(tender.id, {}),
            extension=extensions.get(tender.id),
            questions=questions.get(tender.id, 0),
            outage=tender.id in proposed and proposed[tender.id].deadline == tender.deadline,
            holders_short=tender.id in short,
            bids=closings[tender.id].bids if tender.id in closings else None,
            opening=openings.get(tender.id),
            unread=unread.get(tender.id),
            financial=financials.get(tender.id),
            evaluation=evaluations.get(tender.id, Progress()),
            awards=awards.get(tender.id, ()),
            contracts=signed.get(tender.id, ()),
        )
        for tender in found
    ]


def _by_tender(found: Iterable[Contract]) -> dict[str, tuple[Contract, ...]]:
    grouped: dict[str, tuple[Contract, ...]] = {}
    for contract in found:
        grouped[contract.tender] = (*grouped.get(contract.tender, ()), contract)
    return grouped


def _rows(tx: Tx, in_hand: Iterable[InHand]) -> Iterable[Row]:
    """What waits for its publication or is published, and has not ended."""
    for one in in_hand:
        if one.tender.state == "draft":
            continue
        state, at = rules.standing(one, tx.now)
        if state is State.ENDED:
            continue
        stage = stage_of(
            one.tender,
            tx.now,
            opened_at=one.shown_at,
            evaluated_at=one.concluded_at(tx.now),
            awards=one.awards,
        )
        tender, path = one.tender, one.path if one.tender.is_public else f"{one.path}/draft"
        yield Row(tender=tender.id, title=tender.title, buyer=tender.buyer, path=path, state=state, at=at, stage=stage)
