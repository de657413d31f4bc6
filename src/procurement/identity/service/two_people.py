"""The two-person rule where roles may be lent: whoever acts by X's role counts as X too."""

from datetime import datetime

from sqlalchemy import text

from procurement.infra.tx import Tx
from procurement.kernel.actor import must_be_two
from procurement.kernel.permissions import GRANTS, P
from procurement.kernel.refusal import Refused

_ACTED_FOR = text("""
    WITH RECURSIVE body(id) AS (
        SELECT CAST(:organisation AS text)
        UNION
        SELECT o.merged_into FROM organisation o JOIN body ON o.id = body.id WHERE o.merged_into IS NOT NULL
    )
    SELECT DISTINCT d.giver FROM delegation d
    WHERE d.deputy = :person AND d.organisation IN (SELECT id FROM body) AND d.role = ANY(:roles)
        AND d.accepted_at <= :at AND d.starts_at <= :at AND :at < coalesce(d.ended_at, d.ends_at)
        AND NOT EXISTS (
            SELECT FROM membership m
            WHERE m.person = :person AND m.organisation IN (SELECT id FROM body) AND m.role = ANY(:roles)
                AND m.since <= :at AND (m.until IS NULL OR m.until > :at)
        )
""")


async def must_be_two_people(tx: Tx, organisation: str, first: str, at: datetime | None, *, did: P, does: P) -> None:
    """Refused("same-person", 403) unless the first step and this one are two people's decisions.

    `first` took the first step, by permission `did` in the organisation, at `at` (legal time); who acts now does the
    second by `does`. Each counts with those whose lent role they needed for it, and the two must have nobody in common.
    """
    must_be_two(first, tx.actor.person)
    second = {tx.actor.person} | tx.actor.acts_for(does, organisation)
    if second & ({first} | await _acted_for(tx, organisation, first, at or tx.now, did)):
        raise Refused(
            "same-person",
            "The first step was taken by you or in your place, or by the person in whose place you act: a deputy and "
            "whoever they stand for count as one. Somebody else has to confirm this.",
            status=403,
        )


async def _acted_for(tx: Tx, organisation: str, person: str, at: datetime, did: P) -> set[str]:
    roles = [str(role) for role, grants in GRANTS.items() if did in grants]
    known = {"organisation": organisation, "person": person, "at": at, "roles": roles}
    return set(await tx.session.scalars(_ACTED_FOR, known))
