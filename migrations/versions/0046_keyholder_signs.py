"""The keyholder's own signatures: under what the openings of a tender are bound to, and under the mark of its store.

What was there before has none: nothing here is filled in for it.
"""

from alembic import op

revision = "0046"
down_revision = "0045"

STATEMENTS = (
    # The statements as the keyholder signed them last, one for each envelope, and the key that they were checked with;
    # null of a draft, and of what was published before.
    "ALTER TABLE tender ADD COLUMN keyholder_key text",
    "ALTER TABLE tender ADD COLUMN opening_keys jsonb",
    # A mark without a signature is forgotten and remembered anew.
    "ALTER TABLE keyholder_mark ADD COLUMN signature text NOT NULL DEFAULT ''",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
