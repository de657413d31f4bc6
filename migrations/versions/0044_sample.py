"""A sample of what is searched, by which it is seen that a count is beyond what is counted, and notices by source."""

from alembic import op

revision = "0044"
down_revision = "0043"

INDEXES = {  # every sixteenth: publication/search/postgres/sample.py
    "notice_by_source": "notice (source, published_at, id)",
    "notice_sample": "notice USING gin (tsv, categories, supplier_ids) WHERE (hashtext(id) & 15) = 0",
    "notice_sample_counted": """
        notice (published_at, id) INCLUDE (source, kind, buyer_id, amount, outcome, deadline)
        WHERE (hashtext(id) & 15) = 0
    """,
    "public_award_sample": "public_award USING gin (tsv, categories, supplier_ids) WHERE (hashtext(id) & 15) = 0",
    "public_award_sample_counted": """
        public_award (awarded_at, id) INCLUDE (source, kind, buyer_id, supplier_ids, amount, status)
        WHERE (hashtext(id) & 15) = 0
    """,
}
CONCURRENTLY = (  # notices are published meanwhile; a half-made index of an earlier try is of no use
    "SET statement_timeout = '30min'",
    *(
        statement
        for name, columns in INDEXES.items()
        for statement in (f"DROP INDEX CONCURRENTLY IF EXISTS {name}", f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
    ),
    "RESET statement_timeout",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in CONCURRENTLY:
            op.execute(statement)
