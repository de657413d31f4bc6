"""Cosignatures of witnesses under the ledger's checkpoints; the names that the log had to take after a restore."""

from alembic import op

revision = "0034"
down_revision = "0033"

FINAL = ("ledger_cosignature", "ledger_origin")

STATEMENTS = (
    """
    CREATE TABLE ledger_cosignature (
        witness text NOT NULL CHECK (witness <> ''),
        size bigint NOT NULL REFERENCES ledger_checkpoint,
        at timestamptz NOT NULL,
        line text NOT NULL CHECK (line <> ''),
        PRIMARY KEY (witness, size)
    )
    """,
    "CREATE INDEX ledger_cosignature_size ON ledger_cosignature (size)",
    """
    CREATE TABLE ledger_origin (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        origin text NOT NULL UNIQUE CHECK (origin ~ '^[A-Za-z0-9_./:-]+$'),
        previous text NOT NULL CHECK (previous <> origin),
        record_id bigint NOT NULL UNIQUE REFERENCES ledger_record,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    *(
        f"""
        CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """
        for table in FINAL
    ),
    *(
        f"""
        CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
        for table in FINAL
    ),
    "GRANT SELECT ON ledger_cosignature, ledger_origin TO procurement_app, procurement_sequencer",
    "GRANT INSERT ON ledger_cosignature TO procurement_sequencer",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
