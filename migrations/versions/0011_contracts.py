"""Contracts: one document, two signatures that bind its bytes."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    """
    CREATE TABLE contract (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        award_id text NOT NULL UNIQUE REFERENCES award,
        lot text NOT NULL,
        buyer_id text NOT NULL REFERENCES organisation,
        supplier_id text NOT NULL REFERENCES organisation,
        title text NOT NULL,
        value_amount bigint NOT NULL CHECK (value_amount >= 0),
        value_currency text NOT NULL CHECK (value_currency ~ '^[A-Z]{3}$'),
        starts_on date NOT NULL,
        ends_on date NOT NULL CHECK (ends_on >= starts_on),
        document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
        document_size bigint NOT NULL CHECK (document_size > 0),
        drafted_by text NOT NULL REFERENCES person,
        drafted_at timestamptz NOT NULL,
        buyer_signer text REFERENCES person CHECK (buyer_signer <> drafted_by),
        buyer_signed_at timestamptz,
        supplier_signer text REFERENCES person CHECK (supplier_signer <> buyer_signer),
        supplier_signed_at timestamptz,
        CHECK ((buyer_signer IS NULL) = (buyer_signed_at IS NULL)),
        CHECK ((supplier_signer IS NULL) = (supplier_signed_at IS NULL))
    )
    """,
    "CREATE INDEX contract_tender ON contract (tender_id)",
    "CREATE INDEX contract_buyer ON contract (buyer_id)",
    "CREATE INDEX contract_supplier ON contract (supplier_id)",
    *(
        f"CREATE INDEX contract_to_sign_{side} ON contract ({side}_id) "
        "WHERE buyer_signed_at IS NULL OR supplier_signed_at IS NULL"
        for side in ("buyer", "supplier")
    ),
    """
    CREATE FUNCTION signature_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF OLD.buyer_signer IS NOT NULL AND (NEW.buyer_signer, NEW.buyer_signed_at)
                IS DISTINCT FROM (OLD.buyer_signer, OLD.buyer_signed_at)
            OR OLD.supplier_signer IS NOT NULL AND (NEW.supplier_signer, NEW.supplier_signed_at)
                IS DISTINCT FROM (OLD.supplier_signer, OLD.supplier_signed_at) THEN
            RAISE EXCEPTION 'a signature is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    "CREATE TRIGGER signature_stands BEFORE UPDATE ON contract FOR EACH ROW EXECUTE FUNCTION signature_stands()",
    "CREATE TRIGGER contract_is_kept BEFORE DELETE ON contract FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER contract_stays BEFORE TRUNCATE ON contract FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "GRANT SELECT, INSERT ON contract TO procurement_app",
    "GRANT UPDATE (buyer_signer, buyer_signed_at, supplier_signer, supplier_signed_at) ON contract TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
