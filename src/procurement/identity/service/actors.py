"""From a cookie or a bearer token to the person and the roles held at this moment; asked on every request."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.identity.rules import proofs
from procurement.identity.tables import ApiTokenRow, Membership, Person, WebSession
from procurement.infra.web.door import SignedIn
from procurement.kernel.actor import Actor
from procurement.kernel.ids import token_digest
from procurement.kernel.permissions import Role

_TOKEN_SEEN_EVERY = timedelta(hours=1)


async def actor_for_session(session: AsyncSession, token: str, now: datetime) -> SignedIn | None:
    """Who a session cookie is, by the real clock `now`; None when it is unknown, ended, idle or too old."""
    row = await session.scalar(
        select(WebSession)
        .join(Person, Person.id == WebSession.person)
        .where(WebSession.token_sha256 == token_digest(token), WebSession.revoked_at.is_(None))
        .where(Person.disabled_at.is_(None))
    )
    if row is None or not proofs.is_alive(last_seen_at=row.last_seen_at, expires_at=row.expires_at, now=now):
        return None
    if now - row.last_seen_at >= proofs.SEEN_EVERY:
        await _seen(session, row.id, now)
    roles = await _roles(session, row.person)
    return SignedIn(_actor(row.person, roles, row.organisation, row.stepped_up_at), row.id)


async def actor_for_bearer(session: AsyncSession, token: str, now: datetime) -> SignedIn | None:
    """Who a bearer token is. It acts for one organisation only."""
    row = await session.scalar(
        select(ApiTokenRow)
        .join(Person, Person.id == ApiTokenRow.person)
        .where(ApiTokenRow.token_sha256 == token_digest(token), ApiTokenRow.revoked_at.is_(None))
        .where(ApiTokenRow.expires_at > now, Person.disabled_at.is_(None))
    )
    if row is None:
        return None
    if row.last_used_at is None or now - row.last_used_at >= _TOKEN_SEEN_EVERY:
        used = update(ApiTokenRow).where(ApiTokenRow.id == row.id).values(last_used_at=now)
        await session.execute(used.execution_options(synchronize_session=False))
    roles = {(org, role) for org, role in await _roles(session, row.person) if org == row.organisation}
    return SignedIn(_actor(row.person, frozenset(roles), row.organisation, row.stepped_up_at), row.id)


def _actor(
    person: str, roles: frozenset[tuple[str, Role]], chosen: str | None, stepped_up_at: datetime | None
) -> Actor:
    """Somebody removed from the organisation they acted for acts for none."""
    organisation = chosen if chosen in {org for org, _ in roles} else ""
    return Actor(person=person, roles=roles, organisation=organisation or "", stepped_up_at=stepped_up_at)


async def _roles(session: AsyncSession, person: str) -> frozenset[tuple[str, Role]]:
    held = select(Membership.organisation, Membership.role).where(Membership.person == person)
    rows = await session.execute(held.where(Membership.until.is_(None)))
    return frozenset((row.organisation, Role(row.role)) for row in rows)


async def _seen(session: AsyncSession, session_id: str, now: datetime) -> None:
    """Note the use, unless another request of the same browser is just doing so: nobody waits for this."""
    free = select(WebSession.id).where(WebSession.id == session_id).with_for_update(skip_locked=True)
    await session.execute(
        update(WebSession)
        .where(WebSession.id.in_(free))
        .values(last_seen_at=now)
        .execution_options(synchronize_session=False)
    )
