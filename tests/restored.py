"""A database as a restore to its first day leaves it."""

import asyncpg

TABLES = (
    "ledger_cosignature", "ledger_pending", "ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_disclosure",
    "ledger_record",
)  # fmt: skip


async def lose_the_log(owner: asyncpg.Connection) -> None:
    for table in TABLES:
        await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await owner.execute(f"DELETE FROM {table}")
        await owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
