"""Evaluation: the committee, compliance, individual and agreed scores, abnormally low prices, the result."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    # The row that every step of one evaluation waits for, and where its result stands once there is one.
    """
    CREATE TABLE evaluation (
        tender_id text PRIMARY KEY REFERENCES tender,
        started_at timestamptz NOT NULL,
        concluded_at timestamptz,
        concluded_by text REFERENCES person,
        ranking jsonb,
        report_sha256 text NOT NULL DEFAULT '',
        CHECK ((concluded_at IS NULL) = (ranking IS NULL)),
        CHECK ((concluded_at IS NULL) = (concluded_by IS NULL))
    )
    """,
    # `statement` says what a conflict is: personal, so erasable, and not in the ledger.
    """
    CREATE TABLE evaluator (
        tender_id text NOT NULL REFERENCES evaluation,
        person_id text NOT NULL REFERENCES person,
        chair boolean NOT NULL,
        appointed_by text NOT NULL REFERENCES person,
        appointed_at timestamptz NOT NULL,
        dismissed_at timestamptz,
        declared_at timestamptz,
        conflict boolean NOT NULL,
        statement text NOT NULL,
        locked_at timestamptz,
        sheet_sha256 text NOT NULL,
        PRIMARY KEY (tender_id, person_id),
        CHECK (declared_at IS NOT NULL OR (NOT conflict AND locked_at IS NULL)),
        CHECK ((locked_at IS NULL) = (sheet_sha256 = ''))
    )
    """,
    "CREATE UNIQUE INDEX evaluator_chair ON evaluator (tender_id) WHERE chair AND dismissed_at IS NULL",
    "CREATE INDEX evaluator_person ON evaluator (person_id, appointed_at) WHERE dismissed_at IS NULL",
    """
    CREATE TABLE compliance (
        tender_id text NOT NULL REFERENCES evaluation,
        bid_id text NOT NULL REFERENCES bid,
        compliant boolean NOT NULL,
        reason text NOT NULL CHECK (reason <> ''),
        decided_by text NOT NULL REFERENCES person,
        decided_at timestamptz NOT NULL,
        PRIMARY KEY (tender_id, bid_id)
    )
    """,
    """
    CREATE TABLE score (
        tender_id text NOT NULL,
        person_id text NOT NULL,
        bid_id text NOT NULL REFERENCES bid,
        criterion_id text NOT NULL REFERENCES criterion,
        value bigint CHECK (value BETWEEN 0 AND 10),
        comment text NOT NULL,
        PRIMARY KEY (tender_id, person_id, bid_id, criterion_id),
        FOREIGN KEY (tender_id, person_id) REFERENCES evaluator
    )
    """,
    # A locked sheet stays as it was, whatever the application does.
    """
    CREATE FUNCTION sheet_is_open() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        sheet record := CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END;
    BEGIN
        IF EXISTS (SELECT FROM public.evaluator e WHERE e.tender_id = sheet.tender_id
                AND e.person_id = sheet.person_id AND e.locked_at IS NOT NULL) THEN
            RAISE EXCEPTION 'the scores are locked' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END
    $$
    """,
    """
    CREATE TRIGGER sheet_is_open BEFORE INSERT OR UPDATE OR DELETE ON score
        FOR EACH ROW EXECUTE FUNCTION sheet_is_open()
    """,
    "CREATE TRIGGER score_stays BEFORE TRUNCATE ON score FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    """
    CREATE TABLE consensus (
        tender_id text NOT NULL REFERENCES evaluation,
        bid_id text NOT NULL REFERENCES bid,
        criterion_id text NOT NULL REFERENCES criterion,
        score bigint NOT NULL CHECK (score BETWEEN 0 AND 10),
        reason text NOT NULL CHECK (reason <> ''),
        agreed_by text NOT NULL REFERENCES person,
        agreed_at timestamptz NOT NULL,
        PRIMARY KEY (tender_id, bid_id, criterion_id)
    )
    """,
    # `lot` is "" for a tender without lots, so it is no foreign key.
    """
    CREATE TABLE low_price (
        tender_id text NOT NULL REFERENCES evaluation,
        bid_id text NOT NULL REFERENCES bid,
        lot text NOT NULL,
        question text NOT NULL CHECK (question <> ''),
        asked_by text NOT NULL REFERENCES person,
        asked_at timestamptz NOT NULL,
        answer text NOT NULL,
        answered_by text REFERENCES person,
        answered_at timestamptz,
        accepted boolean,
        reason text NOT NULL,
        decided_by text REFERENCES person,
        decided_at timestamptz,
        PRIMARY KEY (tender_id, bid_id, lot),
        CHECK ((accepted IS NULL) = (decided_at IS NULL))
    )
    """,
    # A concluded evaluation is final.
    """
    CREATE FUNCTION result_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF OLD.concluded_at IS NOT NULL AND (NEW.concluded_at, NEW.concluded_by, NEW.ranking)
            IS DISTINCT FROM (OLD.concluded_at, OLD.concluded_by, OLD.ranking) THEN
            RAISE EXCEPTION 'the evaluation is concluded' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    "CREATE TRIGGER result_stands BEFORE UPDATE ON evaluation FOR EACH ROW EXECUTE FUNCTION result_stands()",
    "CREATE TRIGGER evaluation_is_kept BEFORE DELETE ON evaluation FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "GRANT SELECT, INSERT ON evaluation, evaluator, compliance, score, consensus, low_price TO procurement_app",
    "GRANT UPDATE (concluded_at, concluded_by, ranking, report_sha256) ON evaluation TO procurement_app",
    "GRANT UPDATE (chair, appointed_by, appointed_at, dismissed_at, declared_at, conflict, statement, locked_at, "
    "sheet_sha256) ON evaluator TO procurement_app",
    "GRANT UPDATE (compliant, reason, decided_by, decided_at) ON compliance TO procurement_app",
    "GRANT UPDATE (value, comment) ON score TO procurement_app",
    "GRANT UPDATE (score, reason, agreed_by, agreed_at) ON consensus TO procurement_app",
    "GRANT UPDATE (answer, answered_by, answered_at, accepted, reason, decided_by, decided_at) ON low_price "
    "TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
