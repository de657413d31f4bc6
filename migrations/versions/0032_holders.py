"""Key holders of sealed bids: their public keys, what proves that they still have them, and the rosters they sign."""

from alembic import op

revision = "0032"
down_revision = "0031"

STATEMENTS = (
    """
    CREATE TABLE key_holder (
        id text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{16}$'),
        person_id text NOT NULL REFERENCES person,
        organisation text NOT NULL REFERENCES organisation,
        office text NOT NULL CHECK (office <> ''),
        age text NOT NULL UNIQUE CHECK (age ~ '^age1[a-z0-9]{58}$'),
        sign text NOT NULL UNIQUE CHECK (sign ~ '^[A-Za-z0-9+/]{43}=$'),
        fingerprint text NOT NULL UNIQUE CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
        enrolled_at timestamptz NOT NULL,
        proved_at timestamptz,
        confirmed_by text REFERENCES person,
        confirmed_at timestamptz,
        ended_by text REFERENCES person,
        ended_at timestamptz,
        reason text NOT NULL,
        CHECK (confirmed_by <> person_id),
        CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
        CHECK (confirmed_at IS NULL OR proved_at IS NOT NULL),
        CHECK ((ended_at IS NULL) = (reason = ''))
    )
    """,
    "CREATE UNIQUE INDEX key_holder_now ON key_holder (person_id, organisation) WHERE ended_at IS NULL",
    "CREATE INDEX key_holder_organisation ON key_holder (organisation, enrolled_at)",
    # A key is made once, confirmed once and ended once.
    """
    CREATE TRIGGER key_holder_is_final BEFORE UPDATE ON key_holder FOR EACH ROW
        WHEN (
            (NEW.id, NEW.person_id, NEW.organisation, NEW.office, NEW.age, NEW.sign, NEW.fingerprint, NEW.enrolled_at)
                IS DISTINCT FROM
            (OLD.id, OLD.person_id, OLD.organisation, OLD.office, OLD.age, OLD.sign, OLD.fingerprint, OLD.enrolled_at)
            OR OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at
            OR OLD.confirmed_by IS NOT NULL AND NEW.confirmed_by IS DISTINCT FROM OLD.confirmed_by
            OR OLD.ended_at IS NOT NULL
        )
        EXECUTE FUNCTION refuse_change()
    """,
    "CREATE TRIGGER key_holder_stays BEFORE DELETE ON key_holder FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    """
    CREATE TRIGGER key_holder_stays_whole BEFORE TRUNCATE ON key_holder
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TABLE holder_challenge (
        id text PRIMARY KEY,
        holder_id text NOT NULL REFERENCES key_holder,
        subject text NOT NULL,
        sealed bytea NOT NULL,
        answer text NOT NULL CHECK (answer ~ '^[0-9a-f]{64}$'),
        asked_at timestamptz NOT NULL,
        answered_at timestamptz,
        CHECK (answered_at >= asked_at)
    )
    """,
    "CREATE INDEX holder_challenge_holder ON holder_challenge (holder_id, asked_at)",
    "CREATE INDEX holder_challenge_asked ON holder_challenge (asked_at)",
    """
    CREATE TABLE roster (
        subject text PRIMARY KEY CHECK (subject <> ''),
        process text NOT NULL,
        buyer text NOT NULL REFERENCES organisation,
        title text NOT NULL,
        level text NOT NULL CHECK (level IN ('S2', 'S3')),
        quorum integer NOT NULL CHECK (quorum BETWEEN 2 AND 15),
        sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        content bytea NOT NULL,
        asked_at timestamptz NOT NULL,
        frozen_at timestamptz,
        opening_at timestamptz,
        ended_at timestamptz,
        CHECK ((frozen_at IS NULL) = (opening_at IS NULL)),
        CHECK (ended_at IS NULL OR frozen_at IS NOT NULL)
    )
    """,
    "CREATE INDEX roster_awaited ON roster (opening_at) WHERE frozen_at IS NOT NULL AND ended_at IS NULL",
    "CREATE INDEX roster_buyer ON roster (buyer)",
    """
    CREATE TABLE roster_seat (
        subject text NOT NULL REFERENCES roster,
        place integer NOT NULL CHECK (place BETWEEN 1 AND 15),
        holder_id text NOT NULL REFERENCES key_holder,
        signature text NOT NULL,
        signed_at timestamptz,
        PRIMARY KEY (subject, place),
        UNIQUE (subject, holder_id),
        CHECK ((signed_at IS NULL) = (signature = ''))
    )
    """,
    "CREATE INDEX roster_seat_holder ON roster_seat (holder_id)",
    # What bidders seal to is final from publication on.
    """
    CREATE TRIGGER roster_is_final BEFORE UPDATE ON roster FOR EACH ROW
        WHEN (
            OLD.frozen_at IS NOT NULL AND
            (NEW.subject, NEW.process, NEW.buyer, NEW.level, NEW.quorum, NEW.sha256, NEW.content, NEW.frozen_at)
                IS DISTINCT FROM
            (OLD.subject, OLD.process, OLD.buyer, OLD.level, OLD.quorum, OLD.sha256, OLD.content, OLD.frozen_at)
        )
        EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER frozen_roster_stays BEFORE DELETE ON roster FOR EACH ROW
        WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE FUNCTION frozen_seats_stay() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        frozen timestamptz;
    BEGIN
        SELECT frozen_at INTO frozen FROM public.roster WHERE subject = coalesce(NEW.subject, OLD.subject) FOR SHARE;
        IF frozen IS NOT NULL THEN
            RAISE EXCEPTION 'the roster of % is frozen', coalesce(NEW.subject, OLD.subject)
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER frozen_seats_stay BEFORE INSERT OR UPDATE OR DELETE ON roster_seat
        FOR EACH ROW EXECUTE FUNCTION frozen_seats_stay()
    """,
    """
    CREATE TABLE roster_call (
        subject text NOT NULL REFERENCES roster,
        opening_at timestamptz NOT NULL,
        what text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (subject, opening_at, what)
    )
    """,
    "GRANT SELECT, INSERT, UPDATE ON key_holder, holder_challenge TO procurement_app",
    "GRANT DELETE ON holder_challenge TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON roster, roster_seat TO procurement_app",
    "GRANT SELECT, INSERT ON roster_call TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
