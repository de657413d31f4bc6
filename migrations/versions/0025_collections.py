"""Awards and organisations as they are searched, labels of classification codes, and how often words occur."""

from alembic import op

revision = "0025"
down_revision = "0024"

STATEMENTS = (
    """
    ALTER TABLE notice
        ADD COLUMN told text NOT NULL DEFAULT '',
        ADD COLUMN labels text NOT NULL DEFAULT '',
        ADD COLUMN broader text NOT NULL DEFAULT ''
    """,
    """
    CREATE TABLE public_award (
        id text PRIMARY KEY,
        notice_id text NOT NULL,
        source text NOT NULL,
        ocid text NOT NULL,
        title text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('', 'goods', 'works', 'services')),
        buyer_id text NOT NULL,
        buyer text NOT NULL,
        supplier_ids text[] NOT NULL,
        suppliers text[] NOT NULL,
        categories text[] NOT NULL,
        amount bigint,
        currency char(3),
        estimate bigint,
        status text NOT NULL CHECK (status IN ('pending', 'active')),
        awarded_at timestamptz NOT NULL,
        signed_at timestamptz,
        contract_id text NOT NULL,
        bids integer,
        words text NOT NULL,
        told text NOT NULL,
        labels text NOT NULL,
        broader text NOT NULL,
        tsv tsvector NOT NULL,
        CHECK ((amount IS NULL) = (currency IS NULL)),
        CHECK (estimate IS NULL OR currency IS NOT NULL)
    )
    """,
    "CREATE INDEX public_award_notice ON public_award (notice_id)",
    "CREATE INDEX public_award_by_date ON public_award (awarded_at, id)",
    "CREATE INDEX public_award_of_source ON public_award (source, awarded_at, id)",
    "CREATE INDEX public_award_by_buyer ON public_award (buyer_id, awarded_at, id)",
    "CREATE INDEX public_award_suppliers ON public_award USING gin (supplier_ids)",
    "CREATE INDEX public_award_categories ON public_award USING gin (categories)",
    "CREATE INDEX public_award_tsv ON public_award USING gin (tsv)",
    """
    CREATE TABLE public_organisation (
        id text PRIMARY KEY,
        source text NOT NULL,
        name text NOT NULL,
        roles text[] NOT NULL CHECK (roles <@ ARRAY['buyer', 'supplier']),
        place text NOT NULL,
        bought bigint NOT NULL,
        won bigint NOT NULL,
        seen_at timestamptz NOT NULL,
        words text NOT NULL,
        tsv tsvector NOT NULL
    )
    """,
    "CREATE INDEX public_organisation_by_last ON public_organisation (seen_at, id)",
    "CREATE INDEX public_organisation_tsv ON public_organisation USING gin (tsv)",
    """
    CREATE TABLE classification (
        scheme text NOT NULL CHECK (scheme <> ''),
        language text NOT NULL,
        code text NOT NULL CHECK (code <> ''),
        label text NOT NULL CHECK (label <> ''),
        beginning text NOT NULL CHECK (beginning <> ''),
        parent text NOT NULL,
        tsv tsvector NOT NULL,
        PRIMARY KEY (scheme, language, code)
    )
    """,
    "CREATE INDEX classification_beginning ON classification (beginning)",
    "CREATE INDEX classification_parent ON classification (scheme, language, parent)",
    "CREATE INDEX classification_tsv ON classification USING gin (tsv)",
    """
    CREATE TABLE search_word (
        collection text NOT NULL,
        word text NOT NULL,
        number bigint NOT NULL,
        PRIMARY KEY (collection, word)
    )
    """,
    "CREATE INDEX search_word_alike ON search_word USING gin (word gin_trgm_ops)",
    """
    CREATE TABLE derivation (
        name text PRIMARY KEY,
        edition bigint NOT NULL,
        after text NOT NULL,
        done boolean NOT NULL,
        at timestamptz NOT NULL
    )
    """,
    "GRANT SELECT, INSERT, UPDATE, DELETE ON public_award, public_organisation, search_word TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON classification TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON derivation TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
