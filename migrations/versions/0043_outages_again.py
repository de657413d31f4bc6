"""Who saw the service work while another did not; and a deadline about which it is decided more than once."""

from alembic import op

revision = "0043"
down_revision = "0042"

CONCURRENTLY = (  # a half-made index of an earlier try is of no use
    "SET statement_timeout = '30min'",
    "DROP INDEX CONCURRENTLY IF EXISTS outage_ended",
    "CREATE INDEX CONCURRENTLY outage_ended ON outage (ended_at)",
    "DROP INDEX CONCURRENTLY IF EXISTS outage_proposal_open",
    """
    CREATE UNIQUE INDEX CONCURRENTLY outage_proposal_open ON outage_proposal (tender_id, deadline)
        WHERE decided_at IS NULL
    """,
    "RESET statement_timeout",
)
STATEMENTS = (
    # From the first look of one observer that found one part working to the last before a bad one or a pause.
    """
    CREATE TABLE sighting (
        id text PRIMARY KEY,
        component text NOT NULL,
        source text NOT NULL,
        began_at timestamptz NOT NULL,
        ended_at timestamptz NOT NULL CHECK (ended_at >= began_at)
    )
    """,
    "CREATE INDEX sighting_ended ON sighting (ended_at)",
    "CREATE INDEX sighting_by_source ON sighting (source, ended_at)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON sighting TO procurement_app",
    # The outages, merged, that were known when it was decided: they lead to no other proposal.
    "ALTER TABLE outage_proposal ADD COLUMN weighed jsonb",
    # The key with one more column: what an older process writes still has its place.
    "ALTER TABLE outage_proposal DROP CONSTRAINT IF EXISTS outage_proposal_pkey",
    """
    ALTER TABLE outage_proposal ADD CONSTRAINT outage_proposal_pkey PRIMARY KEY (tender_id, deadline, proposed_at)
    """,
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in CONCURRENTLY:
            op.execute(statement)
    for statement in STATEMENTS:
        op.execute(statement)
