"""When parts of the service were away, and what is proposed for tenders whose deadline was near."""

from alembic import op

revision = "0039"
down_revision = "0038"

STATEMENTS = (
    """
    CREATE TABLE outage (
        id text PRIMARY KEY,
        component text NOT NULL,
        source text NOT NULL,
        began_at timestamptz NOT NULL,
        ended_at timestamptz CHECK (ended_at >= began_at),
        silent boolean NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX outage_running ON outage (component, source) WHERE ended_at IS NULL",
    "CREATE INDEX outage_began ON outage (began_at)",
    """
    CREATE TABLE outage_proposal (
        tender_id text NOT NULL REFERENCES tender,
        deadline timestamptz NOT NULL,
        later timestamptz NOT NULL CHECK (later > deadline),
        minutes integer NOT NULL CHECK (minutes > 0),
        evidence jsonb NOT NULL,
        proposed_at timestamptz NOT NULL,
        record_id bigint NOT NULL REFERENCES ledger_record,
        taken boolean,
        reason text NOT NULL DEFAULT '',
        decided_by text REFERENCES person,
        decided_at timestamptz,
        PRIMARY KEY (tender_id, deadline),
        CHECK ((taken IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL))
    )
    """,
    "CREATE INDEX outage_proposal_waiting ON outage_proposal (tender_id) WHERE decided_at IS NULL",
    "GRANT SELECT, INSERT, UPDATE ON outage, outage_proposal TO procurement_app",
    "GRANT DELETE ON outage TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
