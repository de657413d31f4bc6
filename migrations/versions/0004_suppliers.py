"""What suppliers say about themselves, once."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    CREATE TABLE supplier (
        organisation text PRIMARY KEY REFERENCES organisation,
        street text NOT NULL,
        locality text NOT NULL,
        region text NOT NULL,
        postal_code text NOT NULL,
        website text NOT NULL,
        contact_email text NOT NULL,
        small boolean NOT NULL,
        categories text[] NOT NULL,
        changed_at timestamptz NOT NULL
    )
    """,
    "GRANT SELECT, INSERT, UPDATE ON supplier TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
