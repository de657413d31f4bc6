"""The public record: OCDS releases, imported releases, notices for search, and what was spent."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    """
    CREATE TABLE release (
        id text PRIMARY KEY,
        record_id bigint NOT NULL UNIQUE REFERENCES ledger_record,
        ocid text NOT NULL,
        date timestamptz NOT NULL,
        body bytea NOT NULL
    )
    """,
    "CREATE INDEX release_ocid ON release (ocid, record_id)",
    "CREATE INDEX release_date ON release (date, id)",
    """
    CREATE TRIGGER release_is_final BEFORE UPDATE OR DELETE ON release
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER release_is_not_emptied BEFORE TRUNCATE ON release
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TABLE imported_release (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source text NOT NULL CHECK (source <> ''),
        ocid text NOT NULL CHECK (ocid <> ''),
        release_id text NOT NULL CHECK (release_id <> ''),
        digest bytea NOT NULL CHECK (length(digest) = 32),
        date timestamptz NOT NULL,
        body bytea NOT NULL,
        mends jsonb NOT NULL,
        at timestamptz NOT NULL,
        UNIQUE (source, ocid, release_id, digest)
    )
    """,
    """
    CREATE TABLE notice (
        id text PRIMARY KEY,
        source text NOT NULL,
        ocid text NOT NULL,
        title text NOT NULL,
        summary text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('', 'goods', 'works', 'services')),
        buyer_id text NOT NULL,
        buyer text NOT NULL,
        supplier_ids text[] NOT NULL,
        suppliers text[] NOT NULL,
        categories text[] NOT NULL,
        amount bigint,
        currency char(3),
        outcome text NOT NULL CHECK (outcome IN ('', 'planned', 'closed', 'awarded', 'cancelled', 'unsuccessful')),
        published_at timestamptz NOT NULL,
        deadline timestamptz,
        awarded_at timestamptz,
        award_amount bigint,
        award_currency char(3),
        bids integer,
        words text NOT NULL,
        tsv tsvector NOT NULL,
        CHECK ((amount IS NULL) = (currency IS NULL)),
        CHECK ((award_amount IS NULL) = (award_currency IS NULL))
    )
    """,
    "CREATE INDEX notice_ocid ON notice (ocid)",
    "CREATE INDEX notice_by_deadline ON notice (deadline, id) WHERE outcome = ''",
    "CREATE INDEX notice_by_publication ON notice (published_at, id)",
    "CREATE INDEX notice_by_award ON notice (awarded_at, id) WHERE outcome = 'awarded'",
    "CREATE INDEX notice_by_award_of_source ON notice (source, awarded_at, id) WHERE outcome = 'awarded'",
    "CREATE INDEX notice_by_buyer ON notice (buyer_id, published_at, id)",
    "CREATE INDEX notice_suppliers ON notice USING gin (supplier_ids)",
    "CREATE INDEX notice_categories ON notice USING gin (categories)",
    "CREATE INDEX notice_tsv ON notice USING gin (tsv)",
    "CREATE INDEX notice_words ON notice USING gin (words gin_trgm_ops)",
    """
    CREATE TABLE spending (
        month date NOT NULL,
        buyer_id text NOT NULL,
        kind text NOT NULL,
        currency char(3) NOT NULL,
        awards bigint NOT NULL,
        single bigint NOT NULL,
        amount bigint NOT NULL,
        estimate bigint NOT NULL,
        PRIMARY KEY (month, buyer_id, kind, currency)
    )
    """,
    "GRANT SELECT, INSERT ON release, imported_release TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON notice TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON spending TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
