"""The migrated database is the one that the program thinks it has, and the one that was reviewed.

`alembic check` sees no functions, triggers, CHECKs, predicates or grants; so the whole catalogue is held against
`tests/schema.sql`. After a deliberate change: `UPDATE_SCHEMA=1 pytest tests/test_schema.py -n 0`, and read the diff.
"""

import os
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from procurement import app, stages
from procurement.infra import db, idempotency, sandbox
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

SNAPSHOT = Path(__file__).with_name("schema.sql")
PLUGGED_IN = (app, stages, idempotency, sandbox)  # importing them defines every table

CATALOGUE = {
    "tables and columns": """
        SELECT format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
            coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ''))
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname, a.attnum""",
    "constraints": """
        SELECT format('%s %s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY conrelid::regclass::text, conname""",
    "indexes": """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY tablename, indexname""",
    "triggers": """
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY tgrelid::regclass::text, tgname""",
    "functions": """
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND proowner = 'procurement_owner'::regrole
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') ORDER BY proname""",
    "privileges": """
        SELECT format('%s to %s: %s', table_name, grantee, string_agg(privilege_type, ', ' ORDER BY privilege_type))
        FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND grantee IN ('procurement_app', 'procurement_sequencer', 'PUBLIC')
        GROUP BY table_name, grantee ORDER BY table_name, grantee""",
}


async def test_the_catalogue_is_the_reviewed_one(owner: asyncpg.Connection) -> None:
    parts = []
    for title, query in CATALOGUE.items():
        rows = [str(row[0]).rstrip() for row in await owner.fetch(query)]
        parts.append("\n".join([f"-- {title}", *rows]))
    found = "\n\n".join(parts) + "\n"
    if os.environ.get("UPDATE_SCHEMA"):
        SNAPSHOT.write_text(found)
    assert found == SNAPSHOT.read_text(), "UPDATE_SCHEMA=1 pytest tests/test_schema.py -n 0, then read the diff"


async def test_the_tables_of_the_program_are_those_of_the_database(settings: Settings) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), db.Table.metadata))

    engine = db.engine(settings.owner_database_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert PLUGGED_IN and not found, "the migrations and tables.py differ"
