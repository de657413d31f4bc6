"""What a refund leaves behind that did not leave after all is set aside for a dispute that is still open."""

from alembic import op

revision = "0030"
down_revision = "0029"

STATEMENTS = ("GRANT UPDATE (covered) ON dispute TO procurement_app",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
