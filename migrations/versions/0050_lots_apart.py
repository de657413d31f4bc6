"""A financial envelope for each lot, where several lots are priced apart. The lot of one for all lots is ""."""

from alembic import op

revision = "0050"
down_revision = "0049"

KEYS = (
    ("bid_financial", "bid_id, lot"),
    ("opened_price", "bid_id, lot"),
    ("price_share", "bid_id, lot, place"),
    ("price_recovery", "bid_id, lot"),
)


def _by_lot(table: str, columns: str) -> tuple[str, str, str]:
    """The key with one more column: what an older process writes still has its place."""
    return (
        f"ALTER TABLE {table} ADD COLUMN lot text NOT NULL DEFAULT ''",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey",
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({columns})",
    )


STATEMENTS = tuple(statement for table, columns in KEYS for statement in _by_lot(table, columns))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
