"""A bid that too few key holders could read is put out by two people, never by the passing of time alone.

What was put out before stays as it was recorded.
"""

from alembic import op

revision = "0047"
down_revision = "0046"

STATEMENTS = (
    """
    ALTER TABLE bid_recovery
        ADD COLUMN proposed_by text REFERENCES person,
        ADD COLUMN proposed_at timestamptz,
        ADD COLUMN reason text,
        ADD COLUMN put_out_by text REFERENCES person,
        ADD COLUMN put_out_at timestamptz
    """,
    """
    ALTER TABLE bid_recovery ADD CONSTRAINT bid_recovery_two_people CHECK (
        (proposed_by IS NULL) = (proposed_at IS NULL) AND (proposed_by IS NULL) = (reason IS NULL)
        AND (put_out_by IS NULL) = (put_out_at IS NULL)
        AND (put_out_by IS NULL OR (proposed_by IS NOT NULL AND proposed_by <> put_out_by))
        AND (put_out_at IS NULL OR (identity IS NULL AND put_out_at >= until))
    ) NOT VALID
    """,
    "ALTER TABLE bid_recovery VALIDATE CONSTRAINT bid_recovery_two_people",
    """
    CREATE TRIGGER bid_recovery_stands BEFORE UPDATE ON bid_recovery FOR EACH ROW
        WHEN (OLD.put_out_at IS NOT NULL) EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
