"""Drafts of bids that are sealed on the bidder's own device: their lock comes first; nothing else of them is here."""

from alembic import op

revision = "0033"
down_revision = "0032"

STATEMENTS = (
    "ALTER TABLE bid_draft ADD COLUMN sealed_by text NOT NULL DEFAULT 'server' "
    "CHECK (sealed_by IN ('server', 'client'))",
    # Of whom m of n hold shares of the lock, by the roster's hash; 0, 0 and '' where the keyholder alone has it.
    "ALTER TABLE bid_draft ADD COLUMN m integer NOT NULL DEFAULT 0 CHECK (m >= 0)",
    "ALTER TABLE bid_draft ADD COLUMN n integer NOT NULL DEFAULT 0 CHECK (n >= m)",
    "ALTER TABLE bid_draft ADD COLUMN roster text NOT NULL DEFAULT '' CHECK (roster ~ '^([0-9a-f]{64})?$')",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
