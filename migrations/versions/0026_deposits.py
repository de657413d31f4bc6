"""The deposit that a tender asks of every bidder; null where it asks none, as before."""

from alembic import op

revision = "0026"
down_revision = "0025"

STATEMENTS = (
    "ALTER TABLE tender ADD COLUMN deposit_amount bigint CHECK (deposit_amount > 0)",
    # What was published is final, this too.
    """
    CREATE TRIGGER published_deposit_is_final BEFORE UPDATE ON tender FOR EACH ROW
        WHEN (OLD.published_at IS NOT NULL AND NEW.deposit_amount IS DISTINCT FROM OLD.deposit_amount)
        EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
