"""Which key holders had said nothing of a bid when two people put it out: what they say later does not change it."""

from alembic import op

revision = "0051"
down_revision = "0050"

STATEMENTS = tuple(f"ALTER TABLE {table} ADD COLUMN silent jsonb" for table in ("bid_recovery", "price_recovery"))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
