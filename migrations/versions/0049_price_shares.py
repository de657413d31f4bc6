"""The second lock of financial envelopes: key holders' shares of those who passed, as of the first opening's.

What was decrypted of a tender that is cancelled before anybody saw its prices may go.
"""

from alembic import op

revision = "0049"
down_revision = "0048"

STATEMENTS = (
    "ALTER TABLE financial_opening ADD COLUMN shared_at timestamptz",
    """
    CREATE OR REPLACE FUNCTION financial_opening_goes_forward() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.shown_at IS NOT NULL
            OR (OLD.tender_id, OLD.record_id, OLD.decided_at, OLD.passed)
                IS DISTINCT FROM (NEW.tender_id, NEW.record_id, NEW.decided_at, NEW.passed)
            OR (OLD.confirmed_at IS NOT NULL
                AND (OLD.requested_by, OLD.requested_at, OLD.confirmed_by, OLD.confirmed_at)
                IS DISTINCT FROM (NEW.requested_by, NEW.requested_at, NEW.confirmed_by, NEW.confirmed_at))
            OR (OLD.released_at IS NOT NULL AND OLD.released_at IS DISTINCT FROM NEW.released_at)
            OR (OLD.shared_at IS NOT NULL AND OLD.shared_at IS DISTINCT FROM NEW.shared_at)
            OR (NEW.shared_at IS NOT NULL AND NEW.released_at IS NULL)
        THEN
            RAISE EXCEPTION 'an opening only goes forward' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    # What the keyholder released for one member, and what that member made of it. Gone once the prices are shown.
    """
    CREATE TABLE price_share (
        bid_id text NOT NULL REFERENCES bid,
        place integer NOT NULL CHECK (place BETWEEN 1 AND 15),
        tender_id text NOT NULL REFERENCES opening,
        member text NOT NULL CHECK (member <> ''),
        sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        ct text NOT NULL,
        given bytea,
        unreadable boolean NOT NULL DEFAULT false,
        PRIMARY KEY (bid_id, place),
        CHECK (NOT unreadable OR given IS NULL)
    )
    """,
    "CREATE INDEX price_share_tender ON price_share (tender_id, member)",
    # That a member gave theirs, and when, stays.
    """
    CREATE TABLE price_shares_given (
        tender_id text NOT NULL REFERENCES opening,
        member text NOT NULL CHECK (member <> ''),
        given_at timestamptz NOT NULL,
        shares integer NOT NULL CHECK (shares >= 0),
        PRIMARY KEY (tender_id, member)
    )
    """,
    """
    CREATE TRIGGER price_shares_given_grow BEFORE UPDATE ON price_shares_given FOR EACH ROW
        WHEN ((NEW.tender_id, NEW.member) IS DISTINCT FROM (OLD.tender_id, OLD.member) OR NEW.shares <= OLD.shares)
        EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER price_shares_given_is_kept BEFORE DELETE ON price_shares_given
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER price_shares_given_stays BEFORE TRUNCATE ON price_shares_given
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    # A price that too few members could read: its bidder is asked for its own key, which is gone when it is staged.
    """
    CREATE TABLE price_recovery (
        bid_id text PRIMARY KEY REFERENCES bid,
        tender_id text NOT NULL REFERENCES opening,
        supplier_id text NOT NULL REFERENCES organisation,
        asked_at timestamptz NOT NULL,
        until timestamptz NOT NULL CHECK (until > asked_at),
        identity text,
        given_at timestamptz,
        proposed_by text REFERENCES person,
        proposed_at timestamptz,
        reason text,
        put_out_by text REFERENCES person,
        put_out_at timestamptz,
        CHECK (identity IS NULL OR given_at IS NOT NULL),
        CHECK ((proposed_by IS NULL) = (proposed_at IS NULL) AND (proposed_by IS NULL) = (reason IS NULL)),
        CHECK ((put_out_by IS NULL) = (put_out_at IS NULL)),
        CHECK (put_out_by IS NULL OR (proposed_by IS NOT NULL AND proposed_by <> put_out_by)),
        CHECK (put_out_at IS NULL OR (identity IS NULL AND put_out_at >= until))
    )
    """,
    "CREATE INDEX price_recovery_tender ON price_recovery (tender_id)",
    """
    CREATE TRIGGER price_recovery_stands BEFORE UPDATE ON price_recovery FOR EACH ROW
        WHEN (OLD.put_out_at IS NOT NULL) EXECUTE FUNCTION refuse_change()
    """,
    # Prices that were decrypted and that nobody will ever be shown.
    """
    CREATE FUNCTION opened_price_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND EXISTS (
            SELECT FROM public.financial_opening
            JOIN public.tender ON tender.id = financial_opening.tender_id
            WHERE financial_opening.tender_id = OLD.tender_id
                AND financial_opening.shown_at IS NULL AND tender.cancelled_at IS NOT NULL
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'what was opened stays' USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
    """,
    """
    CREATE OR REPLACE TRIGGER opened_price_is_final BEFORE UPDATE OR DELETE ON opened_price
        FOR EACH ROW EXECUTE FUNCTION opened_price_stays()
    """,
    "GRANT SELECT, INSERT, UPDATE, DELETE ON price_share TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON price_shares_given, price_recovery TO procurement_app",
    "GRANT DELETE ON opened_price TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
