"""A republic made large: every procurement in it many times over, for the same organisations and people.

Rows are copied by PostgreSQL as they are, without triggers and foreign keys; ids of the copied things get a number
behind them, wherever they stand, so that a copy belongs together as its original does.
"""

import re

import asyncpg

RECORDS = 1_000_000  # ids of the ledger's records and of news are moved by so many with each copy
IDS = """
    SELECT id FROM tender UNION SELECT ocid FROM tender UNION SELECT id FROM lot UNION SELECT id FROM item
    UNION SELECT id FROM criterion UNION SELECT id FROM tender_document UNION SELECT id FROM bid UNION
    SELECT digest FROM bid UNION SELECT id FROM bid_draft UNION SELECT id FROM question UNION SELECT id FROM award
    UNION SELECT id FROM award_hold UNION SELECT id FROM contract UNION SELECT id FROM inbox_message
    UNION SELECT id FROM release UNION SELECT id FROM mail_copy UNION SELECT id FROM follow UNION SELECT id FROM notice
"""
PROCUREMENTS = (
    "answer", "award", "award_hold", "bid", "bid_closing", "bid_draft", "bid_part", "bid_receipt", "bid_withdrawal",
    "bidder", "compliance", "consensus", "contract", "criterion", "draft_warning", "evaluation", "evaluator", "follow",
    "inbox_message", "inbox_reading", "item", "ledger_disclosure", "ledger_leaf", "ledger_record", "lot", "low_price",
    "mail_copy", "news", "notice", "opened_bid", "opened_document", "opening", "outbox", "question", "release", "score",
    "tender", "tender_document", "tender_extension", "tender_revision",
)  # fmt: skip
COPY = """
    INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::{table},
        replace(old, '{number}"', '-' || number || '"')::jsonb {moved})).*
    FROM unnest($1::text[]) AS old, generate_series(1, $2::int) AS number ON CONFLICT DO NOTHING
"""
MOVED = """
    SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND atttypid = 'int8'::regtype
    AND attname IN ('id', 'record_id', 'delivery_record_id', 'by', 'leaf_index')
"""

CHECKS = """
    SELECT conrelid::regclass AS table, conname AS name FROM pg_constraint
    WHERE contype = 'c' AND conrelid = ANY($1::text[]::regclass[])
"""
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
NUMBER = "-#"  # where a copy's number stands


async def grow(owner: asyncpg.Connection, times: int) -> None:
    """Every procurement and what belongs to it `times` more; `owner` may do without triggers."""
    ids = {row[0] for row in await owner.fetch(IDS)}

    def numbered(text: re.Match[str]) -> str:
        return f'"{text[1]}{NUMBER}"' if text[1] in ids else text[0]

    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        for one in await owner.fetch(CHECKS, PROCUREMENTS):
            await owner.execute(f"ALTER TABLE {one['table']} DROP CONSTRAINT {one['name']}")
        for table in PROCUREMENTS:
            rows = await owner.fetch(f"SELECT to_jsonb({table})::text FROM {table}")
            old = [STRING.sub(numbered, row[0]) for row in rows]
            columns = [row[0] for row in await owner.fetch(MOVED, table)]
            await owner.execute(COPY.format(table=table, number=NUMBER, moved=_moved(columns)), old, times)
    await owner.execute("ANALYZE")


def _moved(columns: list[str]) -> str:
    """What to add to a row for its numbers to be its own."""
    pairs = ", ".join(f"'{name}', (old::jsonb ->> '{name}')::bigint + number * {RECORDS}::bigint" for name in columns)
    return f"|| jsonb_build_object({pairs})" if pairs else ""
