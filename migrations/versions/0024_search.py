"""What waits to be told to a search engine beside the database, and what each of its indexes was made of."""

from alembic import op

revision = "0024"
down_revision = "0023"

STATEMENTS = (
    "CREATE SEQUENCE search_turn",
    """
    CREATE TABLE search_waiting (
        collection text NOT NULL,
        id text NOT NULL,
        turn bigint NOT NULL DEFAULT nextval('search_turn'),
        since timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (collection, id)
    )
    """,
    "CREATE INDEX search_waiting_turn ON search_waiting (turn)",
    """
    CREATE TABLE search_index (
        collection text PRIMARY KEY,
        uid text NOT NULL,
        settings text NOT NULL,
        ticket text NOT NULL,
        ticket_before text NOT NULL,
        position bigint NOT NULL,
        documents bigint NOT NULL,
        built_at timestamptz NOT NULL
    )
    """,
    "GRANT USAGE ON SEQUENCE search_turn TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON search_waiting, search_index TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
