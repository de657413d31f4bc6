"""By which entry of the technical decision the keyholder released the prices: it may be repeated in another one."""

from alembic import op

revision = "0052"
down_revision = "0051"

STATEMENTS = ("ALTER TABLE financial_opening ADD COLUMN leaf text",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
