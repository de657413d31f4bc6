"""Bidders: their drafts, their bids, what came of them, and what closes soon."""

import msgspec

from procurement.awards.service.lists import decisions_of
from procurement.bids import service as bids
from procurement.bids.service.own import MOST
from procurement.contracts import service as contracts
from procurement.desks.rules import supplier as rules
from procurement.desks.rules.model import Desk, Duty, Own, Row, Soon, Viewer, What
from procurement.desks.rules.supplier import Bidding
from procurement.desks.service.stage import stage_of
from procurement.evaluation.service.lists import unexplained
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.opening.service.lists import openings_of
from procurement.payments import service as payments
from procurement.payments.rules.charges import Charge
from procurement.payments.service.transfer_out import account_wanted
from procurement.tenders.rules import Phase
from procurement.tenders.service import lists as tenders

SOON = 5


async def part(tx: Tx, viewer: Viewer) -> Desk:
    ours = await _biddings(tx)
    unsigned = await contracts.to_sign(tx, tx.actor.organisation)
    signatures = [rules.signature(contract, viewer) for contract in unsigned]
    return Desk(
        duties=(
            *(duty for one in ours for duty in rules.duties(one, viewer, tx.now)),
            *(duty for duty in signatures if duty),
            *await _account_to_name(tx, viewer),
        ),
        running=tuple(_row(tx, one) for one in ours if one.bid or one.tender.phase(tx.now) is Phase.OPEN),
        coming=tuple(moment for one in ours for moment in rules.coming(one, tx.now)),
        done=tuple(moment for one in ours for moment in rules.done(one, tx.now)),
        soon=await _soon(tx, {one.tender.id for one in ours}),
        full=len(ours) >= MOST or len(unsigned) >= tenders.MOST,
    )


async def _biddings(tx: Tx) -> list[Bidding]:
    """Every tender with a draft or a bid of the organisation acted for; what is still open comes first."""
    drafts, submitted = await bids.my_drafts(tx), await bids.my_bids(tx)
    ids = drafts.keys() | submitted.keys()
    found = await tenders.public(tx, ids)
    charges = await _deposits(tx) if any(tender.deposit for tender in found.values()) else {}
    openings = await openings_of(tx, ids)
    awards = await decisions_of(tx, ids)
    asked = await unexplained(tx, {tender: standing.bid for tender, standing in submitted.items()})
    ours = [
        Bidding(
            tender=tender,
            draft_at=drafts.get(id_),
            bid=submitted[id_].bid if id_ in submitted else "",
            withdrawn=id_ in submitted and submitted[id_].withdrawn_at is not None,
            asked=id_ in asked,
            shown_at=openings[id_].shown_at if id_ in openings else None,
            awards=awards.get(id_, ()),
            charge=charges.get(id_),
        )
        for id_, tender in found.items()
    ]
    return sorted(ours, key=lambda one: _place(tx, one))


async def _deposits(tx: Tx) -> dict[str, Charge]:
    """One's own charges for deposits, by tender."""
    if not tx.actor.may(P.PAYMENT_READ_OWN, of=tx.actor.organisation):
        return {}
    return {one.subject: one for one in await payments.of_payer(tx, tx.actor.organisation) if one.purpose == "deposit"}


async def _account_to_name(tx: Tx, viewer: Viewer) -> tuple[Duty, ...]:
    """Money that came by transfer and is to go back waits until its payer says where to."""
    since = await account_wanted(tx, tx.actor.organisation) if P.PAYMENT_PAY in viewer.may else None
    return (Duty(what=What.REFUND_ACCOUNT, title="", path="/payments/account", since=since),) if since else ()


def _place(tx: Tx, one: Bidding) -> tuple[bool, bool, float]:
    """Open ones by deadline, then those that wait for a decision, then the others, the latest first."""
    at = one.tender.deadline.timestamp() if one.tender.deadline else 0.0
    is_open = one.tender.phase(tx.now) is Phase.OPEN
    return not is_open, one.decided, at if is_open else -at


def _row(tx: Tx, one: Bidding) -> Row:
    tender = one.tender
    state, at = rules.standing(one, tx.now)
    own = rules.own(one, tx.actor.organisation)
    stage = stage_of(tender, tx.now, opened_at=one.shown_at, awards=one.awards)
    row = Row(tender=tender.id, title=tender.title, buyer=tender.buyer, path=one.path, state=state, at=at, stage=stage)
    path = f"{one.path}/bid" if tender.phase(tx.now) is Phase.OPEN or own is Own.NOT_SUBMITTED else one.path
    return msgspec.structs.replace(row, own=own, receipt=one.bid, path=path)


async def _soon(tx: Tx, known: set[str]) -> tuple[Soon, ...]:
    """A few more are read than shown, as some are known already."""
    return tuple(
        Soon(tender=one.id, title=one.title, path=f"/tenders/{one.id}", buyer=one.buyer, deadline=one.deadline)
        for one in await tenders.closing_soon(tx, SOON * 3)
        if one.id not in known and one.deadline
    )[:SOON]
