"""Awards: what was proposed, approved, announced; holds. An announced award is final in every word."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    # `lot` is "" for a tender without lots; `supplier_id` is null when no bid was acceptable.
    """
    CREATE TABLE award (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        lot text NOT NULL,
        bid_id text REFERENCES bid,
        supplier_id text REFERENCES organisation,
        price_amount bigint CHECK (price_amount >= 0),
        price_currency text CHECK (price_currency ~ '^[A-Z]{3}$'),
        reason text NOT NULL CHECK (reason <> ''),
        proposed_by text NOT NULL REFERENCES person,
        proposed_at timestamptz NOT NULL,
        approved_by text REFERENCES person,
        announced_at timestamptz,
        standstill_ends timestamptz,
        reasons jsonb NOT NULL,
        returned_by text REFERENCES person,
        returned_at timestamptz,
        return_reason text NOT NULL,
        CHECK (num_nulls(bid_id, supplier_id, price_amount, price_currency) IN (0, 4)),
        CHECK ((announced_at IS NULL) = (approved_by IS NULL)),
        CHECK (standstill_ends IS NULL OR standstill_ends > announced_at),
        CHECK (announced_at IS NULL OR supplier_id IS NULL OR standstill_ends IS NOT NULL),
        CHECK (announced_at IS NULL OR returned_at IS NULL)
    )
    """,
    # One standing proposal or award a lot; what was sent back stays on record.
    "CREATE UNIQUE INDEX award_standing ON award (tender_id, lot) WHERE returned_at IS NULL",
    "CREATE INDEX award_supplier ON award (supplier_id)",
    """
    CREATE FUNCTION award_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF OLD.announced_at IS NOT NULL OR OLD.returned_at IS NOT NULL THEN
            RAISE EXCEPTION 'a decided award is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    "CREATE TRIGGER award_stands BEFORE UPDATE ON award FOR EACH ROW EXECUTE FUNCTION award_stands()",
    "CREATE TRIGGER award_is_kept BEFORE DELETE ON award FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER award_stays BEFORE TRUNCATE ON award FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    # `placed_by` and `lifted_by` name the actor as the ledger does: a person by id, or a system.
    """
    CREATE TABLE award_hold (
        id text PRIMARY KEY,
        award_id text NOT NULL REFERENCES award,
        reason text NOT NULL CHECK (reason <> ''),
        placed_by text NOT NULL,
        placed_at timestamptz NOT NULL,
        lifted_by text NOT NULL,
        lifted_at timestamptz,
        lift_reason text NOT NULL,
        CHECK ((lifted_at IS NULL) = (lift_reason = ''))
    )
    """,
    "CREATE INDEX award_hold_award ON award_hold (award_id)",
    "CREATE TRIGGER award_hold_is_kept BEFORE DELETE ON award_hold FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "GRANT SELECT, INSERT ON award, award_hold TO procurement_app",
    "GRANT UPDATE (approved_by, announced_at, standstill_ends, reasons, returned_by, returned_at, return_reason) "
    "ON award TO procurement_app",
    "GRANT UPDATE (lifted_by, lifted_at, lift_reason) ON award_hold TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
