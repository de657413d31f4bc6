"""Whom letters go to. Only jobs ask: an address leaves this stage for the mail server and nowhere else."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select, text

from procurement.identity.service.held import in_any
from procurement.identity.tables import Person
from procurement.infra.tx import Tx
from procurement.kernel.permissions import GRANTS, P

_WHO = text("""
    WITH RECURSIVE goes_on(organisation, today) AS (
        SELECT id, id FROM organisation WHERE id = ANY(CAST(:organisations AS text[]))
        UNION
        SELECT g.organisation, o.merged_into FROM goes_on g JOIN organisation o ON o.id = g.today
            WHERE o.merged_into IS NOT NULL
    ), own AS (
        SELECT m.organisation, m.person, m.role FROM membership m JOIN goes_on g ON g.today = m.organisation
            WHERE m.until IS NULL AND m.role = ANY(CAST(:roles AS text[]))
    ), holders AS (
        SELECT organisation, person FROM own
        UNION
        SELECT d.organisation, d.deputy FROM delegation d
            JOIN own ON own.organisation = d.organisation AND own.person = d.giver AND own.role = d.role
            WHERE d.accepted_at IS NOT NULL AND d.ended_at IS NULL
                AND d.starts_at <= legal_now() AND d.ends_at > legal_now()
    )
    SELECT DISTINCT g.organisation, p.id AS person FROM goes_on g JOIN holders h ON h.organisation = g.today
        JOIN person p ON p.id = h.person AND p.disabled_at IS NULL ORDER BY g.organisation, p.id
""")


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
    """(organisation, person) for everybody whose role there grants the permission now, each pair once: deputies in
    their days too, and those of the organisation that goes on after it (see held.py)."""
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    asked = {"organisations": sorted(set(organisations)), "roles": roles}
    return [(row.organisation, row.person) for row in await tx.session.execute(_WHO, asked)]


async def belongs(tx: Tx, person: str, organisation: str) -> bool:
    """Whether the person, whose account may be used, has a role there now, also a lent one; "" asks for no role."""
    usable = select(Person.id).where(Person.id == person, Person.disabled_at.is_(None))
    if await tx.session.scalar(usable) is None:
        return False
    return not organisation or bool(await in_any(tx, person, {organisation}))
