"""Being told: who follows what, official messages with evidence, their copies by mail, and calendars."""

from alembic import op

revision = "0019"
down_revision = "0018"

OFTEN = "('at-once', 'daily', 'weekly', 'off')"

STATEMENTS = (
    # `target` is a tender's or buyer's id, or the query of the search page in its one normal form.
    f"""
    CREATE TABLE follow (
        id text PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        organisation text REFERENCES organisation,
        kind text NOT NULL CHECK (kind IN ('tender', 'buyer', 'search')),
        target text NOT NULL CHECK (target <> '' AND length(target) <= 1000),
        often text NOT NULL CHECK (often IN {OFTEN}),
        since timestamptz NOT NULL,
        UNIQUE (person, kind, target)
    )
    """,
    "CREATE INDEX follow_target ON follow (kind, target)",
    "CREATE INDEX follow_organisation ON follow (organisation) WHERE organisation IS NOT NULL",
    # What the ledger says was delivered commits to these rows, so they stay as they are.
    """
    CREATE TABLE inbox_message (
        id text PRIMARY KEY,
        record_id bigint REFERENCES ledger_record,
        delivery_record_id bigint REFERENCES ledger_record,
        organisation text NOT NULL REFERENCES organisation,
        sender text REFERENCES organisation,
        tender text REFERENCES tender,
        kind text NOT NULL,
        title text NOT NULL,
        body text NOT NULL,
        link text NOT NULL,
        due_at timestamptz,
        delivered_at timestamptz NOT NULL,
        UNIQUE (record_id, organisation, kind),
        CHECK ((record_id IS NULL) = (delivery_record_id IS NULL))
    )
    """,
    "CREATE INDEX inbox_message_organisation ON inbox_message (organisation, delivered_at, id)",
    "CREATE INDEX inbox_message_tender ON inbox_message (tender, kind)",
    # Who of the organisation opened it first. `record_id` is null where only this row may tell.
    """
    CREATE TABLE inbox_reading (
        message text PRIMARY KEY REFERENCES inbox_message,
        person text NOT NULL REFERENCES person,
        at timestamptz NOT NULL,
        record_id bigint REFERENCES ledger_record
    )
    """,
    *(
        statement
        for table in ("inbox_message", "inbox_reading")
        for statement in (
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        )
    ),
    # A deadline that moves is another deadline, so its drafts are warned of anew.
    """
    CREATE TABLE draft_warning (
        tender text NOT NULL REFERENCES tender,
        organisation text NOT NULL REFERENCES organisation,
        hours integer NOT NULL CHECK (hours > 0),
        deadline timestamptz NOT NULL,
        message text NOT NULL REFERENCES inbox_message,
        PRIMARY KEY (tender, organisation, deadline, hours)
    )
    """,
    # Letters that wait or went, without an address: that is looked up when one is sent. Real times.
    # One that was sent and came back has both moments.
    """
    CREATE TABLE mail_copy (
        id text PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        kind text NOT NULL CHECK (kind IN ('message', 'news', 'digest', 'confirm')),
        message text REFERENCES inbox_message,
        queued_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        problem text NOT NULL DEFAULT '',
        sent_at timestamptz,
        failed_at timestamptz,
        CHECK ((kind = 'message') = (message IS NOT NULL))
    )
    """,
    "CREATE INDEX mail_copy_waiting ON mail_copy (due_at, id) WHERE sent_at IS NULL AND failed_at IS NULL",
    "CREATE INDEX mail_copy_person ON mail_copy (person)",
    # The address itself stands with its person alone; another address than the one that bounced is good again.
    """
    CREATE TABLE mail_bounce (
        id text PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        address_sha256 bytea NOT NULL CHECK (length(address_sha256) = 32),
        status text NOT NULL,
        at timestamptz NOT NULL,
        ended_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX mail_bounce_now ON mail_bounce (person, address_sha256) WHERE ended_at IS NULL",
    # What a follower is told, once for each fact. `mail` is the letter that told it.
    f"""
    CREATE TABLE news (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        person text NOT NULL REFERENCES person,
        follow text NOT NULL REFERENCES follow ON DELETE CASCADE,
        record_id bigint NOT NULL REFERENCES ledger_record,
        tender text NOT NULL REFERENCES tender,
        what text NOT NULL,
        often text NOT NULL CHECK (often IN {OFTEN}),
        at timestamptz NOT NULL,
        mail text REFERENCES mail_copy,
        UNIQUE (record_id, person)
    )
    """,
    "CREATE INDEX news_person ON news (person, id)",
    "CREATE INDEX news_follow ON news (follow)",
    "CREATE INDEX news_mail ON news (mail) WHERE mail IS NOT NULL",
    "CREATE INDEX news_waiting ON news (often, at) WHERE mail IS NULL AND often IN ('daily', 'weekly')",
    # A secret address for a calendar program: of one person's follows, or of an organisation's where one is named.
    """
    CREATE TABLE calendar_feed (
        id text PRIMARY KEY,
        token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
        person text NOT NULL REFERENCES person,
        organisation text REFERENCES organisation,
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX calendar_feed_person ON calendar_feed (person)",
    "GRANT SELECT, INSERT, UPDATE (often), DELETE ON follow TO procurement_app",
    "GRANT SELECT, INSERT ON inbox_message, inbox_reading, draft_warning TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON mail_copy, mail_bounce TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON news TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE (revoked_at) ON calendar_feed TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
