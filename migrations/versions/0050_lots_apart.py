"""A financial envelope for each lot, where several lots are priced apart. The lot of one for all lots is ""."""

from alembic import op

revision = "0050"
down_revision = "0049"

STATEMENTS = (  # each key with one more column: what an older process writes still has its place
    "ALTER TABLE bid_financial ADD COLUMN lot text NOT NULL DEFAULT ''",
    "ALTER TABLE bid_financial DROP CONSTRAINT IF EXISTS bid_financial_pkey",
    "ALTER TABLE bid_financial ADD CONSTRAINT bid_financial_pkey PRIMARY KEY (bid_id, lot)",
    "ALTER TABLE opened_price ADD COLUMN lot text NOT NULL DEFAULT ''",
    "ALTER TABLE opened_price DROP CONSTRAINT IF EXISTS opened_price_pkey",
    "ALTER TABLE opened_price ADD CONSTRAINT opened_price_pkey PRIMARY KEY (bid_id, lot)",
    "ALTER TABLE price_share ADD COLUMN lot text NOT NULL DEFAULT ''",
    "ALTER TABLE price_share DROP CONSTRAINT IF EXISTS price_share_pkey",
    "ALTER TABLE price_share ADD CONSTRAINT price_share_pkey PRIMARY KEY (bid_id, lot, place)",
    "ALTER TABLE price_recovery ADD COLUMN lot text NOT NULL DEFAULT ''",
    "ALTER TABLE price_recovery DROP CONSTRAINT IF EXISTS price_recovery_pkey",
    "ALTER TABLE price_recovery ADD CONSTRAINT price_recovery_pkey PRIMARY KEY (bid_id, lot)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
