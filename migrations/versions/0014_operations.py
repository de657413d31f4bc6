"""Running the service: the read-only switch, what was measured of each part, and incidents as people were told."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    # The newest row is in force.
    """
    CREATE TABLE service_mode (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        read_only boolean NOT NULL,
        reason text NOT NULL CHECK (reason <> '' OR NOT read_only),
        until timestamptz,
        actor text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        legal_at timestamptz NOT NULL DEFAULT public.legal_now()
    )
    """,
    # One row for each day, part and observer: what an observer saw is counted, never listed.
    """
    CREATE TABLE availability (
        component text NOT NULL,
        source text NOT NULL CHECK (length(source) BETWEEN 1 AND 60),
        day date NOT NULL,
        good bigint NOT NULL CHECK (good >= 0),
        bad bigint NOT NULL CHECK (bad >= 0),
        last_at timestamptz NOT NULL,
        last_good boolean NOT NULL,
        PRIMARY KEY (day, component, source)
    )
    """,
    """
    CREATE TABLE incident (
        id text PRIMARY KEY,
        component text NOT NULL,
        title text NOT NULL CHECK (title <> ''),
        began_at timestamptz NOT NULL,
        ended_at timestamptz CHECK (ended_at >= began_at)
    )
    """,
    "CREATE INDEX incident_began ON incident (began_at)",
    """
    CREATE TABLE incident_note (
        id text PRIMARY KEY,
        incident text NOT NULL REFERENCES incident,
        text text NOT NULL CHECK (text <> ''),
        actor text NOT NULL,
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX incident_note_incident ON incident_note (incident, at)",
    *(
        f"""
        CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """
        for table in ("service_mode", "incident_note")
    ),
    *(
        f"""
        CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
        for table in ("service_mode", "incident_note")
    ),
    "GRANT SELECT, INSERT ON service_mode, incident, incident_note TO procurement_app",
    "GRANT SELECT, INSERT, UPDATE ON availability TO procurement_app",
    "GRANT UPDATE (ended_at) ON incident TO procurement_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
