"""Who went on after whom. Whoever holds a role in the organisation that goes on holds it in those before: see held.py.

Nothing recorded changes hands: what was done under the old id stays under it.
"""

from collections.abc import Collection

from sqlalchemy import text

from procurement.identity.tables import OrganisationRow
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused

_BEFORE = text("""
    WITH RECURSIVE before(id) AS (
        SELECT id FROM organisation WHERE merged_into = :organisation
        UNION
        SELECT o.id FROM organisation o JOIN before ON o.merged_into = before.id
    )
    SELECT id FROM before ORDER BY id
""")
_AFTER = text("""
    WITH RECURSIVE after(id, merged_into) AS (
        SELECT id, merged_into FROM organisation WHERE id = :organisation
        UNION
        SELECT o.id, o.merged_into FROM organisation o JOIN after ON o.id = after.merged_into
    )
    SELECT id FROM after WHERE merged_into IS NULL
""")
_CONCERNED = text("""
    SELECT id FROM organisation WHERE id = ANY (CAST(:organisations AS text[])) AND merged_into IS NOT NULL
    UNION SELECT merged_into FROM organisation WHERE merged_into = ANY (CAST(:organisations AS text[]))
""")


async def merged(tx: Tx, organisations: Collection[str]) -> set[str]:
    """Those of the organisations that merged into another one, or into which another one did."""
    return set(await tx.session.scalars(_CONCERNED, {"organisations": list(organisations)}))


async def predecessors(tx: Tx, organisation: str) -> list[str]:
    """Every organisation that merged into this one, also by way of another."""
    return list(await tx.session.scalars(_BEFORE, {"organisation": organisation}))


async def successor(tx: Tx, organisation: str) -> str:
    """The organisation that goes on today: itself, unless it merged. "" when there is none of this id."""
    return await tx.session.scalar(_AFTER, {"organisation": organisation}) or ""


async def must_not_be_merged(tx: Tx, organisation: str) -> None:
    """Refused("organisation-merged"): what has merged finishes what it began, and begins nothing."""
    row = await tx.session.get(OrganisationRow, organisation)
    if row and row.merged_into:
        raise Refused(
            "organisation-merged",
            f"{row.name} merged into another organisation. What it began goes on under its name; begin something new "
            "for the organisation that goes on.",
        )
