"""More ways to prove who one is: passkeys, a government's provider, addresses that were proved; and known browsers."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    # When the person last showed that letters to this address reach them; null for those who never had to.
    "ALTER TABLE person ADD COLUMN email_proved_at timestamptz",
    "GRANT UPDATE (email_proved_at) ON person TO procurement_app",
    # Sessions from before this column were opened with a password, and perhaps more: the least is believed.
    """
    ALTER TABLE web_session ADD COLUMN proved_by text NOT NULL DEFAULT 'password'
        CHECK (proved_by IN ('password', 'code', 'passkey', 'provider', 'strong-provider', 'practice'))
    """,
    "ALTER TABLE web_session ADD COLUMN provider text NOT NULL DEFAULT ''",
    """
    CREATE TABLE known_browser (
        person text NOT NULL REFERENCES person,
        browser_sha256 bytea NOT NULL,
        first_seen_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        PRIMARY KEY (person, browser_sha256)
    )
    """,
    """
    CREATE TABLE passkey (
        id text PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        credential_id bytea NOT NULL UNIQUE,
        public_key bytea NOT NULL,
        sign_count bigint NOT NULL CHECK (sign_count >= 0),
        label text NOT NULL CHECK (label <> ''),
        created_at timestamptz NOT NULL,
        last_used_at timestamptz,
        suspected_at timestamptz
    )
    """,
    "CREATE INDEX passkey_person ON passkey (person)",
    """
    CREATE TABLE passkey_challenge (
        challenge_sha256 bytea PRIMARY KEY,
        browser_sha256 bytea NOT NULL,
        person text REFERENCES person,
        purpose text NOT NULL CHECK (purpose IN ('enrol', 'sign-in', 'step-up')),
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX passkey_challenge_expires ON passkey_challenge (expires_at)",
    """
    CREATE TABLE provider_account (
        issuer text NOT NULL,
        subject text NOT NULL,
        person text NOT NULL REFERENCES person,
        linked_at timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        PRIMARY KEY (issuer, subject)
    )
    """,
    "CREATE INDEX provider_account_person ON provider_account (person)",
    # Between leaving for the provider and coming back.
    """
    CREATE TABLE provider_visit (
        state_sha256 bytea PRIMARY KEY,
        browser_sha256 bytea NOT NULL,
        provider text NOT NULL,
        person text REFERENCES person,
        nonce text NOT NULL,
        verifier text NOT NULL,
        next text NOT NULL,
        begun_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX provider_visit_expires ON provider_visit (expires_at)",
    # Somebody whom a provider vouches for, and whom we do not know yet: waits for a confirmation here.
    """
    CREATE TABLE provider_arrival (
        token_sha256 bytea PRIMARY KEY,
        provider text NOT NULL,
        issuer text NOT NULL,
        subject text NOT NULL,
        name text NOT NULL,
        email text NOT NULL CHECK (email = lower(email)),
        strong boolean NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX provider_arrival_expires ON provider_arrival (expires_at)",
    # What a newcomer typed, until the link in the letter is followed or too old.
    """
    CREATE TABLE registration (
        id text PRIMARY KEY,
        token_sha256 bytea UNIQUE,
        name text NOT NULL,
        email text NOT NULL CHECK (email = lower(email)),
        password_hash text NOT NULL,
        organisation text NOT NULL,
        country text NOT NULL,
        identifier_scheme text NOT NULL,
        identifier text NOT NULL,
        next text NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX registration_expires ON registration (expires_at)",
    "GRANT SELECT, INSERT, DELETE ON passkey_challenge, provider_visit, provider_arrival TO procurement_app",
    "GRANT SELECT, INSERT, DELETE ON known_browser, passkey, provider_account, registration TO procurement_app",
    "GRANT UPDATE (last_seen_at) ON known_browser TO procurement_app",
    "GRANT UPDATE (sign_count, last_used_at, suspected_at) ON passkey TO procurement_app",
    "GRANT UPDATE (last_used_at) ON provider_account TO procurement_app",
    "GRANT UPDATE (token_sha256) ON registration TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
