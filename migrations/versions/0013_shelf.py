"""Which public pages are still fresh: versions of what no ledger entry tells, and a quick count of what one does."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    "CREATE TABLE page_version (topic text PRIMARY KEY, version bigint NOT NULL)",
    "GRANT SELECT, INSERT, UPDATE ON page_version TO procurement_app",
)
CONCURRENTLY = (  # facts are recorded meanwhile; a half-made index of an earlier try is of no use
    "SET statement_timeout = '30min'",
    "DROP INDEX CONCURRENTLY IF EXISTS ledger_record_public",
    "CREATE INDEX CONCURRENTLY ledger_record_public ON ledger_record (process) WHERE visible = 'at-once'",
    "RESET statement_timeout",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in CONCURRENTLY:
            op.execute(statement)
    for statement in STATEMENTS:
        op.execute(statement)
