"""Bids of two envelopes: the financial one is received with the technical one, and opened after the technical decision.

What has one envelope stays as it is: nothing here is filled in for it.
"""

from alembic import op

revision = "0045"
down_revision = "0044"


def _kept(table: str) -> tuple[str, str]:
    """Rows that never change."""
    return (
        f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    )


STATEMENTS = (
    # The keyholder's second identity of a tender, for its financial envelopes; null where there are none.
    "ALTER TABLE tender ADD COLUMN financial_recipient text",
    """
    CREATE TRIGGER published_financial_recipient_is_final BEFORE UPDATE ON tender FOR EACH ROW
        WHEN (OLD.published_at IS NOT NULL AND NEW.financial_recipient IS DISTINCT FROM OLD.financial_recipient)
        EXECUTE FUNCTION refuse_change()
    """,
    # A draft that this service seals holds a lock for each envelope.
    "ALTER TABLE bid_draft ADD COLUMN financial_recipient text NOT NULL DEFAULT ''",
    "ALTER TABLE bid_draft ADD COLUMN financial_locked text NOT NULL DEFAULT ''",
    # The second envelope of a bid, received with it or not at all; the bid's own row is the technical one.
    """
    CREATE TABLE bid_financial (
        bid_id text PRIMARY KEY REFERENCES bid,
        digest text NOT NULL UNIQUE CHECK (digest ~ '^[0-9a-f]{64}$'),
        envelope bytea NOT NULL
    )
    """,
    *_kept("bid_financial"),
    # A technical envelope holds no prices: an opened bid without prices need not have a problem any more.
    """
    ALTER TABLE opened_bid ADD CONSTRAINT opened_bid_one_outcome CHECK (prices IS NULL OR problem_code = '') NOT VALID
    """,
    "ALTER TABLE opened_bid VALIDATE CONSTRAINT opened_bid_one_outcome",
    "ALTER TABLE opened_bid DROP CONSTRAINT opened_bid_check",
    # From the technical decision (`record_id`: the ledger record of it) to the reading out of prices.
    """
    CREATE TABLE financial_opening (
        tender_id text PRIMARY KEY REFERENCES opening,
        record_id bigint NOT NULL UNIQUE REFERENCES ledger_record,
        decided_at timestamptz NOT NULL,
        passed jsonb NOT NULL CHECK (jsonb_typeof(passed) = 'array'),
        requested_by text REFERENCES person,
        requested_at timestamptz,
        confirmed_by text REFERENCES person,
        confirmed_at timestamptz,
        released_at timestamptz,
        shown_at timestamptz,
        problem text NOT NULL DEFAULT '',
        record bytea,
        CHECK (confirmed_by <> requested_by),
        CHECK ((requested_by IS NULL) = (requested_at IS NULL)),
        CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
        CHECK (confirmed_at IS NULL OR requested_at IS NOT NULL),
        CHECK (released_at IS NULL OR confirmed_at IS NOT NULL),
        CHECK (shown_at IS NULL OR released_at IS NOT NULL),
        CHECK ((shown_at IS NULL) = (record IS NULL))
    )
    """,
    """
    CREATE INDEX financial_opening_in_progress ON financial_opening (confirmed_at)
        WHERE confirmed_at IS NOT NULL AND shown_at IS NULL
    """,
    """
    CREATE FUNCTION financial_opening_goes_forward() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.shown_at IS NOT NULL
            OR (OLD.tender_id, OLD.record_id, OLD.decided_at, OLD.passed)
                IS DISTINCT FROM (NEW.tender_id, NEW.record_id, NEW.decided_at, NEW.passed)
            OR (OLD.confirmed_at IS NOT NULL
                AND (OLD.requested_by, OLD.requested_at, OLD.confirmed_by, OLD.confirmed_at)
                IS DISTINCT FROM (NEW.requested_by, NEW.requested_at, NEW.confirmed_by, NEW.confirmed_at))
            OR (OLD.released_at IS NOT NULL AND OLD.released_at IS DISTINCT FROM NEW.released_at)
        THEN
            RAISE EXCEPTION 'an opening only goes forward' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER financial_opening_goes_forward BEFORE UPDATE OR DELETE ON financial_opening
        FOR EACH ROW EXECUTE FUNCTION financial_opening_goes_forward()
    """,
    "CREATE TRIGGER financial_opening_stays BEFORE TRUNCATE ON financial_opening "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    # What was in the financial envelope of a bid that passed.
    """
    CREATE TABLE opened_price (
        bid_id text PRIMARY KEY REFERENCES opened_bid,
        tender_id text NOT NULL REFERENCES financial_opening,
        digest text NOT NULL,
        staged_at timestamptz NOT NULL,
        prices jsonb,
        problem_code text NOT NULL DEFAULT '',
        problem text NOT NULL DEFAULT '',
        CHECK ((prices IS NULL) = (problem_code <> ''))
    )
    """,
    "CREATE INDEX opened_price_tender ON opened_price (tender_id)",
    *_kept("opened_price"),
    # Who passed, as the chair proposed it and somebody else decided.
    """
    CREATE TABLE technical_result (
        tender_id text PRIMARY KEY REFERENCES evaluation,
        proposed_by text NOT NULL REFERENCES person,
        proposed_at timestamptz NOT NULL,
        decided_by text REFERENCES person,
        decided_at timestamptz,
        CHECK (decided_by <> proposed_by),
        CHECK ((decided_by IS NULL) = (decided_at IS NULL))
    )
    """,
    """
    CREATE FUNCTION technical_result_stands() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF OLD.decided_at IS NOT NULL THEN
            RAISE EXCEPTION 'a technical decision stands' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN COALESCE(NEW, OLD);
    END
    $$
    """,
    """
    CREATE TRIGGER technical_result_stands BEFORE UPDATE OR DELETE ON technical_result
        FOR EACH ROW EXECUTE FUNCTION technical_result_stands()
    """,
    "CREATE TRIGGER technical_result_stays BEFORE TRUNCATE ON technical_result "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "GRANT SELECT, INSERT ON bid_financial, opened_price TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON financial_opening TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON technical_result TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
