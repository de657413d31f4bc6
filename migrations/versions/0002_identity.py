"""People, organisations, memberships, and every proof of who somebody is."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    CREATE TABLE organisation (
        id text PRIMARY KEY,
        name text NOT NULL CHECK (name <> ''),
        kind text NOT NULL CHECK (kind IN ('buyer', 'supplier', 'oversight')),
        identifier_scheme text NOT NULL,
        identifier text NOT NULL,
        country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX organisation_identifier ON organisation (identifier_scheme, identifier)
        WHERE identifier <> ''
    """,
    "CREATE INDEX organisation_institution ON organisation (name, id) WHERE kind <> 'supplier'",
    # Name and address are null once erased: the ledger knows only the id.
    """
    CREATE TABLE person (
        id text PRIMARY KEY,
        name text,
        email text UNIQUE CHECK (email = lower(email)),
        password_hash text,
        fictional boolean NOT NULL,
        created_at timestamptz NOT NULL,
        disabled_at timestamptz
    )
    """,
    """
    CREATE TABLE membership (
        id text PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        organisation text NOT NULL REFERENCES organisation,
        role text NOT NULL,
        since timestamptz NOT NULL,
        until timestamptz
    )
    """,
    "CREATE UNIQUE INDEX membership_now ON membership (person, organisation, role) WHERE until IS NULL",
    "CREATE INDEX membership_organisation ON membership (organisation) WHERE until IS NULL",
    """
    CREATE TABLE web_session (
        id text PRIMARY KEY,
        token_sha256 bytea NOT NULL UNIQUE,
        person text NOT NULL REFERENCES person,
        organisation text REFERENCES organisation,
        created_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        stepped_up_at timestamptz NOT NULL,
        revoked_at timestamptz,
        user_agent text NOT NULL
    )
    """,
    "CREATE INDEX web_session_person ON web_session (person)",
    """
    CREATE TABLE sign_in_challenge (
        token_sha256 bytea PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    "CREATE INDEX sign_in_challenge_person ON sign_in_challenge (person)",
    # Nobody invited the first administrators: the installation did.
    """
    CREATE TABLE invitation (
        id text PRIMARY KEY,
        token_sha256 bytea UNIQUE,
        organisation text NOT NULL REFERENCES organisation,
        role text NOT NULL,
        name text NOT NULL,
        email text NOT NULL CHECK (email = lower(email)),
        invited_by text REFERENCES person,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        accepted_at timestamptz,
        withdrawn_at timestamptz
    )
    """,
    "CREATE INDEX invitation_organisation ON invitation (organisation)",
    """
    CREATE TABLE recovery (
        token_sha256 bytea PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    "CREATE INDEX recovery_person ON recovery (person)",
    """
    CREATE TABLE recovery_code (
        person text NOT NULL REFERENCES person,
        code_sha256 bytea NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (person, code_sha256)
    )
    """,
    """
    CREATE TABLE api_token (
        id text PRIMARY KEY,
        token_sha256 bytea NOT NULL UNIQUE,
        person text NOT NULL REFERENCES person,
        organisation text REFERENCES organisation,
        label text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        last_used_at timestamptz,
        stepped_up_at timestamptz,
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX api_token_person ON api_token (person)",
    """
    CREATE TABLE totp (
        person text PRIMARY KEY REFERENCES person,
        secret text NOT NULL,
        confirmed_at timestamptz,
        last_step bigint NOT NULL
    )
    """,
    "GRANT SELECT, INSERT ON organisation, person, membership TO procurement_app",
    "GRANT SELECT, INSERT ON web_session, sign_in_challenge, invitation, recovery, api_token TO procurement_app",
    "GRANT UPDATE (name, email, password_hash, disabled_at) ON person TO procurement_app",
    "GRANT UPDATE (until) ON membership TO procurement_app",
    "GRANT UPDATE (organisation, last_seen_at, revoked_at) ON web_session TO procurement_app",
    "GRANT UPDATE (used_at) ON sign_in_challenge, recovery TO procurement_app",
    "GRANT UPDATE (token_sha256, accepted_at, withdrawn_at) ON invitation TO procurement_app",
    "GRANT UPDATE (last_used_at, stepped_up_at, revoked_at) ON api_token TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON totp TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON recovery_code TO procurement_app",
    "GRANT DELETE ON web_session, sign_in_challenge, recovery TO procurement_app",  # what has long been dead
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
