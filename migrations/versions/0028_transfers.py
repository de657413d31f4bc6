"""Bank transfer beside the card: statements and their lines, refunds that are ordered at the bank, and receipts."""

from alembic import op

revision = "0028"
down_revision = "0027"

APPEND_ONLY = ("bank_statement", "transfer_batch", "receipt")

STATEMENTS = (
    """
    CREATE TABLE bank_statement (
        id text PRIMARY KEY,
        sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        format text NOT NULL CHECK (format IN ('camt.053', 'csv')),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        opening bigint,
        closing bigint,
        first_day date NOT NULL,
        last_day date NOT NULL CHECK (last_day >= first_day),
        lines integer NOT NULL CHECK (lines > 0),
        added integer NOT NULL CHECK (added BETWEEN 0 AND lines),
        imported_by text NOT NULL REFERENCES person,
        imported_at timestamptz NOT NULL,
        record_id bigint NOT NULL UNIQUE REFERENCES ledger_record,
        CHECK ((opening IS NULL) = (closing IS NULL))
    )
    """,
    "CREATE INDEX bank_statement_imported ON bank_statement (imported_at, id)",
    """
    CREATE TABLE bank_line (
        id text PRIMARY KEY,
        statement text NOT NULL REFERENCES bank_statement,
        number integer NOT NULL CHECK (number > 0),
        identity text NOT NULL UNIQUE CHECK (identity ~ '^[0-9a-f]{64}$'),
        booked_on date NOT NULL,
        amount bigint NOT NULL CHECK (amount <> 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        bank_reference text NOT NULL,
        reference text NOT NULL,
        text text NOT NULL,
        end_to_end text NOT NULL,
        reversal boolean NOT NULL,
        returned boolean NOT NULL,
        name text NOT NULL,
        account text NOT NULL,
        outcome text NOT NULL
            CHECK (outcome IN ('paid', 'refund-sent', 'refund-returned', 'taken-back', 'set-aside', 'person')),
        why text NOT NULL,
        charge_id text REFERENCES charge,
        payment_id text REFERENCES payment,
        refund_id text REFERENCES refund,
        note text NOT NULL,
        settled_by text REFERENCES person,
        settled_at timestamptz,
        forgotten_at timestamptz,
        CHECK ((outcome = 'person') = (settled_at IS NULL)),
        CHECK (forgotten_at IS NULL OR (name, account, text) = ('', '', ''))
    )
    """,
    "CREATE INDEX bank_line_statement ON bank_line (statement, number)",
    "CREATE INDEX bank_line_day ON bank_line (booked_on)",
    "CREATE INDEX bank_line_waiting ON bank_line (booked_on, id) WHERE outcome = 'person'",
    "CREATE INDEX bank_line_named ON bank_line (bank_reference) WHERE bank_reference <> ''",
    "CREATE INDEX bank_line_payment ON bank_line (payment_id) WHERE payment_id IS NOT NULL",
    "CREATE INDEX bank_line_settled ON bank_line (settled_at) WHERE forgotten_at IS NULL",
    """
    CREATE TABLE refund_account (
        organisation text PRIMARY KEY REFERENCES organisation,
        iban text NOT NULL CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$'),
        holder text NOT NULL CHECK (holder <> ''),
        set_by text NOT NULL REFERENCES person,
        set_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE transfer_batch (
        id text PRIMARY KEY,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        made_by text NOT NULL REFERENCES person,
        made_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX transfer_batch_made ON transfer_batch (made_at, id)",
    """
    CREATE TABLE transfer_order (
        refund_id text PRIMARY KEY REFERENCES refund,
        batch text NOT NULL REFERENCES transfer_batch,
        reference text NOT NULL UNIQUE CHECK (reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$'),
        iban text NOT NULL CHECK (iban ~ '^([A-Z]{2}[0-9]{2}[A-Z0-9]{8,30})?$'),
        holder text NOT NULL CHECK ((holder = '') = (iban = ''))
    )
    """,
    "CREATE INDEX transfer_order_batch ON transfer_order (batch)",
    """
    CREATE TABLE receipt_number (
        year integer PRIMARY KEY CHECK (year BETWEEN 2000 AND 9999),
        last integer NOT NULL CHECK (last > 0)
    )
    """,
    """
    CREATE TABLE receipt (
        id text PRIMARY KEY,
        year integer NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        kind text NOT NULL CHECK (kind IN ('payment', 'refund')),
        subject text NOT NULL,
        charge_id text NOT NULL REFERENCES charge,
        payer text NOT NULL REFERENCES organisation,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        book_key text NOT NULL,
        record_id bigint NOT NULL REFERENCES ledger_record,
        document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
        document_size bigint NOT NULL CHECK (document_size > 0),
        issued_at timestamptz NOT NULL,
        UNIQUE (year, number),
        UNIQUE (kind, subject)
    )
    """,
    "CREATE INDEX receipt_payer ON receipt (payer, issued_at)",
    "CREATE INDEX receipt_charge ON receipt (charge_id)",
    "CREATE INDEX receipt_issued ON receipt (issued_at, id)",
    """
    CREATE TABLE receipt_due (
        kind text NOT NULL CHECK (kind IN ('payment', 'refund')),
        subject text NOT NULL,
        charge_id text NOT NULL REFERENCES charge,
        book_key text NOT NULL,
        record_id bigint NOT NULL REFERENCES ledger_record,
        PRIMARY KEY (kind, subject)
    )
    """,
    *(
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        for table in APPEND_ONLY
        for name, event, each in (("is_final", "UPDATE OR DELETE", "ROW"), ("stays", "TRUNCATE", "STATEMENT"))
    ),
    *(
        f"CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in ("bank_line", "transfer_order")
    ),
    f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON refund_account TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON receipt_due TO procurement_app",  # UPDATE for its row locks
    "GRANT SELECT, INSERT ON bank_line, transfer_order, receipt_number TO procurement_app",
    "GRANT UPDATE (iban, holder) ON transfer_order TO procurement_app",  # only to forget them
    "GRANT UPDATE (last) ON receipt_number TO procurement_app",
    "GRANT UPDATE (outcome, why, charge_id, payment_id, refund_id, note, settled_by, settled_at, forgotten_at, name, "
    "account, text) ON bank_line TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
