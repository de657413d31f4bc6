"""Shares of double-locked bids between release and reading out: as released, as given, and bidders' own keys."""

from alembic import op

revision = "0035"
down_revision = "0034"

STATEMENTS = (
    "ALTER TABLE opening ADD COLUMN shared_at timestamptz",
    """
    CREATE OR REPLACE FUNCTION opening_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.tender_id <> NEW.tender_id OR OLD.leaf <> NEW.leaf
            OR OLD.shown_at IS NOT NULL
            OR (OLD.confirmed_at IS NOT NULL
                AND (OLD.requested_by, OLD.requested_at, OLD.confirmed_by, OLD.confirmed_at)
                IS DISTINCT FROM (NEW.requested_by, NEW.requested_at, NEW.confirmed_by, NEW.confirmed_at))
            OR (OLD.released_at IS NOT NULL AND OLD.released_at IS DISTINCT FROM NEW.released_at)
            OR (OLD.shared_at IS NOT NULL AND OLD.shared_at IS DISTINCT FROM NEW.shared_at)
            OR (NEW.shared_at IS NOT NULL AND NEW.released_at IS NULL) THEN
            RAISE EXCEPTION 'an opening only goes forward' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    # What the keyholder released for one member, and what that member made of it. Gone once the bids are shown.
    """
    CREATE TABLE released_share (
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
    "CREATE INDEX released_share_tender ON released_share (tender_id, member)",
    # That a member gave theirs, and when, stays.
    """
    CREATE TABLE shares_given (
        tender_id text NOT NULL REFERENCES opening,
        member text NOT NULL CHECK (member <> ''),
        given_at timestamptz NOT NULL,
        shares integer NOT NULL CHECK (shares >= 0),
        PRIMARY KEY (tender_id, member)
    )
    """,
    # A bid that too few members could read: its bidder is asked for its own key, which is gone when the bid is staged.
    """
    CREATE TABLE bid_recovery (
        bid_id text PRIMARY KEY REFERENCES bid,
        tender_id text NOT NULL REFERENCES opening,
        supplier_id text NOT NULL REFERENCES organisation,
        asked_at timestamptz NOT NULL,
        until timestamptz NOT NULL CHECK (until > asked_at),
        identity text,
        given_at timestamptz,
        CHECK (identity IS NULL OR given_at IS NOT NULL)
    )
    """,
    "CREATE INDEX bid_recovery_tender ON bid_recovery (tender_id)",
    """
    CREATE TRIGGER shares_given_grow BEFORE UPDATE ON shares_given FOR EACH ROW
        WHEN ((NEW.tender_id, NEW.member) IS DISTINCT FROM (OLD.tender_id, OLD.member) OR NEW.shares <= OLD.shares)
        EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER shares_given_is_kept BEFORE DELETE ON shares_given
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER shares_given_stays BEFORE TRUNCATE ON shares_given
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    "GRANT SELECT, INSERT, UPDATE, DELETE ON released_share TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON shares_given TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON bid_recovery TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
