"""What stands on a receipt: a name that counts within its charge, as two numbers of the register would tell a payer how
many others paid in between."""

from alembic import op

revision = "0037"
down_revision = "0036"

COLUMN = "ALTER TABLE receipt ADD COLUMN IF NOT EXISTS name text NOT NULL DEFAULT ''"  # for an older release
CONCURRENTLY = (
    "DROP INDEX CONCURRENTLY IF EXISTS receipt_name",
    "CREATE UNIQUE INDEX CONCURRENTLY receipt_name ON receipt (name) WHERE name <> ''",
)


def upgrade() -> None:
    op.execute(COLUMN)
    with op.get_context().autocommit_block():
        for statement in CONCURRENTLY:
            op.execute(statement)
