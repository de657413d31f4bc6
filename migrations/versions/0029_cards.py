"""Cards: attempts to pay by card, notices of the card service, what is to be looked at there, and what differs."""

from alembic import op

revision = "0029"
down_revision = "0028"

STATEMENTS = (
    """
    CREATE TABLE card_attempt (
        charge_id text NOT NULL REFERENCES charge,
        number integer NOT NULL CHECK (number > 0),
        way text NOT NULL CHECK (way IN ('page', 'program')),
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        state text NOT NULL CHECK (state IN ('opening', 'open', 'paid', 'over')),
        external text NOT NULL,
        intent text NOT NULL,
        problem text NOT NULL,
        begun_at timestamptz NOT NULL,
        until timestamptz NOT NULL CHECK (until > begun_at),
        PRIMARY KEY (charge_id, number)
    )
    """,
    "CREATE UNIQUE INDEX card_attempt_external ON card_attempt (external) WHERE external <> ''",
    "CREATE UNIQUE INDEX card_attempt_alone ON card_attempt (charge_id) WHERE state IN ('opening', 'open')",
    "CREATE INDEX card_attempt_open ON card_attempt (until) WHERE state IN ('opening', 'open')",
    """
    CREATE TABLE card_event (
        id text PRIMARY KEY,
        type text NOT NULL,
        object text NOT NULL,
        made_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX card_event_received ON card_event (received_at)",
    "CREATE SEQUENCE card_turn",
    """
    CREATE TABLE card_work (
        kind text NOT NULL CHECK (kind <> ''),
        object text NOT NULL CHECK (object <> ''),
        turn bigint NOT NULL,
        since timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        attempts integer NOT NULL CHECK (attempts >= 0),
        problem text NOT NULL,
        PRIMARY KEY (kind, object)
    )
    """,
    "CREATE INDEX card_work_due ON card_work (due_at)",
    """
    CREATE TABLE card_difference (
        kind text NOT NULL CHECK (kind IN ('missing-here', 'missing-there', 'other-amount', 'not-ours', 'refused')),
        object text NOT NULL CHECK (object <> ''),
        amount bigint NOT NULL,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        found_at timestamptz NOT NULL,
        healed boolean NOT NULL,
        closed_at timestamptz,
        closed_by text REFERENCES person,
        PRIMARY KEY (kind, object),
        CHECK ((closed_at IS NULL) = (closed_by IS NULL))
    )
    """,
    "CREATE INDEX card_difference_open ON card_difference (found_at) WHERE closed_at IS NULL",
    """
    CREATE TABLE card_reconciliation (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        since timestamptz NOT NULL,
        until timestamptz NOT NULL CHECK (until > since),
        done_at timestamptz NOT NULL,
        compared integer NOT NULL CHECK (compared >= 0),
        differences integer NOT NULL CHECK (differences >= 0)
    )
    """,
    "GRANT SELECT, INSERT ON card_attempt, card_event, card_work, card_difference, card_reconciliation "
    "TO procurement_app",
    "GRANT UPDATE (state, external, intent, problem) ON card_attempt TO procurement_app",
    "GRANT UPDATE, DELETE ON card_work TO procurement_app",
    "GRANT UPDATE (healed, closed_at, closed_by) ON card_difference TO procurement_app",
    "GRANT DELETE ON card_event TO procurement_app",
    "GRANT USAGE ON SEQUENCE card_turn TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
