"""Buyers and oversight bodies, looked after by administrators of the installation."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, tuple_

from procurement.identity.rules import addresses
from procurement.identity.rules import institutions as rules
from procurement.identity.rules.institutions import NEEDED, Institution, NewInstitution
from procurement.identity.rules.membership import Organisation
from procurement.identity.service import invitations, registry
from procurement.identity.tables import Invitation, Membership, OrganisationRow
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import unknown

PAGE = 50


async def register(tx: Tx, new: NewInstitution) -> str:
    """Register a buyer or an oversight body and invite its first people by e-mail; returns its id.

    Raises Refused("organisation-registered") when the register number is known, Refused("form-invalid").
    """
    tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))
    asked = rules.check(new)
    made = await registry.add(tx, new.name, new.kind, new.country, new.identifier_scheme, new.identifier)
    for role, address in asked.items():
        await invitations.begin(tx, made, address, role)
    return made


async def invite_owner(tx: Tx, institution_id: str, email: str) -> None:
    """Invite an owner again where nobody is one yet: letters get lost. Refused("organisation-owned")."""
    tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))
    rules.must_have_no_owner(await institution(tx, institution_id))
    await invitations.begin(tx, institution_id, addresses.email(email), Role.OWNER)


async def institution(tx: Tx, institution_id: str) -> Institution:
    """Refused("organisation-unknown", 404) also for a supplier."""
    tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))
    found = await registry.organisation(tx, institution_id)
    if found.kind not in rules.KINDS:
        raise unknown("organisation")
    return (await _with_people(tx, [found]))[0]


async def institutions(tx: Tx, *, after: str = "", limit: int = PAGE) -> list[Institution]:
    """Every buyer and oversight body by name, from the one after `after` on."""
    tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))
    place = tuple_(OrganisationRow.name, OrganisationRow.id)
    query = select(OrganisationRow).where(OrganisationRow.kind != "supplier")
    if after:
        before = await registry.organisation(tx, after)
        query = query.where(place > tuple_(before.name, before.id))
    rows = await tx.session.scalars(query.order_by(OrganisationRow.name, OrganisationRow.id).limit(limit))
    return await _with_people(tx, [registry.value(row) for row in rows])


async def understaffed(tx: Tx) -> list[tuple[Organisation, datetime]]:
    """Buyers that cannot publish, as nobody drafts or nobody approves, and since when: the newest first."""
    tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))
    query = select(OrganisationRow).where(
        OrganisationRow.kind == "buyer", ~(_held(Role.OFFICER) & _held(Role.APPROVER))
    )
    rows = await tx.session.scalars(query.order_by(OrganisationRow.created_at.desc()).limit(PAGE))
    return [(registry.value(row), row.created_at) for row in rows]


def _held(role: Role) -> ColumnElement[bool]:
    held = Membership.organisation == OrganisationRow.id, Membership.role == role, Membership.until.is_(None)
    return exists().where(*held)


async def _with_people(tx: Tx, found: Iterable[Organisation]) -> list[Institution]:
    """In two queries, however many there are."""
    by_id = {one.id: one for one in found}
    working = await tx.session.execute(
        select(Membership.organisation, func.count(Membership.person.distinct()), func.array_agg(Membership.role))
        .where(Membership.organisation.in_(by_id), Membership.until.is_(None))
        .group_by(Membership.organisation)
    )
    people = {organisation: (count, set(roles)) for organisation, count, roles in working}
    asked = await tx.session.execute(
        select(Invitation.organisation, func.count())
        .where(Invitation.organisation.in_(by_id), *invitations.is_open(tx))
        .group_by(Invitation.organisation)
    )
    invited = {organisation: count for organisation, count in asked}
    return [_institution(one, *people.get(id_, (0, set())), invited.get(id_, 0)) for id_, one in by_id.items()]


def _institution(at: Organisation, people: int, roles: set[str], invited: int) -> Institution:
    held = roles | {Role.OWNER} if Role.ADMINISTRATOR in roles else roles  # administrators manage their own people
    return Institution(at, people, tuple(role for role in NEEDED[at.kind] if role not in held), invited)
