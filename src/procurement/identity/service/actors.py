"""From a cookie or a bearer token to the person and the roles held at this moment; asked on every request."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ARRAY, LargeBinary, any_, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.identity.rules import proofs, scopes, strength
from procurement.identity.rules.strength import Demand, ProvedBy
from procurement.identity.service.held import Held, held, held_by
from procurement.identity.tables import ApiTokenRow, OrganisationRow, Person, WebSession
from procurement.infra.web.door import SignedIn
from procurement.kernel.actor import Actor
from procurement.kernel.ids import token_digest

_TOKEN_SEEN_EVERY = timedelta(hours=1)


async def actor_for_session(
    session: AsyncSession, token: str, now: datetime, demand: Demand = Demand.SECOND_FACTOR
) -> SignedIn | None:
    """Who a session cookie is, by the real clock `now`; None when it is unknown, ended, idle or too old.

    Roles that demand a stronger proof than this session has seen are withheld.
    """
    row = await session.scalar(
        select(WebSession)
        .join(Person, Person.id == WebSession.person)
        .where(WebSession.token_sha256 == token_digest(token), WebSession.revoked_at.is_(None))
        .where(Person.disabled_at.is_(None))
    )
    if row is None or not proofs.is_alive(last_seen_at=row.last_seen_at, expires_at=row.expires_at, now=now):
        return None
    if now - row.last_seen_at >= proofs.SEEN_EVERY and _takes_notes(session):
        await _seen(session, row.id, now)
    roles = await held(session, row.person)
    actor = _actor(row.person, roles, row.organisation, row.stepped_up_at)
    weak = not strength.is_enough(ProvedBy(row.proved_by), Demand.SECOND_FACTOR)
    actor = msgspec.structs.replace(actor, weak=weak)
    if not strength.is_enough(ProvedBy(row.proved_by), demand):
        actor = await _withheld(session, actor)
    return SignedIn(actor, row.id)


async def _withheld(session: AsyncSession, actor: Actor) -> Actor:
    """Without the roles that wait for a stronger proof; the organisation acted for stays chosen."""
    kinds = await session.execute(
        select(OrganisationRow.id, OrganisationRow.kind).where(OrganisationRow.id.in_({org for org, _ in actor.roles}))
    )
    demanding = {row.id for row in kinds if strength.demands(row.kind)}
    waiting = frozenset(one for one in actor.roles if one[0] in demanding)
    return msgspec.structs.replace(actor, roles=actor.roles - waiting, withheld=waiting)


async def actor_for_bearer(session: AsyncSession, token: str, now: datetime) -> SignedIn | None:
    """Who a bearer token is. It acts for one organisation only, and within its scopes."""
    return (await actors_for_bearers(session, [token], now)).get(token)


async def actors_for_bearers(session: AsyncSession, tokens: Collection[str], now: datetime) -> dict[str, SignedIn]:
    """The same for several tokens; those that are unknown or ended are left out."""
    digests = {token_digest(token): token for token in tokens}
    found = await session.scalars(
        select(ApiTokenRow)
        .join(Person, Person.id == ApiTokenRow.person)
        .where(
            ApiTokenRow.token_sha256 == any_(cast(list(digests), ARRAY(LargeBinary))), ApiTokenRow.revoked_at.is_(None)
        )
        .where(ApiTokenRow.expires_at > now, Person.disabled_at.is_(None))
    )
    rows = found.all()
    unseen = [row.id for row in rows if row.last_used_at is None or now - row.last_used_at >= _TOKEN_SEEN_EVERY]
    if unseen and _takes_notes(session):
        await _used(session, unseen, now)
    roles = await held_by(session, {row.person for row in rows}) if rows else {}
    return {digests[row.token_sha256]: _by_token(row, roles[row.person].only(row.organisation or "")) for row in rows}


def _by_token(row: ApiTokenRow, held: Held) -> SignedIn:
    actor = _actor(row.person, held, row.organisation, row.stepped_up_at)
    return SignedIn(msgspec.structs.replace(actor, limit=scopes.limit(row.scopes)), row.id)


def _actor(person: str, held: Held, chosen: str | None, stepped_up_at: datetime | None) -> Actor:
    """Somebody removed from the organisation they acted for acts for none."""
    organisation = chosen if chosen in {org for org, _ in held.roles} else ""
    return Actor(
        person=person,
        roles=held.roles,
        organisation=organisation or "",
        stepped_up_at=stepped_up_at,
        deputy_for=held.lent,
    )


def _takes_notes(session: AsyncSession) -> bool:
    """A standby of the database recognises people, and notes nothing."""
    return not session.info.get("standby")


async def _seen(session: AsyncSession, session_id: str, now: datetime) -> None:
    """Note the use, unless another request of the same browser is just doing so: nobody waits for this."""
    free = select(WebSession.id).where(WebSession.id == session_id).with_for_update(skip_locked=True)
    await session.execute(
        update(WebSession)
        .where(WebSession.id.in_(free))
        .values(last_seen_at=now)
        .execution_options(synchronize_session=False)
    )


async def _used(session: AsyncSession, token_ids: Collection[str], now: datetime) -> None:
    """The same for tokens."""
    free = select(ApiTokenRow.id).where(ApiTokenRow.id.in_(token_ids)).with_for_update(skip_locked=True)
    await session.execute(
        update(ApiTokenRow)
        .where(ApiTokenRow.id.in_(free))
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
