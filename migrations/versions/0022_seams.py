"""Accounts that may not be erased for now; and what is deleted when its time is over."""

from alembic import op

revision = "0022"
down_revision = "0021"

STATEMENTS = (
    """
    CREATE TABLE kept_person (
        reason text PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        since timestamptz NOT NULL
    )
    """,
    "CREATE INDEX kept_person_person ON kept_person (person)",
    "GRANT SELECT, INSERT, DELETE ON kept_person TO procurement_app",
    """
    INSERT INTO kept_person (reason, person, since)
        SELECT id, subject, placed_at FROM legal_hold WHERE about = 'person' AND lifted_at IS NULL
    """,
    "GRANT DELETE ON mail_copy, mail_bounce, calendar_feed, draft_warning, availability TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
