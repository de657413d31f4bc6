"""Personal bearer tokens for programs: shown once, ended by date or by hand. A password change ends them too."""

from datetime import datetime

from sqlalchemy import select, update

from procurement.identity.rules import addresses, proofs
from procurement.identity.rules.proofs import ApiToken, TokenIssued
from procurement.identity.tables import ApiTokenRow
from procurement.infra.tx import Tx
from procurement.kernel.actor import STEP_UP
from procurement.kernel.ids import new_id, new_token, token_digest
from procurement.kernel.refusal import unknown

PREFIX = "pm_"  # so that scanners of leaked secrets know one when they see it


async def issue(tx: Tx, label: str, days: int) -> str:
    """Make a token that acts as its owner for the organisation acted for; returns it, the only time it is readable."""
    tx.actor.must_be_somebody()
    tx.actor.must_be_stepped_up(tx.real_now)
    token = PREFIX + new_token()
    row = ApiTokenRow(
        id=new_id(),
        token_sha256=token_digest(token),
        person=tx.actor.person,
        organisation=tx.actor.organisation or None,
        label=addresses.name(label, "label"),
        created_at=tx.real_now,
        expires_at=proofs.token_expiry(days, tx.real_now),
    )
    tx.session.add(row)
    fact = TokenIssued(token=row.id, person=row.person, organisation=tx.actor.organisation, expires_at=row.expires_at)
    await tx.record(fact, organisation=tx.actor.organisation)
    return token


async def tokens(tx: Tx) -> list[ApiToken]:
    """One's own that still work, newest first."""
    tx.actor.must_be_somebody()
    alive = (ApiTokenRow.person == tx.actor.person, ApiTokenRow.revoked_at.is_(None))
    query = select(ApiTokenRow).where(*alive, ApiTokenRow.expires_at > tx.real_now)
    return [
        ApiToken(row.id, row.label, row.organisation or "", row.created_at, row.expires_at, row.last_used_at)
        for row in await tx.session.scalars(query.order_by(ApiTokenRow.created_at.desc()))
    ]


async def step_up(tx: Tx, token_id: str) -> datetime:
    """Mark one of one's own tokens as freshly confirmed, by the caller's check of a proof; returns until when."""
    tx.actor.must_be_somebody()
    own = (ApiTokenRow.person == tx.actor.person, ApiTokenRow.id == token_id, ApiTokenRow.revoked_at.is_(None))
    marked = update(ApiTokenRow).where(*own).values(stepped_up_at=tx.real_now).returning(ApiTokenRow.id)
    if await tx.session.scalar(marked) is None:
        raise unknown("token")
    return tx.real_now + STEP_UP


async def revoke(tx: Tx, token_id: str) -> None:
    """End one of one's own tokens. Refused("token-unknown") for anybody else's."""
    tx.actor.must_be_somebody()
    own = (ApiTokenRow.person == tx.actor.person, ApiTokenRow.id == token_id, ApiTokenRow.revoked_at.is_(None))
    ended = update(ApiTokenRow).where(*own).values(revoked_at=tx.real_now).returning(ApiTokenRow.id)
    if await tx.session.scalar(ended) is None:
        raise unknown("token")


async def revoke_all(tx: Tx, person: str) -> None:
    alive = (ApiTokenRow.person == person, ApiTokenRow.revoked_at.is_(None))
    await tx.session.execute(update(ApiTokenRow).where(*alive).values(revoked_at=tx.real_now))
