"""How far the keyholder's store had come when it was last asked, and what was staged of tenders that were cancelled."""

from alembic import op

revision = "0042"
down_revision = "0041"

STATEMENTS = (
    # An entry of the keyholder's journal by number and hash: a store without it came back from an older copy.
    """
    CREATE TABLE keyholder_mark (
        id integer PRIMARY KEY CHECK (id = 1),
        number bigint NOT NULL CHECK (number >= 0),
        mark text NOT NULL CHECK (mark ~ '^([0-9a-f]{64})?$'),
        restored_at timestamptz,
        confirmed_at timestamptz CHECK (confirmed_at >= restored_at)
    )
    """,
    # A key that an older copy brought back is destroyed once more, later.
    """
    CREATE OR REPLACE FUNCTION seal_key_end_stays() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (OLD.destroyed_at IS NOT NULL AND (NEW.destroyed_at >= OLD.destroyed_at) IS NOT TRUE)
            OR (OLD.tender_id, OLD.record_id, OLD.ended_at)
                IS DISTINCT FROM (NEW.tender_id, NEW.record_id, NEW.ended_at)
        THEN
            RAISE EXCEPTION 'the end of a sealing key stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    # When everything was removed that had been opened of a tender which was cancelled before anybody saw it.
    """
    CREATE TABLE staged_removal (
        tender_id text PRIMARY KEY REFERENCES opening,
        bids integer NOT NULL CHECK (bids >= 0),
        documents integer NOT NULL CHECK (documents >= 0),
        removed_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TRIGGER staged_removal_is_final BEFORE UPDATE OR DELETE ON staged_removal
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER staged_removal_stays BEFORE TRUNCATE ON staged_removal
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE FUNCTION will_never_be_shown(bid text) RETURNS boolean LANGUAGE sql STABLE
        SET search_path = pg_catalog, pg_temp AS $$
        SELECT EXISTS (
            SELECT FROM public.opened_bid
            JOIN public.opening ON opening.tender_id = opened_bid.tender_id
            JOIN public.tender ON tender.id = opened_bid.tender_id
            WHERE opened_bid.bid_id = bid AND opening.shown_at IS NULL AND tender.cancelled_at IS NOT NULL
        )
    $$
    """,
    """
    CREATE FUNCTION opened_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND public.will_never_be_shown(OLD.bid_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'what was opened stays' USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
    """,
    """
    CREATE OR REPLACE TRIGGER opened_bid_is_final BEFORE UPDATE OR DELETE ON opened_bid
        FOR EACH ROW EXECUTE FUNCTION opened_stays()
    """,
    """
    CREATE OR REPLACE TRIGGER opened_document_is_final BEFORE UPDATE OR DELETE ON opened_document
        FOR EACH ROW EXECUTE FUNCTION opened_stays()
    """,
    """
    CREATE OR REPLACE FUNCTION verdict_stays() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND public.will_never_be_shown(OLD.bid_id) THEN
            RETURN OLD;
        END IF;
        IF TG_OP = 'DELETE' OR (OLD.bid_id, OLD.number) <> (NEW.bid_id, NEW.number)
            OR OLD.verdict NOT IN ('unanswered', 'no-scanner')
        THEN
            RAISE EXCEPTION 'a verdict on a document stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    "GRANT SELECT, INSERT, UPDATE ON keyholder_mark TO procurement_app",
    "GRANT SELECT, INSERT ON staged_removal TO procurement_app",
    "GRANT DELETE ON opened_bid, opened_document, document_scan TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
