"""Everything that the database keeps about one person, found by its own foreign keys, so that no table is forgotten.

Proofs (hashes, secrets, keys, sealed bytes) are left out: they are of no use to read and dangerous to carry around. So
is what a row says of somebody else, such as the address that a person invited, and that a hold keeps an account: it
may not warn whom it concerns.
"""

import json
from typing import Any

from sqlalchemy import text

from procurement.infra.tx import Tx

MOST = 10_000  # rows by which one column names the person
SECRET = {"password_hash", "secret"}
OF_OTHERS = {
    ("feedback", "answered_by"): {"id", "text", "email"},
    ("invitation", "invited_by"): {"name", "email", "token_sha256"},
    ("motion", "proposed_by"): {"email"},
}

_NAMING = text("""
    SELECT c.conrelid::regclass::text AS "table", a.attname AS "column"
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'person'::regclass AND array_length(c.conkey, 1) = 1
        AND c.conrelid <> 'kept_person'::regclass
    ORDER BY 1, 2
""")
_COLUMNS = text("""
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = :table ORDER BY ordinal_position
""")
_FACTS = text("""
    SELECT id, at, type, process, organisation, actor, convert_from(body, 'UTF8') AS fact FROM ledger_record
    WHERE actor = :me OR actor LIKE :me || ' for %' OR actor LIKE '% for ' || :me || '%' ORDER BY id LIMIT :most
""")

Rows = list[dict[str, Any]]


async def rows_about(tx: Tx, person: str) -> dict[str, Rows]:
    """ "table.column" -> the rows of that table in which that column names the person; empty ones are left out."""
    found = {"person.id": await _rows(tx, "person", "id", person)}
    for table, column in (await tx.session.execute(_NAMING)).all():
        if rows := await _rows(tx, table, column, person):
            found[f"{table}.{column}"] = rows
    return found


async def facts_by(tx: Tx, person: str) -> Rows:
    """What the ledger recorded of what they did, in their own name or as a deputy, or a deputy in theirs."""
    rows = await tx.session.execute(_FACTS, {"me": f"person:{person}", "most": MOST})
    return [row | {"fact": json.loads(row["fact"])} for row in map(dict, rows.mappings())]


async def _rows(tx: Tx, table: str, column: str, person: str) -> Rows:
    """Names of tables and columns come from the catalogue, never from a reader."""
    hidden = SECRET | OF_OTHERS.get((table, column), set())
    columns = [
        row.column_name
        for row in await tx.session.execute(_COLUMNS, {"table": table})
        if row.data_type not in ("bytea", "tsvector") and row.column_name not in hidden
    ]
    if not columns:
        return []
    listed = ", ".join(f'"{name}"' for name in columns)
    query = text(f'SELECT {listed} FROM "{table}" WHERE "{column}" = :person LIMIT {MOST}')  # noqa: S608  # see above
    return [dict(row) for row in (await tx.session.execute(query, {"person": person})).mappings()]
