"""The act of opening: who asked, what was released, what was read out, and the opened documents."""

from alembic import op

revision = "0008"
down_revision = "0007"

# Frozen: asyncpg takes one statement at a time, and later changes are later migrations.
STATEMENTS = (
    # One row, from the first officer's request to the reading out. Every moment is set once.
    """
    CREATE TABLE opening (
        tender_id text PRIMARY KEY REFERENCES tender,
        leaf text NOT NULL CHECK (leaf ~ '^[0-9a-f]{64}$'),
        requested_by text NOT NULL REFERENCES person,
        requested_at timestamptz NOT NULL,
        confirmed_by text REFERENCES person,
        confirmed_at timestamptz,
        released_at timestamptz,
        shown_at timestamptz,
        problem text NOT NULL DEFAULT '',
        record bytea,
        CHECK (confirmed_by <> requested_by),
        CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
        CHECK (released_at IS NULL OR confirmed_at IS NOT NULL),
        CHECK (shown_at IS NULL OR released_at IS NOT NULL),
        CHECK ((shown_at IS NULL) = (record IS NULL))
    )
    """,
    "CREATE INDEX opening_in_progress ON opening (confirmed_at) WHERE confirmed_at IS NOT NULL AND shown_at IS NULL",
    "CREATE INDEX opening_shown ON opening (shown_at, tender_id) WHERE shown_at IS NOT NULL",
    # Staged one by one, shown together. A bid that did not open says why and has no prices.
    """
    CREATE TABLE opened_bid (
        bid_id text PRIMARY KEY REFERENCES bid,
        tender_id text NOT NULL REFERENCES opening,
        supplier_id text NOT NULL REFERENCES organisation,
        version integer NOT NULL,
        digest text NOT NULL,
        received_at timestamptz NOT NULL,
        record_id bigint NOT NULL,
        staged_at timestamptz NOT NULL,
        prices jsonb,
        problem_code text NOT NULL DEFAULT '',
        problem text NOT NULL DEFAULT '',
        CHECK ((prices IS NULL) = (problem_code <> ''))
    )
    """,
    "CREATE INDEX opened_bid_tender ON opened_bid (tender_id)",
    """
    CREATE TABLE opened_document (
        bid_id text NOT NULL REFERENCES opened_bid,
        number integer NOT NULL CHECK (number > 0),
        name text NOT NULL,
        media_type text NOT NULL,
        size bigint NOT NULL CHECK (size >= 0),
        sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        confidential text NOT NULL,
        PRIMARY KEY (bid_id, number)
    )
    """,
    # Key code secrets of made-up people, so that one person can practise both parts. Only a sandbox takes rows.
    """
    CREATE TABLE demo_secret (
        person_id text PRIMARY KEY REFERENCES person,
        secret text NOT NULL
    )
    """,
    """
    CREATE FUNCTION only_in_a_sandbox() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF NOT (SELECT sandbox FROM public.installation) THEN
            RAISE EXCEPTION '% is for sandboxes', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER demo_secret_only_in_a_sandbox BEFORE INSERT OR UPDATE ON demo_secret
        FOR EACH ROW EXECUTE FUNCTION only_in_a_sandbox()
    """,
    # Before the second officer confirmed, a request may be made again; afterwards an opening only goes forward.
    """
    CREATE FUNCTION opening_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.tender_id <> NEW.tender_id OR OLD.leaf <> NEW.leaf
            OR OLD.shown_at IS NOT NULL
            OR (OLD.confirmed_at IS NOT NULL
                AND (OLD.requested_by, OLD.requested_at, OLD.confirmed_by, OLD.confirmed_at)
                IS DISTINCT FROM (NEW.requested_by, NEW.requested_at, NEW.confirmed_by, NEW.confirmed_at))
            OR (OLD.released_at IS NOT NULL AND OLD.released_at IS DISTINCT FROM NEW.released_at) THEN
            RAISE EXCEPTION 'an opening only goes forward' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER opening_goes_forward BEFORE UPDATE OR DELETE ON opening
        FOR EACH ROW EXECUTE FUNCTION opening_goes_forward()
    """,
    "CREATE TRIGGER opening_stays BEFORE TRUNCATE ON opening FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    *(
        statement
        for table in ("opened_bid", "opened_document")
        for statement in (
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        )
    ),
    "GRANT SELECT, INSERT, UPDATE ON opening TO procurement_app",
    "GRANT SELECT, INSERT ON opened_bid, opened_document, demo_secret TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
