"""What the malware scanner said of each document of an opened bid, and the opening record on paper."""

from alembic import op

revision = "0041"
down_revision = "0040"

STATEMENTS = (
    # A verdict stands for good; what the scanner has not judged yet is asked again.
    """
    CREATE TABLE document_scan (
        bid_id text NOT NULL,
        number integer NOT NULL,
        verdict text NOT NULL CHECK (verdict IN ('clean', 'found', 'too-large', 'gone', 'unanswered', 'no-scanner')),
        found text NOT NULL DEFAULT '',
        looked_at timestamptz NOT NULL,
        PRIMARY KEY (bid_id, number),
        FOREIGN KEY (bid_id, number) REFERENCES opened_document,
        CHECK ((verdict = 'found') = (found <> ''))
    )
    """,
    """
    CREATE INDEX document_scan_waiting ON document_scan (looked_at)
        WHERE verdict IN ('unanswered', 'no-scanner')
    """,
    """
    CREATE FUNCTION verdict_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (OLD.bid_id, OLD.number) <> (NEW.bid_id, NEW.number)
            OR OLD.verdict NOT IN ('unanswered', 'no-scanner')
        THEN
            RAISE EXCEPTION 'a verdict on a document stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER verdict_stays BEFORE UPDATE OR DELETE ON document_scan
        FOR EACH ROW EXECUTE FUNCTION verdict_stays()
    """,
    """
    CREATE TRIGGER verdict_stays_whole BEFORE TRUNCATE ON document_scan
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    # Documents that were opened before there was any scanning.
    """
    INSERT INTO document_scan (bid_id, number, verdict, looked_at)
        SELECT document.bid_id, document.number, 'no-scanner', opening.shown_at
        FROM opened_document document
        JOIN opened_bid bid ON bid.bid_id = document.bid_id
        JOIN opening ON opening.tender_id = bid.tender_id AND opening.shown_at IS NOT NULL
    """,
    # Written once, a moment after the bids are shown, when the record of it has its place in the ledger.
    """
    CREATE TABLE opening_paper (
        tender_id text PRIMARY KEY REFERENCES opening,
        record_id bigint NOT NULL UNIQUE REFERENCES ledger_record,
        sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        size bigint CHECK (size > 0),
        written_at timestamptz,
        CHECK ((sha256 IS NULL) = (written_at IS NULL) AND (sha256 IS NULL) = (size IS NULL))
    )
    """,
    "CREATE INDEX opening_paper_due ON opening_paper (record_id) WHERE sha256 IS NULL",
    """
    CREATE FUNCTION opening_paper_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.sha256 IS NOT NULL
            OR (OLD.tender_id, OLD.record_id) <> (NEW.tender_id, NEW.record_id)
        THEN
            RAISE EXCEPTION 'a written opening record stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER opening_paper_stays BEFORE UPDATE OR DELETE ON opening_paper
        FOR EACH ROW EXECUTE FUNCTION opening_paper_stays()
    """,
    """
    CREATE TRIGGER opening_paper_stays_whole BEFORE TRUNCATE ON opening_paper
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    INSERT INTO opening_paper (tender_id, record_id)
        SELECT opening.tender_id, max(record.id)
        FROM opening
        JOIN tender ON tender.id = opening.tender_id
        JOIN ledger_record record ON record.process = tender.ocid AND record.type = 'BidsOpened'
        WHERE opening.shown_at IS NOT NULL
        GROUP BY opening.tender_id
    """,
    "GRANT SELECT, INSERT, UPDATE ON document_scan, opening_paper TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
