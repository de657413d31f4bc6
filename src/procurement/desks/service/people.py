"""Everybody: roles that a colleague wants to lend them; for those who manage people or the installation, what waits."""

from procurement.desks.rules.model import Desk, Duty, Viewer, What
from procurement.identity import service as identity
from procurement.identity.service import access_reviews, delegations, motions
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


async def part(tx: Tx, viewer: Viewer) -> Desk:
    return Desk(duties=(*await _offers(tx, viewer), *await _review(tx), *await _motions(tx, viewer)))


async def _offers(tx: Tx, viewer: Viewer) -> list[Duty]:
    ours = tx.actor.organisation
    offers = [one for one in await delegations.offered_to(tx, viewer.person) if one.organisation == ours]
    return [
        Duty(
            what=What.DEPUTY, title=(await identity.organisation(tx, ours)).name, path="/organisation/deputies",
            due=one.ends_at, since=one.offered_at, by=one.giver, said=one.reason,
        )
        for one in offers
    ]  # fmt: skip


async def _review(tx: Tx) -> list[Duty]:
    ours = tx.actor.organisation
    if not tx.actor.may(P.ORGANISATION_MANAGE, of=ours):
        return []
    state = await access_reviews.state(tx, ours)
    if not state.is_due(tx.real_now):
        return []
    return [Duty(what=What.REVIEW_ACCESS, title=state.name, path="/organisation/review", due=state.due)]


async def _motions(tx: Tx, viewer: Viewer) -> list[Duty]:
    if not tx.actor.organisations_with(P.ORGANISATION_REGISTER):
        return []
    others = [one for one in await motions.waiting(tx) if one.proposed_by != viewer.person]
    named = await identity.organisations(tx, {one.organisation for one in others})
    return [
        Duty(
            what=What.MOTION, title=named[one.organisation].name, path="/motions", since=one.proposed_at,
            by=one.proposed_by,
        )
        for one in others
    ]  # fmt: skip
