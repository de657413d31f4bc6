"""What a person did, from the ledger: in the order in which it was recorded."""

from alembic import op

revision = "0023"
down_revision = "0022"

CONCURRENTLY = (  # facts are recorded meanwhile; a half-made index of an earlier try is of no use
    "SET statement_timeout = '30min'",
    "DROP INDEX CONCURRENTLY IF EXISTS ledger_record_by_actor",
    "CREATE INDEX CONCURRENTLY ledger_record_by_actor ON ledger_record (split_part(actor, ' ', 1), id)",
    "RESET statement_timeout",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in CONCURRENTLY:
            op.execute(statement)
