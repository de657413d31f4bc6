"""What a token was made for: null where nothing narrows its owner's roles, as with every token made before."""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    "ALTER TABLE api_token ADD COLUMN scopes jsonb CHECK (jsonb_typeof(scopes) = 'array' AND scopes <> '[]')",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
