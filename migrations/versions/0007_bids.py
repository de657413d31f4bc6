"""Sealed bids: parts, drafts, the instant of receipt, withdrawals, receipts.

The database itself decides "received, or late": whoever can insert a row still cannot choose its time.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

# Frozen: asyncpg takes one statement at a time, and later changes are later migrations.
STATEMENTS = (
    # The row that makes one supplier's submissions to one tender wait for each other.
    """
    CREATE TABLE bidder (
        tender_id text NOT NULL REFERENCES tender,
        supplier_id text NOT NULL REFERENCES organisation,
        PRIMARY KEY (tender_id, supplier_id)
    )
    """,
    # Ciphertext that is already durable in the file store. Never changed; frozen by the bid that names it.
    """
    CREATE TABLE bid_part (
        tender_id text NOT NULL,
        supplier_id text NOT NULL,
        sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        size bigint NOT NULL CHECK (size > 0),
        stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (tender_id, supplier_id, sha256),
        FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder
    )
    """,
    # What a browser without scripts must be able to come back to. `box` opens only with that browser's cookie.
    """
    CREATE TABLE bid_draft (
        id text PRIMARY KEY,
        tender_id text NOT NULL,
        supplier_id text NOT NULL,
        started_by text NOT NULL REFERENCES person,
        started_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        recipient text NOT NULL,
        locked text NOT NULL,
        box bytea NOT NULL,
        changes integer NOT NULL DEFAULT 0,
        bid_id text,
        UNIQUE (tender_id, supplier_id),
        FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder
    )
    """,
    """
    CREATE TABLE bid (
        id text PRIMARY KEY,
        tender_id text NOT NULL,
        supplier_id text NOT NULL,
        round integer NOT NULL,
        kind text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200),
        request_sha256 text NOT NULL,
        digest text NOT NULL UNIQUE CHECK (digest ~ '^[0-9a-f]{64}$'),
        envelope bytea NOT NULL,
        submitted_by text NOT NULL REFERENCES person,
        received_at timestamptz NOT NULL,
        deadline_applied timestamptz NOT NULL,
        CHECK (received_at < deadline_applied),
        UNIQUE (tender_id, round, supplier_id, kind, version),
        UNIQUE (tender_id, supplier_id, idempotency_key),
        FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder
    )
    """,
    "CREATE INDEX bid_draft_unsubmitted ON bid_draft (supplier_id, changed_at) WHERE bid_id IS NULL",
    "CREATE INDEX bid_supplier ON bid (supplier_id, received_at)",
    """
    CREATE TABLE bid_withdrawal (
        bid_id text PRIMARY KEY REFERENCES bid,
        tender_id text NOT NULL,
        supplier_id text NOT NULL,
        withdrawn_by text NOT NULL REFERENCES person,
        received_at timestamptz NOT NULL,
        deadline_applied timestamptz NOT NULL,
        CHECK (received_at < deadline_applied),
        FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder
    )
    """,
    # The signed bytes, once they name the entry of the record that came after the bid.
    """
    CREATE TABLE bid_receipt (
        bid_id text PRIMARY KEY REFERENCES bid,
        record_id bigint NOT NULL UNIQUE,
        body bytea NOT NULL
    )
    """,
    """
    CREATE TABLE bid_closing (
        tender_id text PRIMARY KEY REFERENCES tender,
        closed_at timestamptz NOT NULL,
        bids integer NOT NULL CHECK (bids >= 0),
        root text NOT NULL,
        record_id bigint NOT NULL
    )
    """,
    # The highest legal time seen, advanced each second by the sweep while the clocks agree.
    """
    CREATE TABLE clock_watermark (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        at timestamptz NOT NULL
    )
    """,
    "INSERT INTO clock_watermark (at) VALUES ('-infinity')",
    """
    CREATE FUNCTION watermark_rises() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        NEW.at := greatest(OLD.at, NEW.at);
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER watermark_rises BEFORE UPDATE ON clock_watermark
        FOR EACH ROW EXECUTE FUNCTION watermark_rises()
    """,
    # The judge. It runs as the owner with a pinned search path, so that no temporary table or setting of the
    # caller can stand in for the tender; every comparison refuses when a value is missing. The watermark is read
    # before the clock: a bid stamped after it can then only be earlier when the clock went back.
    """
    CREATE FUNCTION stamp_in_time() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        tender_deadline timestamptz;
        tender_closed_at timestamptz;
        tender_state text;
        seen timestamptz;
    BEGIN
        SELECT deadline, closed_at, state INTO STRICT tender_deadline, tender_closed_at, tender_state
            FROM public.tender WHERE id = NEW.tender_id FOR SHARE;
        SELECT at INTO STRICT seen FROM public.clock_watermark;
        NEW.received_at := public.legal_now();
        NEW.deadline_applied := tender_deadline;
        IF (NEW.received_at >= seen) IS NOT TRUE THEN
            RAISE EXCEPTION 'the clock is behind the highest time seen' USING ERRCODE = 'PB003';
        END IF;
        IF tender_state IS DISTINCT FROM 'open' OR tender_deadline IS NULL THEN
            RAISE EXCEPTION 'the tender is not open' USING ERRCODE = 'PB002';
        END IF;
        IF tender_closed_at IS NOT NULL OR (NEW.received_at < tender_deadline) IS NOT TRUE THEN
            RAISE EXCEPTION 'late' USING ERRCODE = 'PB001',
                DETAIL = json_build_object('attempted_at', NEW.received_at, 'deadline', tender_deadline)::text;
        END IF;
        RETURN NEW;
    END
    $$
    """,
    "REVOKE ALL ON FUNCTION stamp_in_time() FROM PUBLIC",
    "CREATE TRIGGER stamp_in_time BEFORE INSERT ON bid FOR EACH ROW EXECUTE FUNCTION stamp_in_time()",
    "CREATE TRIGGER stamp_in_time BEFORE INSERT ON bid_withdrawal FOR EACH ROW EXECUTE FUNCTION stamp_in_time()",
    *(
        statement
        for table in ("bid", "bid_withdrawal", "bid_receipt", "bid_closing", "bid_part")
        for statement in (
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        )
    ),
    "GRANT SELECT, INSERT ON bid, bid_withdrawal, bid_receipt, bid_closing, bid_part TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON bidder TO procurement_app",  # UPDATE: SELECT FOR UPDATE asks for it
    "GRANT SELECT, INSERT, UPDATE, DELETE ON bid_draft TO procurement_app",
    "GRANT SELECT, UPDATE ON clock_watermark TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
