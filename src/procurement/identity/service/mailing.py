"""Whom letters go to. Only jobs ask: an address leaves this stage for the mail server and nowhere else."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from procurement.identity.tables import Membership, Person
from procurement.infra.tx import Tx
from procurement.kernel.permissions import GRANTS, P


class Address(msgspec.Struct, frozen=True):
    """Where letters to a person go. `fictional` people of a sandbox have addresses that nobody reads."""

    name: str
    email: str
    fictional: bool


async def addresses(tx: Tx, people: Iterable[str]) -> dict[str, Address]:
    """By person, for those whose account may be used and who have an address."""
    usable = Person.id.in_(set(people)), Person.disabled_at.is_(None), Person.email.is_not(None)
    rows = await tx.session.execute(select(Person.id, Person.name, Person.email, Person.fictional).where(*usable))
    return {row.id: Address(row.name or "", row.email, row.fictional) for row in rows}


async def people_who(tx: Tx, permission: P, organisations: Iterable[str]) -> list[tuple[str, str]]:
    """(organisation, person) for everybody whose role there grants the permission now, each pair once."""
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    held = Membership.organisation.in_(set(organisations)), Membership.role.in_(roles), Membership.until.is_(None)
    rows = await tx.session.execute(
        select(Membership.organisation, Membership.person)
        .join(Person, Person.id == Membership.person)
        .where(*held, Person.disabled_at.is_(None))
        .distinct()
        .order_by(Membership.organisation, Membership.person)
    )
    return [(row.organisation, row.person) for row in rows]


async def belongs(tx: Tx, person: str, organisation: str) -> bool:
    """Whether the person, whose account may be used, has a role there now; "" asks for no role."""
    usable = select(Person.id).where(Person.id == person, Person.disabled_at.is_(None))
    if organisation:
        held = Membership.organisation == organisation, Membership.until.is_(None)
        usable = usable.join(Membership, Membership.person == Person.id).where(*held)
    return await tx.session.scalar(usable.limit(1)) is not None
