"""Organisations over the years: deputies, reviews of access, names, mergers, two administrators, and people's data."""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    "ALTER TABLE organisation ADD COLUMN merged_into text REFERENCES organisation",
    "ALTER TABLE organisation ADD COLUMN merged_at timestamptz",
    "CREATE INDEX organisation_merged ON organisation (merged_into) WHERE merged_into IS NOT NULL",
    # The names that an organisation had before the one it has; times are legal ones, as those of what bears a name.
    """
    CREATE TABLE former_name (
        organisation text NOT NULL REFERENCES organisation,
        until timestamptz NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        PRIMARY KEY (organisation, until)
    )
    """,
    """
    CREATE TRIGGER former_name_is_final BEFORE UPDATE OR DELETE ON former_name
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER former_name_is_not_emptied BEFORE TRUNCATE ON former_name
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    # Legal times too: what a deputy does is dated by that clock.
    """
    CREATE TABLE delegation (
        id text PRIMARY KEY,
        organisation text NOT NULL REFERENCES organisation,
        role text NOT NULL,
        giver text NOT NULL REFERENCES person,
        deputy text NOT NULL REFERENCES person,
        reason text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        offered_at timestamptz NOT NULL,
        accepted_at timestamptz,
        ended_at timestamptz,
        ended_by text REFERENCES person,
        CHECK (giver <> deputy),
        CHECK (ends_at > starts_at)
    )
    """,
    "CREATE INDEX delegation_deputy ON delegation (deputy)",
    "CREATE INDEX delegation_giver ON delegation (giver)",
    "CREATE INDEX delegation_organisation ON delegation (organisation, ends_at)",
    """
    CREATE TABLE access_review (
        id text PRIMARY KEY,
        organisation text NOT NULL REFERENCES organisation,
        reviewed_by text NOT NULL REFERENCES person,
        reviewed_at timestamptz NOT NULL,
        confirmed bigint NOT NULL,
        ended bigint NOT NULL
    )
    """,
    "CREATE INDEX access_review_organisation ON access_review (organisation, reviewed_at)",
    """
    CREATE TRIGGER access_review_is_final BEFORE UPDATE OR DELETE ON access_review
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER access_review_is_not_emptied BEFORE TRUNCATE ON access_review
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    # What one administrator proposes and another one carries out. The evidence may name people: the ledger knows only
    # its keyed commitment, and without the key, which is erased with the words, that says nothing.
    """
    CREATE TABLE motion (
        id text PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('owner', 'merge')),
        organisation text NOT NULL REFERENCES organisation,
        successor text REFERENCES organisation,
        email text CHECK (email = lower(email)),
        evidence text NOT NULL,
        evidence_key bytea NOT NULL,
        proposed_by text NOT NULL REFERENCES person,
        proposed_at timestamptz NOT NULL,
        decided_by text REFERENCES person,
        decided_at timestamptz,
        carried boolean,
        CHECK ((kind = 'merge') = (successor IS NOT NULL)),
        CHECK ((decided_at IS NULL) = (carried IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX motion_open ON motion (organisation, kind) WHERE decided_at IS NULL",
    # A draft goes on with the organisation that its buyer merged into; otherwise the function is that of 0005.
    """
    CREATE OR REPLACE FUNCTION tender_keeps_its_word() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'draft' THEN
                RAISE EXCEPTION 'a tender begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END IF;
        IF (NEW.id, NEW.ocid, NEW.created_by, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.ocid, OLD.created_by, OLD.created_at) THEN
            RAISE EXCEPTION 'a tender stays what it is' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.buyer_id <> OLD.buyer_id AND (OLD.published_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM public.organisation WHERE id = OLD.buyer_id AND merged_into = NEW.buyer_id)) THEN
            RAISE EXCEPTION 'a tender stays with its buyer' USING ERRCODE = 'integrity_constraint_violation';
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
    CREATE TABLE personal_export (
        id text PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        asked_at timestamptz NOT NULL,
        made_at timestamptz,
        expires_at timestamptz NOT NULL,
        content bytea
    )
    """,
    "CREATE INDEX personal_export_person ON personal_export (person)",
    "GRANT UPDATE (name, merged_into, merged_at) ON organisation TO procurement_app",
    "GRANT SELECT, INSERT ON former_name, access_review TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE (reason, accepted_at, ended_at, ended_by) ON delegation TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE (email, evidence, decided_by, decided_at, carried) ON motion TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE (made_at, expires_at, content), DELETE ON personal_export TO procurement_app",
    "GRANT UPDATE (email, name), DELETE ON invitation TO procurement_app",
    "GRANT UPDATE (label), DELETE ON api_token TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
