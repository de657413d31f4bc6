"""Rulebooks as they were read, and who put them in force."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    # `text` is the file's bytes: the hash is over them, and every reader parses them again.
    """
    CREATE TABLE rulebook (
        id text PRIMARY KEY,
        name text NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        title text NOT NULL,
        text bytea NOT NULL,
        loaded_at timestamptz NOT NULL,
        CHECK (sha256 = encode(pg_catalog.sha256(text), 'hex')),
        UNIQUE (name, version)
    )
    """,
    """
    CREATE TABLE rulebook_proposal (
        id text PRIMARY KEY,
        rulebook_id text NOT NULL REFERENCES rulebook,
        proposed_by text NOT NULL REFERENCES person,
        proposed_at timestamptz NOT NULL,
        UNIQUE (id, proposed_by)
    )
    """,
    "CREATE INDEX rulebook_proposal_rulebook ON rulebook_proposal (rulebook_id)",
    # The proposer is repeated here so that the database itself can refuse one person doing both steps.
    """
    CREATE TABLE rulebook_activation (
        proposal_id text PRIMARY KEY,
        proposed_by text NOT NULL,
        activated_by text NOT NULL REFERENCES person,
        activated_at timestamptz NOT NULL,
        CONSTRAINT two_persons CHECK (activated_by <> proposed_by),
        FOREIGN KEY (proposal_id, proposed_by) REFERENCES rulebook_proposal (id, proposed_by)
    )
    """,
    *(
        statement
        for table in ("rulebook", "rulebook_proposal", "rulebook_activation")
        for statement in (
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        )
    ),
    "GRANT SELECT, INSERT ON rulebook, rulebook_proposal, rulebook_activation TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
