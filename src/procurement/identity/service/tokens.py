"""Personal bearer tokens for programs: shown once, ended by date or by hand. A password change ends them too."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from procurement.identity.rules import addresses, proofs, scopes
from procurement.identity.rules.proofs import ApiToken, TokenIssued
from procurement.identity.rules.scopes import Scope
from procurement.identity.tables import ApiTokenRow
from procurement.infra.tx import Tx
from procurement.kernel.actor import STEP_UP, stronger_proof_needed
from procurement.kernel.ids import new_id, new_token, token_digest
from procurement.kernel.refusal import unknown

PREFIX = "pm_"  # so that scanners of leaked secrets know one when they see it


async def issue(tx: Tx, label: str, days: int) -> str:
    """A token that may do all that its owner may, for the organisation acted for; returns it, this once readable."""
    return await _issue(tx, label, days, tx.actor.organisation, None)


async def issue_for(tx: Tx, label: str, days: int, organisation: str, chosen: Iterable[Scope]) -> str:
    """A token for some of what its owner may do in one organisation; returns it, the only time it is readable.

    Refused("organisation-unknown", 404) without a role there, ("form-invalid") for a scope beyond one's own roles.
    """
    wanted = set(chosen)
    held = [role for org, role in tx.actor.roles | tx.actor.withheld if org == organisation]
    if not held:
        raise unknown("organisation")
    scopes.must_be_useful(wanted, held)
    return await _issue(tx, label, days, organisation, [scope for scope in Scope if scope in wanted])


async def _issue(tx: Tx, label: str, days: int, organisation: str, chosen: list[Scope] | None) -> str:
    tx.actor.must_be_somebody()
    tx.actor.must_be_stepped_up(tx.real_now)
    if organisation in {org for org, _ in tx.actor.withheld}:
        raise stronger_proof_needed()
    token = PREFIX + new_token()
    row = ApiTokenRow(
        id=new_id(),
        token_sha256=token_digest(token),
        person=tx.actor.person,
        organisation=organisation or None,
        scopes=chosen,
        label=addresses.name(label, "label"),
        created_at=tx.real_now,
        expires_at=proofs.token_expiry(days, tx.real_now),
    )
    tx.session.add(row)
    fact = TokenIssued(
        token=row.id, person=row.person, organisation=organisation, expires_at=row.expires_at, scopes=chosen
    )
    await tx.record(fact, organisation=organisation)
    return token


async def tokens(tx: Tx, *, asking: str = "") -> list[ApiToken]:
    """One's own that still work, newest first. A token with scopes, `asking` by its id, sees itself alone."""
    tx.actor.must_be_somebody()
    query = select(ApiTokenRow).where(*_within_reach(tx, asking), ApiTokenRow.expires_at > tx.real_now)
    return [
        ApiToken(
            id=row.id,
            label=row.label,
            organisation=row.organisation or "",
            scopes=None if row.scopes is None else tuple(map(Scope, row.scopes)),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
        )
        for row in await tx.session.scalars(query.order_by(ApiTokenRow.created_at.desc()))
    ]


async def step_up(tx: Tx, token_id: str) -> datetime:
    """Mark one of one's own tokens as freshly confirmed, by the caller's check of a proof; returns until when."""
    tx.actor.must_be_somebody()
    marked = update(ApiTokenRow).where(*_own(tx), ApiTokenRow.id == token_id).values(stepped_up_at=tx.real_now)
    if await tx.session.scalar(marked.returning(ApiTokenRow.id)) is None:
        raise unknown("token")
    return tx.real_now + STEP_UP


async def revoke(tx: Tx, token_id: str, *, asking: str = "") -> None:
    """End one of one's own tokens; one with scopes, `asking` by its id, ends itself alone.

    Refused("token-unknown", 404) for anybody else's.
    """
    tx.actor.must_be_somebody()
    reach = (*_within_reach(tx, asking), ApiTokenRow.id == token_id)
    ended = update(ApiTokenRow).where(*reach).values(revoked_at=tx.real_now).returning(ApiTokenRow.id)
    if await tx.session.scalar(ended) is None:
        raise unknown("token")


async def revoke_all(tx: Tx, person: str) -> None:
    alive = (ApiTokenRow.person == person, ApiTokenRow.revoked_at.is_(None))
    await tx.session.execute(update(ApiTokenRow).where(*alive).values(revoked_at=tx.real_now))


def _own(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    return ApiTokenRow.person == tx.actor.person, ApiTokenRow.revoked_at.is_(None)


def _within_reach(tx: Tx, asking: str) -> tuple[ColumnElement[bool], ...]:
    """A program that was given little cannot end, nor learn of, what its owner gave to others."""
    return _own(tx) if tx.actor.limit is None else (*_own(tx), ApiTokenRow.id == asking)
