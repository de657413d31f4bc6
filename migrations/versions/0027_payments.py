"""Payments: charges and what became of them, the books, and an organisation of a new kind that holds the money."""

from alembic import op

revision = "0027"
down_revision = "0026"

WIDER = (  # in transactions of their own: the table is locked for an instant each time, and checked without a lock
    "ALTER TABLE organisation DROP CONSTRAINT IF EXISTS organisation_kind_known",
    """
    ALTER TABLE organisation ADD CONSTRAINT organisation_kind_known
        CHECK (kind IN ('buyer', 'supplier', 'oversight', 'treasury')) NOT VALID
    """,
    "ALTER TABLE organisation VALIDATE CONSTRAINT organisation_kind_known",
    "ALTER TABLE organisation DROP CONSTRAINT IF EXISTS organisation_kind_check",
)

STATEMENTS = (
    """
    CREATE TABLE charge (
        id text PRIMARY KEY,
        purpose text NOT NULL CHECK (purpose IN ('deposit', 'challenge-fee', 'order')),
        subject text NOT NULL CHECK (subject <> ''),
        process text NOT NULL,
        title text NOT NULL CHECK (title <> ''),
        payer text NOT NULL REFERENCES organisation,
        payee text NOT NULL REFERENCES organisation,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        reference text NOT NULL UNIQUE CHECK (reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$'),
        asked_at timestamptz NOT NULL,
        due timestamptz,
        cancelled_at timestamptz,
        paid bigint NOT NULL CHECK (paid >= 0),
        promised bigint NOT NULL CHECK (promised >= 0),
        keeping bigint NOT NULL CHECK (keeping >= 0),
        returned bigint NOT NULL CHECK (returned >= 0),
        kept bigint NOT NULL CHECK (kept >= 0),
        disputed bigint NOT NULL CHECK (disputed >= 0),
        UNIQUE (purpose, subject, payer),
        CHECK (paid >= promised + keeping + returned + kept + disputed)
    )
    """,
    "CREATE INDEX charge_payer ON charge (payer, asked_at)",
    "CREATE INDEX charge_asked ON charge (asked_at, id)",
    """
    CREATE TABLE payment (
        id text PRIMARY KEY,
        charge_id text REFERENCES charge,
        channel text NOT NULL CHECK (channel IN ('card', 'transfer')),
        external text NOT NULL CHECK (external <> ''),
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        paid_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        matched_by text REFERENCES person,
        matched_at timestamptz,
        claimed bigint NOT NULL CHECK (claimed >= 0),
        returned bigint NOT NULL CHECK (returned >= 0),
        UNIQUE (channel, external),
        CHECK (amount >= claimed + returned)
    )
    """,
    "CREATE INDEX payment_charge ON payment (charge_id)",
    "CREATE INDEX payment_unmatched ON payment (received_at, id) WHERE charge_id IS NULL",
    """
    CREATE TABLE refund (
        id text PRIMARY KEY,
        charge_id text REFERENCES charge,
        payment_id text NOT NULL REFERENCES payment,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        reason text NOT NULL CHECK (reason <> ''),
        basis text NOT NULL CHECK (basis <> ''),
        people integer NOT NULL CHECK (people BETWEEN 0 AND 2),
        asked_by text REFERENCES person,
        asked_at timestamptz NOT NULL,
        confirmed_by text REFERENCES person,
        confirmed_at timestamptz,
        approved_by text REFERENCES person,
        approved_at timestamptz,
        refused_by text REFERENCES person,
        refused_at timestamptz,
        refusal text NOT NULL,
        sending_at timestamptz,
        sent_at timestamptz,
        failed_at timestamptz,
        problem text NOT NULL,
        external text NOT NULL,
        CHECK (approved_at IS NULL OR num_nonnulls(asked_by, confirmed_by, approved_by) >= people),
        CHECK (approved_by <> asked_by),
        CHECK (approved_by <> confirmed_by),
        CHECK (refused_at IS NULL OR approved_at IS NULL),
        CHECK ((refused_at IS NULL) = (refusal = '')),
        CHECK (approved_at IS NOT NULL OR num_nonnulls(sending_at, sent_at, failed_at) = 0)
    )
    """,
    "CREATE INDEX refund_payment ON refund (payment_id)",
    "CREATE INDEX refund_charge ON refund (charge_id)",
    "CREATE UNIQUE INDEX refund_external ON refund (external) WHERE external <> ''",
    "CREATE INDEX refund_open ON refund (asked_at, id) "
    "WHERE sent_at IS NULL AND refused_at IS NULL AND failed_at IS NULL",
    "CREATE INDEX refund_failed ON refund (failed_at, id) WHERE failed_at IS NOT NULL",
    """
    CREATE TABLE forfeiture (
        id text PRIMARY KEY,
        charge_id text NOT NULL REFERENCES charge,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        reason text NOT NULL CHECK (reason <> ''),
        basis text NOT NULL CHECK (basis <> ''),
        asked_by text NOT NULL REFERENCES person,
        asked_at timestamptz NOT NULL,
        approved_by text REFERENCES person,
        approved_at timestamptz,
        refused_by text REFERENCES person,
        refused_at timestamptz,
        refusal text NOT NULL,
        CHECK (approved_by <> asked_by),
        CHECK ((approved_at IS NULL) = (approved_by IS NULL)),
        CHECK (refused_at IS NULL OR approved_at IS NULL),
        CHECK ((refused_at IS NULL) = (refusal = ''))
    )
    """,
    "CREATE INDEX forfeiture_charge ON forfeiture (charge_id)",
    "CREATE INDEX forfeiture_waiting ON forfeiture (asked_at, id) WHERE approved_at IS NULL AND refused_at IS NULL",
    """
    CREATE TABLE dispute (
        id text PRIMARY KEY,
        external text NOT NULL UNIQUE CHECK (external <> ''),
        payment_id text NOT NULL REFERENCES payment,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        covered bigint NOT NULL CHECK (covered BETWEEN 0 AND amount),
        reason text NOT NULL,
        opened_at timestamptz NOT NULL,
        closed_at timestamptz,
        won boolean,
        CHECK ((closed_at IS NULL) = (won IS NULL))
    )
    """,
    "CREATE INDEX dispute_payment ON dispute (payment_id)",
    "CREATE INDEX dispute_open ON dispute (opened_at, id) WHERE closed_at IS NULL",
    """
    CREATE TABLE book_entry (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL UNIQUE,
        at timestamptz NOT NULL,
        record_id bigint NOT NULL UNIQUE REFERENCES ledger_record
    )
    """,
    "CREATE INDEX book_entry_at ON book_entry (at, id)",
    """
    CREATE TABLE book_posting (
        entry bigint NOT NULL REFERENCES book_entry,
        account text NOT NULL,
        party text NOT NULL,
        amount bigint NOT NULL CHECK (amount <> 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        PRIMARY KEY (entry, account, party, currency)
    )
    """,
    "CREATE INDEX book_posting_account ON book_posting (account, party)",
    # Looked at when the transaction ends, whatever wrote: an entry without postings is refused like one that leans.
    """
    CREATE FUNCTION books_balance() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        looked_at bigint;
    BEGIN
        IF TG_TABLE_NAME = 'book_entry' THEN looked_at := NEW.id; ELSE looked_at := NEW.entry; END IF;
        IF NOT EXISTS (SELECT FROM public.book_posting WHERE entry = looked_at)
            OR EXISTS (
                SELECT FROM public.book_posting WHERE entry = looked_at GROUP BY currency HAVING sum(amount) <> 0
            )
        THEN
            RAISE EXCEPTION 'entry % of the books does not sum to zero', looked_at
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    *(
        f"CREATE CONSTRAINT TRIGGER {table}_balances AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION books_balance()"
        for table in ("book_entry", "book_posting")
    ),
    *(
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        for table in ("book_entry", "book_posting")
        for name, event, each in (("is_final", "UPDATE OR DELETE", "ROW"), ("stays", "TRUNCATE", "STATEMENT"))
    ),
    *(
        f"CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in ("charge", "payment", "refund", "forfeiture", "dispute")
    ),
    "GRANT SELECT, INSERT ON book_entry, book_posting, charge, payment, refund, forfeiture, dispute TO procurement_app",
    "GRANT UPDATE (cancelled_at, due, paid, promised, keeping, returned, kept, disputed) ON charge TO procurement_app",
    "GRANT UPDATE (charge_id, matched_by, matched_at, claimed, returned) ON payment TO procurement_app",
    "GRANT UPDATE (confirmed_by, confirmed_at, approved_by, approved_at, refused_by, refused_at, refusal, sending_at, "
    "sent_at, failed_at, problem, external) ON refund TO procurement_app",
    "GRANT UPDATE (approved_by, approved_at, refused_by, refused_at, refusal) ON forfeiture TO procurement_app",
    "GRANT UPDATE (closed_at, won) ON dispute TO procurement_app",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in WIDER:
            op.execute(statement)
    for statement in STATEMENTS:
        op.execute(statement)
