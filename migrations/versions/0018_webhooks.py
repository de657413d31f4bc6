"""Webhooks: endpoints of organisations, what signs for them, and what became of the last messages."""

from alembic import op

revision = "0018"
down_revision = "0017"

STATEMENTS = (
    """
    CREATE TABLE webhook (
        id text PRIMARY KEY,
        organisation text NOT NULL REFERENCES organisation,
        url text NOT NULL CHECK (url <> ''),
        what text NOT NULL CHECK (what IN ('everything', 'ours', 'process')),
        process text NOT NULL CHECK ((process <> '') = (what = 'process')),
        types jsonb NOT NULL CHECK (jsonb_typeof(types) = 'array'),
        position bigint NOT NULL CHECK (position >= -1),
        created_by text NOT NULL REFERENCES person,
        created_at timestamptz NOT NULL,
        paused_at timestamptz,
        off_at timestamptz,
        off_reason text NOT NULL CHECK ((off_reason <> '') = (off_at IS NOT NULL)),
        failures integer NOT NULL CHECK (failures >= 0),
        failing_since timestamptz CHECK ((failing_since IS NOT NULL) = (failures > 0)),
        next_at timestamptz NOT NULL,
        test_asked_at timestamptz,
        lease text NOT NULL,
        leased_until timestamptz NOT NULL,
        UNIQUE (organisation, url)
    )
    """,
    """
    CREATE TABLE webhook_secret (
        webhook text NOT NULL REFERENCES webhook ON DELETE CASCADE,
        secret text NOT NULL,
        created_at timestamptz NOT NULL,
        ends_at timestamptz,
        PRIMARY KEY (webhook, secret)
    )
    """,
    """
    CREATE TABLE webhook_delivery (
        webhook text NOT NULL REFERENCES webhook ON DELETE CASCADE,
        message text NOT NULL,
        event_index bigint,
        type text NOT NULL,
        attempts integer NOT NULL CHECK (attempts > 0),
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        delivered_at timestamptz,
        status integer NOT NULL,
        problem text NOT NULL,
        excerpt text NOT NULL,
        PRIMARY KEY (webhook, message)
    )
    """,
    "CREATE INDEX webhook_delivery_last ON webhook_delivery (webhook, last_at)",
    "GRANT SELECT, INSERT, DELETE ON webhook, webhook_secret, webhook_delivery TO procurement_app",
    """
    GRANT UPDATE (position, paused_at, off_at, off_reason, failures, failing_since, next_at, test_asked_at, lease,
        leased_until) ON webhook TO procurement_app
    """,
    "GRANT UPDATE (ends_at) ON webhook_secret TO procurement_app",
    """
    GRANT UPDATE (attempts, first_at, last_at, delivered_at, status, problem, excerpt) ON webhook_delivery
        TO procurement_app
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
