"""Tenders: what is asked, by when, and the latches that nobody can take back.

The database itself refuses to move a published deadline back, to open a closed tender again, or to change what was
published: the service asks first and explains, these triggers hold whatever the service does.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

PARTS = ("lot", "item", "criterion")

STATEMENTS = (
    # The last number given in a year: "2026-0418" is the 418th procurement of 2026.
    """
    CREATE TABLE tender_number (
        year bigint PRIMARY KEY,
        last bigint NOT NULL CHECK (last > 0)
    )
    """,
    """
    CREATE TABLE tender (
        id text PRIMARY KEY CHECK (id ~ '^[0-9]{4}-[0-9]{4,}$'),
        ocid text NOT NULL UNIQUE,
        buyer_id text NOT NULL REFERENCES organisation,
        state text NOT NULL CHECK (state IN ('draft', 'submitted', 'open', 'cancelled')),
        revision bigint NOT NULL,
        revision_hash text NOT NULL,
        title text NOT NULL,
        description text NOT NULL,
        category text NOT NULL CHECK (category IN ('goods', 'works', 'services')),
        value_amount bigint NOT NULL CHECK (value_amount >= 0),
        value_currency text NOT NULL CHECK (value_currency ~ '^[A-Z]{3}$'),
        procedure_name text NOT NULL,
        award_method text NOT NULL,
        contract_terms text NOT NULL,
        rulebook_id text REFERENCES rulebook,
        rulebook_sha256 text NOT NULL,
        procedure jsonb NOT NULL,
        seal_level text NOT NULL,
        keyholder_recipient text NOT NULL,
        created_by text NOT NULL REFERENCES person,
        created_at timestamptz NOT NULL,
        submitted_by text REFERENCES person,
        submitted_at timestamptz,
        returned_reason text NOT NULL,
        published_by text REFERENCES person,
        published_at timestamptz,
        question_deadline timestamptz,
        answer_deadline timestamptz,
        deadline timestamptz,
        opening_at timestamptz,
        closed_at timestamptz,
        settled_at timestamptz,
        cancelled_by text REFERENCES person,
        cancelled_at timestamptz,
        cancel_reason text NOT NULL,
        CONSTRAINT published_whole CHECK (
            state IN ('draft', 'submitted') AND published_at IS NULL AND revision = 0
            OR published_at IS NOT NULL AND revision > 0 AND deadline IS NOT NULL AND opening_at >= deadline
                AND question_deadline <= deadline AND rulebook_id IS NOT NULL AND keyholder_recipient <> ''
                AND seal_level <> '' AND revision_hash <> ''
        ),
        CONSTRAINT cancelled_with_reason CHECK (
            (state = 'cancelled') = (cancelled_at IS NOT NULL AND cancel_reason <> '')
        )
    )
    """,
    "CREATE INDEX tender_buyer ON tender (buyer_id, id)",
    "CREATE INDEX tender_unpublished ON tender (buyer_id, id) WHERE state IN ('draft', 'submitted')",
    "CREATE INDEX tender_undecided ON tender (buyer_id, deadline) WHERE state = 'open' AND settled_at IS NULL",
    "CREATE INDEX tender_settled ON tender (buyer_id, settled_at) WHERE settled_at IS NOT NULL",
    "CREATE INDEX tender_to_close ON tender (deadline) WHERE state = 'open' AND closed_at IS NULL",
    """
    CREATE FUNCTION tender_keeps_its_word() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'draft' THEN
                RAISE EXCEPTION 'a tender begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END IF;
        IF (NEW.id, NEW.ocid, NEW.buyer_id, NEW.created_by, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.ocid, OLD.buyer_id, OLD.created_by, OLD.created_at) THEN
            RAISE EXCEPTION 'a tender stays what it is' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN
            (('draft', 'submitted'), ('submitted', 'draft'), ('submitted', 'open'), ('open', 'cancelled')) THEN
            RAISE EXCEPTION 'a tender cannot go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.published_at IS NULL THEN
            RETURN NEW;
        END IF;
        IF (NEW.published_at, NEW.published_by, NEW.rulebook_id, NEW.rulebook_sha256, NEW.procedure, NEW.seal_level,
                NEW.keyholder_recipient, NEW.title, NEW.description, NEW.category, NEW.value_amount,
                NEW.value_currency, NEW.procedure_name, NEW.award_method, NEW.contract_terms)
            IS DISTINCT FROM (OLD.published_at, OLD.published_by, OLD.rulebook_id, OLD.rulebook_sha256, OLD.procedure,
                OLD.seal_level, OLD.keyholder_recipient, OLD.title, OLD.description, OLD.category, OLD.value_amount,
                OLD.value_currency, OLD.procedure_name, OLD.award_method, OLD.contract_terms) THEN
            RAISE EXCEPTION 'what was published is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.revision < OLD.revision OR (NEW.deadline >= OLD.deadline) IS NOT TRUE
            OR (NEW.opening_at >= OLD.opening_at) IS NOT TRUE
            OR (NEW.question_deadline >= OLD.question_deadline) IS NOT TRUE THEN
            RAISE EXCEPTION 'a deadline is never shortened' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.deadline > OLD.deadline AND (OLD.closed_at IS NOT NULL OR OLD.state <> 'open'
            OR (public.legal_now() < OLD.deadline) IS NOT TRUE) THEN
            RAISE EXCEPTION 'a deadline that has passed is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at
            OR OLD.settled_at IS NOT NULL AND NEW.settled_at IS DISTINCT FROM OLD.settled_at THEN
            RAISE EXCEPTION 'a latch is never taken back' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.closed_at IS NULL AND NEW.closed_at < OLD.deadline THEN
            RAISE EXCEPTION 'a tender closes at its deadline, not before'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.settled_at IS NOT NULL AND NEW.state = 'cancelled' THEN
            RAISE EXCEPTION 'a settled tender cannot be cancelled' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER tender_keeps_its_word BEFORE INSERT OR UPDATE ON tender
        FOR EACH ROW EXECUTE FUNCTION tender_keeps_its_word()
    """,
    "CREATE TRIGGER tender_is_kept BEFORE DELETE ON tender FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER tender_stays BEFORE TRUNCATE ON tender FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    """
    CREATE TABLE lot (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        number bigint NOT NULL CHECK (number > 0),
        title text NOT NULL,
        description text NOT NULL,
        value_amount bigint CHECK (value_amount >= 0),
        UNIQUE (tender_id, number),
        UNIQUE (id, tender_id)
    )
    """,
    """
    CREATE TABLE item (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        lot_id text NOT NULL,
        number bigint NOT NULL CHECK (number > 0),
        description text NOT NULL,
        classification_scheme text NOT NULL,
        classification_id text NOT NULL,
        classification_description text NOT NULL,
        quantity numeric NOT NULL CHECK (quantity > 0),
        unit text NOT NULL,
        place text NOT NULL,
        FOREIGN KEY (lot_id, tender_id) REFERENCES lot (id, tender_id)
    )
    """,
    "CREATE INDEX item_tender ON item (tender_id)",
    "CREATE INDEX item_lot ON item (lot_id, tender_id)",
    # No lot: for every lot.
    """
    CREATE TABLE criterion (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        lot_id text,
        number bigint NOT NULL CHECK (number > 0),
        name text NOT NULL,
        description text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('price', 'quality', 'pass-fail')),
        weight numeric NOT NULL CHECK (weight BETWEEN 0 AND 100),
        FOREIGN KEY (lot_id, tender_id) REFERENCES lot (id, tender_id)
    )
    """,
    "CREATE INDEX criterion_tender ON criterion (tender_id)",
    "CREATE INDEX criterion_lot ON criterion (lot_id, tender_id)",
    """
    CREATE TABLE tender_document (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        name text NOT NULL,
        media_type text NOT NULL,
        size bigint NOT NULL CHECK (size > 0),
        sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        version bigint NOT NULL CHECK (version > 0),
        added_by text NOT NULL REFERENCES person,
        added_at timestamptz NOT NULL,
        published_at timestamptz,
        UNIQUE (tender_id, name, version)
    )
    """,
    # What a tender is made of changes only while it is a draft.
    """
    CREATE FUNCTION only_in_a_draft() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        row_tender text := coalesce(to_jsonb(OLD), to_jsonb(NEW)) ->> 'tender_id';
    BEGIN
        PERFORM 1 FROM public.tender WHERE id = row_tender AND state = 'draft' FOR SHARE;
        IF NOT FOUND OR TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> 'tender_id' <> row_tender THEN
            RAISE EXCEPTION 'only a draft can be changed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END
    $$
    """,
    *(
        f"CREATE TRIGGER {part}_only_in_a_draft BEFORE INSERT OR UPDATE OR DELETE ON {part} "
        "FOR EACH ROW EXECUTE FUNCTION only_in_a_draft()"
        for part in PARTS
    ),
    """
    CREATE TRIGGER tender_document_only_in_a_draft BEFORE INSERT OR DELETE ON tender_document
        FOR EACH ROW EXECUTE FUNCTION only_in_a_draft()
    """,
    """
    CREATE FUNCTION document_is_published_once() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF OLD.published_at IS NOT NULL
            OR to_jsonb(NEW) - 'published_at' IS DISTINCT FROM to_jsonb(OLD) - 'published_at' THEN
            RAISE EXCEPTION 'a document is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER document_is_published_once BEFORE UPDATE ON tender_document
        FOR EACH ROW EXECUTE FUNCTION document_is_published_once()
    """,
    # The canonical bytes of each published revision, as they were hashed.
    """
    CREATE TABLE tender_revision (
        tender_id text NOT NULL REFERENCES tender,
        revision bigint NOT NULL CHECK (revision > 0),
        sha256 text NOT NULL,
        content bytea NOT NULL,
        published_at timestamptz NOT NULL,
        PRIMARY KEY (tender_id, revision),
        CHECK (sha256 = encode(pg_catalog.sha256(content), 'hex'))
    )
    """,
    """
    CREATE TABLE tender_extension (
        id text PRIMARY KEY,
        tender_id text NOT NULL REFERENCES tender,
        deadline timestamptz NOT NULL,
        reason text NOT NULL CHECK (reason <> ''),
        proposed_by text NOT NULL REFERENCES person,
        proposed_at timestamptz NOT NULL,
        decided_by text REFERENCES person,
        decided_at timestamptz,
        approved boolean,
        CONSTRAINT two_persons CHECK (NOT (approved IS TRUE AND decided_by = proposed_by)),
        CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (approved IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX tender_extension_waiting ON tender_extension (tender_id) WHERE decided_at IS NULL",
    "CREATE INDEX tender_extension_tender ON tender_extension (tender_id, proposed_at)",
    """
    CREATE FUNCTION extension_is_decided_once() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF OLD.decided_at IS NOT NULL THEN
            RAISE EXCEPTION 'a decision is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER extension_is_decided_once BEFORE UPDATE ON tender_extension
        FOR EACH ROW EXECUTE FUNCTION extension_is_decided_once()
    """,
    """
    CREATE TRIGGER tender_revision_is_final BEFORE UPDATE OR DELETE ON tender_revision
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER tender_revision_stays BEFORE TRUNCATE ON tender_revision
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    "GRANT SELECT, INSERT, UPDATE ON tender_number, tender TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON lot, item, criterion TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE (published_at), DELETE ON tender_document TO procurement_app",
    "GRANT SELECT, INSERT ON tender_revision TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE (decided_by, decided_at, approved) ON tender_extension TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
