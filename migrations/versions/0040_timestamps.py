"""Time stamps of an authority (RFC 3161) under the ledger's checkpoints."""

from alembic import op

revision = "0040"
down_revision = "0039"

STATEMENTS = (
    """
    CREATE TABLE ledger_timestamp (
        size bigint PRIMARY KEY REFERENCES ledger_checkpoint,
        at timestamptz NOT NULL,
        reply bytea NOT NULL CHECK (length(reply) > 0)
    )
    """,
    """
    CREATE TRIGGER ledger_timestamp_is_final BEFORE UPDATE OR DELETE ON ledger_timestamp
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER ledger_timestamp_is_not_emptied BEFORE TRUNCATE ON ledger_timestamp
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    "GRANT SELECT ON ledger_timestamp TO procurement_app, procurement_sequencer",
    "GRANT INSERT ON ledger_timestamp TO procurement_sequencer",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
