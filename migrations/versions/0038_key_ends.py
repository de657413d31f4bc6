"""Sealing keys of tenders that are over: since when nobody needs them, and when the keyholder destroyed them."""

from alembic import op

revision = "0038"
down_revision = "0037"

STATEMENTS = (
    """
    CREATE TABLE seal_key_end (
        tender_id text PRIMARY KEY REFERENCES tender,
        record_id bigint NOT NULL UNIQUE REFERENCES ledger_record,
        ended_at timestamptz NOT NULL,
        tried_at timestamptz,
        destroyed_at timestamptz
    )
    """,
    "CREATE INDEX seal_key_end_waiting ON seal_key_end (ended_at) WHERE destroyed_at IS NULL",
    """
    CREATE FUNCTION seal_key_end_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.destroyed_at IS NOT NULL
            OR (OLD.tender_id, OLD.record_id, OLD.ended_at)
                IS DISTINCT FROM (NEW.tender_id, NEW.record_id, NEW.ended_at)
        THEN
            RAISE EXCEPTION 'the end of a sealing key stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER seal_key_end_stays BEFORE UPDATE OR DELETE ON seal_key_end
        FOR EACH ROW EXECUTE FUNCTION seal_key_end_stays()
    """,
    """
    CREATE TRIGGER seal_key_end_stays_whole BEFORE TRUNCATE ON seal_key_end
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    "GRANT SELECT, INSERT, UPDATE ON seal_key_end TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
