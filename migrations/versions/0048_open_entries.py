"""Open entries in the log: 33 bytes, of which the first is a mark, for records that everybody can read at once.

What stands in the log stays as it is. An older worker goes on making entries of 32 bytes.
"""

from alembic import op

revision = "0048"
down_revision = "0047"

WIDER = (  # in transactions of their own: the table is locked for an instant each time, and checked without a lock
    "ALTER TABLE ledger_leaf DROP CONSTRAINT IF EXISTS ledger_leaf_entry_hidden_or_open",
    """
    ALTER TABLE ledger_leaf ADD CONSTRAINT ledger_leaf_entry_hidden_or_open
        CHECK (length(entry) = 32 OR (length(entry) = 33 AND get_byte(entry, 0) = 1)) NOT VALID
    """,
    "ALTER TABLE ledger_leaf VALIDATE CONSTRAINT ledger_leaf_entry_hidden_or_open",
    "ALTER TABLE ledger_leaf DROP CONSTRAINT IF EXISTS ledger_leaf_entry_check",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in WIDER:
            op.execute(statement)
