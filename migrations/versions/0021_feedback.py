"""What visitors tell about the pages, and what is answered."""

from alembic import op

revision = "0021"
down_revision = "0020"

STATEMENTS = (
    """
    CREATE TABLE feedback (
        id text PRIMARY KEY,
        about text NOT NULL CHECK (about IN ('barrier', 'mistake', 'unclear')),
        text text NOT NULL CHECK (text <> ''),
        page text NOT NULL,
        email text NOT NULL,
        received_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        answer text NOT NULL,
        answered_by text REFERENCES person,
        answered_at timestamptz,
        CHECK ((answered_by IS NULL) = (answered_at IS NULL)),
        CHECK ((answered_at IS NULL) = (answer = ''))
    )
    """,
    "CREATE INDEX feedback_waiting ON feedback (due_at, id) WHERE answered_at IS NULL",
    "CREATE INDEX feedback_answered ON feedback (answered_at, id) WHERE answered_at IS NOT NULL",
    "CREATE INDEX feedback_received ON feedback (received_at)",
    "GRANT SELECT, INSERT, DELETE ON feedback TO procurement_app",
    "GRANT UPDATE (answer, answered_by, answered_at) ON feedback TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
