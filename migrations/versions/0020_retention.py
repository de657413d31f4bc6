"""How long records are kept: legal holds, files that records let go of, and room promised to uploads under way."""

from alembic import op

revision = "0020"
down_revision = "0019"

STATEMENTS = (
    """
    CREATE TABLE legal_hold (
        id text PRIMARY KEY,
        about text NOT NULL CHECK (about IN ('process', 'organisation', 'person')),
        subject text NOT NULL CHECK (subject <> ''),
        reason text NOT NULL CHECK (reason <> ''),
        placed_by text NOT NULL REFERENCES person,
        placed_at timestamptz NOT NULL,
        lift_asked_by text REFERENCES person,
        lift_asked_at timestamptz,
        lift_reason text NOT NULL,
        lifted_by text REFERENCES person,
        lifted_at timestamptz,
        CHECK (lift_asked_by IS NULL OR lift_reason <> ''),
        CHECK ((lift_asked_by IS NULL) = (lift_asked_at IS NULL)),
        CHECK ((lifted_by IS NULL) = (lifted_at IS NULL)),
        CHECK (lifted_by IS NULL OR lifted_by <> lift_asked_by)
    )
    """,
    "CREATE INDEX legal_hold_standing ON legal_hold (about, subject) WHERE lifted_at IS NULL",
    "CREATE INDEX legal_hold_placed ON legal_hold (placed_at, id)",
    # Lifting is all that can change.
    """
    CREATE FUNCTION hold_only_lifts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL
            OR (OLD.id, OLD.about, OLD.subject, OLD.reason, OLD.placed_by, OLD.placed_at)
            IS DISTINCT FROM (NEW.id, NEW.about, NEW.subject, NEW.reason, NEW.placed_by, NEW.placed_at) THEN
            RAISE EXCEPTION 'a hold can only be lifted' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER hold_only_lifts BEFORE UPDATE OR DELETE ON legal_hold
        FOR EACH ROW EXECUTE FUNCTION hold_only_lifts()
    """,
    """
    CREATE TRIGGER legal_hold_is_not_emptied BEFORE TRUNCATE ON legal_hold
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TABLE erased_file (
        kind text NOT NULL,
        sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        owner text NOT NULL,
        record_class text NOT NULL,
        erased_at timestamptz NOT NULL,
        gone_at timestamptz,
        PRIMARY KEY (kind, sha256, owner)
    )
    """,
    "CREATE INDEX erased_file_waiting ON erased_file (erased_at) WHERE gone_at IS NULL",
    """
    CREATE TABLE upload_reservation (
        id text PRIMARY KEY,
        organisation text NOT NULL REFERENCES organisation,
        bytes bigint NOT NULL CHECK (bytes >= 0),
        until timestamptz NOT NULL
    )
    """,
    "CREATE INDEX upload_reservation_organisation ON upload_reservation (organisation, until)",
    "GRANT SELECT, INSERT ON legal_hold, erased_file TO procurement_app",
    "GRANT UPDATE (lift_asked_by, lift_asked_at, lift_reason, lifted_by, lifted_at) ON legal_hold TO procurement_app",
    "GRANT UPDATE (gone_at) ON erased_file TO procurement_app",
    "GRANT SELECT, INSERT, DELETE ON upload_reservation TO procurement_app",
    "GRANT DELETE ON outbox, invitation TO procurement_app",  # what ended long ago
)
CONCURRENTLY = (  # work is queued meanwhile; a half-made index of an earlier try is of no use
    "SET statement_timeout = '30min'",
    "DROP INDEX CONCURRENTLY IF EXISTS outbox_done",
    "CREATE INDEX CONCURRENTLY outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL",
    "RESET statement_timeout",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in CONCURRENTLY:
            op.execute(statement)
    for statement in STATEMENTS:
        op.execute(statement)
