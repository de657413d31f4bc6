"""Sealed parts that our storage lost, found at the opening: their bidder may deposit the same bytes again."""

from alembic import op

revision = "0036"
down_revision = "0035"

STATEMENTS = (
    """
    CREATE TABLE lost_part (
        bid_id text NOT NULL REFERENCES bid,
        sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        size integer NOT NULL CHECK (size > 0),
        found_at timestamptz NOT NULL,
        deposited_at timestamptz CHECK (deposited_at >= found_at),
        PRIMARY KEY (bid_id, sha256)
    )
    """,
    "GRANT SELECT, INSERT, UPDATE ON lost_part TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
