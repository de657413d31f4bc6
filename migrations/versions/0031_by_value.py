"""What is searched in the order of its value, the largest first, what has none last."""

from alembic import op

revision = "0031"
down_revision = "0030"

CONCURRENTLY = (  # notices are published meanwhile; a half-made index of an earlier try is of no use
    "SET statement_timeout = '30min'",
    "DROP INDEX CONCURRENTLY IF EXISTS notice_by_value",
    "CREATE INDEX CONCURRENTLY notice_by_value ON notice (COALESCE(amount, -1::bigint), id)",
    "DROP INDEX CONCURRENTLY IF EXISTS public_award_by_value",
    "CREATE INDEX CONCURRENTLY public_award_by_value ON public_award (COALESCE(amount, -1::bigint), id)",
    "RESET statement_timeout",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in CONCURRENTLY:
            op.execute(statement)
