"""Questions to a tender and their public answers."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    # Who asked stands only here: no view of the public, and none of the other suppliers, reads it.
    """
    CREATE TABLE question (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        number bigint NOT NULL CHECK (number > 0),
        supplier_id text NOT NULL REFERENCES organisation,
        asked_by text NOT NULL REFERENCES person,
        asked_at timestamptz NOT NULL,
        text text NOT NULL CHECK (text <> ''),
        UNIQUE (tender_id, number)
    )
    """,
    """
    CREATE TABLE answer (
        question_id text PRIMARY KEY REFERENCES question,
        answered_by text NOT NULL REFERENCES person,
        answered_at timestamptz NOT NULL,
        question_text text NOT NULL CHECK (question_text <> ''),
        text text NOT NULL CHECK (text <> '')
    )
    """,
    *(
        statement
        for table in ("question", "answer")
        for statement in (
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        )
    ),
    "GRANT SELECT, INSERT ON question, answer TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
