"""The roles people hold at this moment: their own, those lent to them, and both in what merged into their body.

One query, asked on every request, for one person or for many. A lent role counts from the first to the last moment of
its dates, by legal time, and only while its giver still holds it.
"""

from collections import defaultdict
from collections.abc import Collection

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.tx import Tx
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused

_HELD = text("""
    WITH RECURSIVE held(person, organisation, role, giver) AS (
        SELECT person, organisation, role, '' FROM membership
            WHERE person = ANY (CAST(:people AS text[])) AND until IS NULL
        UNION
        SELECT d.deputy, d.organisation, d.role, d.giver FROM delegation d
            JOIN membership m ON m.person = d.giver AND m.organisation = d.organisation AND m.role = d.role
                AND m.until IS NULL
            WHERE d.deputy = ANY (CAST(:people AS text[])) AND d.accepted_at IS NOT NULL AND d.ended_at IS NULL
                AND d.starts_at <= legal_now() AND d.ends_at > legal_now()
    ), all_held AS (
        SELECT * FROM held
        UNION
        SELECT all_held.person, o.id, all_held.role, all_held.giver FROM organisation o
            JOIN all_held ON o.merged_into = all_held.organisation
    )
    SELECT person, organisation, role, giver FROM all_held
""")


class Held(msgspec.Struct, frozen=True):
    """`roles` are (organisation, role); `lent` those held for somebody else alone, as (organisation, role, giver)."""

    roles: frozenset[tuple[str, Role]]
    lent: frozenset[tuple[str, Role, str]]

    def only(self, organisation: str) -> "Held":
        """Those in one organisation."""
        return Held(
            frozenset(one for one in self.roles if one[0] == organisation),
            frozenset(one for one in self.lent if one[0] == organisation),
        )


async def held(session: AsyncSession, person: str) -> Held:
    return (await held_by(session, [person]))[person]


async def held_by(session: AsyncSession, people: Collection[str]) -> dict[str, Held]:
    """The same for several people, by id: each of them, also who holds none."""
    rows: dict[str, list[tuple[str, Role, str]]] = defaultdict(list)
    for row in await session.execute(_HELD, {"people": list(people)}):
        rows[row.person].append((row.organisation, Role(row.role), row.giver))
    return {person: _held(rows[person]) for person in people}


def _held(rows: Collection[tuple[str, Role, str]]) -> Held:
    own = {(organisation, role) for organisation, role, giver in rows if not giver}
    lent = frozenset((org, role, giver) for org, role, giver in rows if giver and (org, role) not in own)
    return Held(frozenset((organisation, role) for organisation, role, _ in rows), lent)


async def must_not_work_for(tx: Tx, buyer: str) -> None:
    """Refused("conflict-of-interest") when who acts for a bidder has any role, also a lent one, at the buyer.

    The Actor is not asked: that of a program's token knows one organisation only.
    """
    if tx.actor.person and await in_any(tx, tx.actor.person, {buyer}):
        raise Refused(
            "conflict-of-interest",
            "You hold a role at the buyer, who receives these bids. Somebody else of your organisation has to prepare "
            "and submit this one, or you leave that role first.",
            status=403,
        )


async def in_any(tx: Tx, person: str, organisations: set[str]) -> set[str]:
    """Those of the organisations in which somebody holds a role now."""
    return {org for org, _ in (await held(tx.session, person)).roles} & organisations


async def workplaces(tx: Tx, people: Collection[str]) -> dict[str, set[str]]:
    """The organisations in which each of them holds a role now."""
    return {person: {org for org, _ in found.roles} for person, found in (await held_by(tx.session, people)).items()}
