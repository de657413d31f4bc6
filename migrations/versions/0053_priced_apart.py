"""Where lots are priced apart no envelope is of all of them: an older process that does not know it takes none."""

from alembic import op

revision = "0053"
down_revision = "0052"

STATEMENTS = (
    """
    CREATE FUNCTION must_be_priced_apart() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF (SELECT count(*) FROM public.lot JOIN public.bid USING (tender_id) WHERE bid.id = NEW.bid_id) > 1 THEN
            RAISE EXCEPTION 'each lot has a financial envelope of its own'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER bid_financial_is_apart BEFORE INSERT ON bid_financial FOR EACH ROW
        WHEN (NEW.lot = '') EXECUTE FUNCTION must_be_priced_apart()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
