"""Reviews of access: who has it, when that is looked at again, and what comes of it. Real time throughout."""

from collections.abc import Collection
from functools import cache
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from procurement.identity.organisation_tables import AccessReviewRow
from procurement.identity.proof_tables import Passkey
from procurement.identity.rules import access as rules
from procurement.identity.rules.access import Access, Holding, Review
from procurement.identity.service import delegations, memberships
from procurement.identity.tables import ApiTokenRow, Membership, OrganisationRow, Person, Totp, WebSession
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P, Role
from procurement.settings import Settings

Found = TypeVar("Found")
MOST = 100  # overdue organisations in a list


@cache
def months() -> int:
    """How often; every process has the same settings."""
    return Settings.read().access_review_months


async def access(tx: Tx, organisation: str) -> list[Access]:
    """Everybody with a role there, by name, for those who manage it. Five queries, however many there are."""
    tx.actor.must(P.ORGANISATION_MANAGE, of=organisation)
    held = Membership.organisation == organisation, Membership.until.is_(None)
    rows = await tx.session.execute(
        select(Membership, Person.name, Person.email)
        .join(Person, Person.id == Membership.person)
        .where(*held)
        .order_by(Person.name, Person.id, Membership.role)
    )
    found: dict[str, tuple[str, str, list[Holding]]] = {}
    for row, name, email in rows:
        of = found.setdefault(row.person, (name or "", email or "", []))
        of[2].append(Holding(row.id, Role(row.role), row.since))
    seen = await _by_person(tx, found, WebSession.person, func.max(WebSession.last_seen_at))
    apps = await _by_person(tx, found, Totp.person, func.max(Totp.confirmed_at))
    passkeys = await _by_person(tx, found, Passkey.person, func.count())
    tokens = await _tokens(tx, organisation, found)
    return [
        Access(
            person=person,
            name=name,
            email=email,
            holdings=tuple(holdings),
            last_seen=seen.get(person),
            app=apps.get(person) is not None,
            passkeys=passkeys.get(person, 0),
            tokens=tuple(tokens.get(person, ())),
        )
        for person, (name, email, holdings) in found.items()
    ]


async def state(tx: Tx, organisation: str) -> Review:
    """When it was looked at last, and when it is due again."""
    tx.actor.must(P.ORGANISATION_MANAGE, of=organisation)
    last = await tx.session.scalar(
        select(func.max(AccessReviewRow.reviewed_at)).where(AccessReviewRow.organisation == organisation)
    )
    row = await tx.session.get_one(OrganisationRow, organisation)
    return Review(organisation, row.name, last, rules.due(last or row.created_at, months()))


async def overdue(tx: Tx) -> list[Review]:
    """Buyers and oversight bodies whose review is overdue, the longest waiting first; for those who oversee access."""
    tx.actor.must_somewhere(P.ACCESS_OVERSEE)
    last = func.max(AccessReviewRow.reviewed_at)
    since = func.coalesce(last, OrganisationRow.created_at)
    rows = await tx.session.execute(
        select(OrganisationRow.id, OrganisationRow.name, last.label("last"), since.label("since"))
        .outerjoin(AccessReviewRow, AccessReviewRow.organisation == OrganisationRow.id)
        .where(OrganisationRow.kind != "supplier", OrganisationRow.merged_into.is_(None))
        .group_by(OrganisationRow.id)
        .having(since < rules.due(tx.real_now, -months()))
        .order_by(since, OrganisationRow.id)
        .limit(MOST)
    )
    return [Review(row.id, row.name, row.last, rules.due(row.since, months())) for row in rows]


async def review(tx: Tx, organisation: str, seen: Collection[str], ended: Collection[str]) -> None:
    """Confirm what was seen but for what ends. Refused("review-outdated"), ("last-owner"), ("form-invalid")."""
    tx.actor.must(P.ORGANISATION_MANAGE, of=organisation)
    await tx.session.execute(memberships.ONE_AT_A_TIME, {"organisation": organisation})
    people, lent = await access(tx, organisation), await delegations.ours(tx, organisation)
    fact = rules.review(organisation, tx.actor.person, people, lent, seen, ended)
    for one in lent:
        if one.id in ended:
            await delegations.end(tx, one.id)
    for person in people:
        kept = [holding.role for holding in person.holdings if holding.id not in ended]
        if not kept:
            await memberships.remove(tx, organisation, person.person)
        elif len(kept) < len(person.holdings):
            await memberships.set_roles(tx, organisation, person.person, kept)
    row = AccessReviewRow(
        id=new_id(),
        organisation=organisation,
        reviewed_by=tx.actor.person,
        reviewed_at=tx.real_now,
        confirmed=fact.confirmed,
        ended=fact.ended,
    )
    tx.session.add(row)
    await tx.record(fact, organisation=organisation)


async def _by_person(
    tx: Tx, people: Collection[str], person: InstrumentedAttribute[str], value: ColumnElement[Found]
) -> dict[str, Found]:
    rows = await tx.session.execute(select(person, value).where(person.in_(people)).group_by(person))
    return {row[0]: row[1] for row in rows}


async def _tokens(tx: Tx, organisation: str, people: Collection[str]) -> dict[str, list[str]]:
    alive = ApiTokenRow.revoked_at.is_(None), ApiTokenRow.expires_at > tx.real_now
    here = ApiTokenRow.organisation == organisation, ApiTokenRow.person.in_(people)
    found: dict[str, list[str]] = {}
    for row in await tx.session.scalars(select(ApiTokenRow).where(*here, *alive).order_by(ApiTokenRow.created_at)):
        found.setdefault(row.person, []).append(row.label)
    return found
