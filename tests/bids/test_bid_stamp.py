"""The database itself decides what is late, whatever the application does to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from bidding import OPEN_FOR, TENDER, Market

from procurement.settings import Settings

pytestmark = pytest.mark.anyio

BID = """
    INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,
        envelope, submitted_by, received_at, deadline_applied)
    VALUES ('b1', $1, $2, 1, 'single', 1, 'k', 'r', repeat('0', 64), 'e', $3, $4, $5)
"""
LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def app(settings: Settings, market: Market) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the application's rights, as an attacker who took it over would have."""
    connection = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    await connection.execute("INSERT INTO bidder VALUES ($1, $2)", TENDER, market.harbour)
    yield connection
    await connection.close()


async def insert(app: asyncpg.Connection, market: Market) -> None:
    await app.execute(BID, TENDER, market.harbour, market.ines, LONG_AGO, FAR_AHEAD)


async def test_times_chosen_by_the_application_are_overwritten(app: asyncpg.Connection, market: Market) -> None:
    await insert(app, market)
    row = await app.fetchrow(
        "SELECT b.*, t.deadline, legal_now() AS now FROM bid b JOIN tender t ON t.id = b.tender_id"
    )
    assert row["deadline_applied"] == row["deadline"]
    assert timedelta(0) <= row["now"] - row["received_at"] < timedelta(seconds=10)


async def test_a_late_bid_with_an_early_time_is_refused(
    app: asyncpg.Connection, market: Market, advance: object
) -> None:
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    with pytest.raises(asyncpg.PostgresError) as no:
        await insert(app, market)
    assert no.value.sqlstate == "PB001"


async def test_a_tender_without_a_deadline_takes_no_bid(
    app: asyncpg.Connection, market: Market, owner: asyncpg.Connection
) -> None:
    await owner.execute("ALTER TABLE tender DISABLE TRIGGER USER")
    await owner.execute("ALTER TABLE tender DROP CONSTRAINT published_whole")
    await owner.execute("UPDATE tender SET deadline = NULL")
    with pytest.raises(asyncpg.PostgresError) as no:
        await insert(app, market)
    assert no.value.sqlstate == "PB002"


@pytest.mark.parametrize("state", ["draft", "submitted", "cancelled"])
async def test_only_an_open_tender_takes_bids(
    state: str, app: asyncpg.Connection, market: Market, owner: asyncpg.Connection
) -> None:
    await owner.execute("ALTER TABLE tender DISABLE TRIGGER USER")
    await owner.execute("ALTER TABLE tender DROP CONSTRAINT published_whole, DROP CONSTRAINT cancelled_with_reason")
    await owner.execute("UPDATE tender SET state = $1", state)
    with pytest.raises(asyncpg.PostgresError) as no:
        await insert(app, market)
    assert no.value.sqlstate == "PB002"


async def test_a_temporary_table_cannot_stand_in_for_the_tender(
    app: asyncpg.Connection, market: Market, owner: asyncpg.Connection, advance: object
) -> None:
    database = await owner.fetchval("SELECT current_database()")
    await owner.execute(f"GRANT TEMPORARY ON DATABASE {database} TO procurement_app")  # as if nobody had revoked it
    await app.execute("CREATE TEMPORARY TABLE tender AS SELECT * FROM public.tender")
    await app.execute("UPDATE pg_temp.tender SET deadline = '2100-01-01'")
    await app.execute("SET search_path = pg_temp, public")
    await advance(OPEN_FOR)  # type: ignore[operator]
    with pytest.raises(asyncpg.PostgresError) as no:
        await insert(app, market)
    assert no.value.sqlstate == "PB001"


async def test_the_application_may_make_no_temporary_table(app: asyncpg.Connection, owner: asyncpg.Connection) -> None:
    database = await owner.fetchval("SELECT current_database()")
    await owner.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")  # a copied database has its own rights
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("CREATE TEMPORARY TABLE tender (id text)")


async def test_the_latch_holds_when_the_clock_goes_back(
    app: asyncpg.Connection, market: Market, owner: asyncpg.Connection, advance: object
) -> None:
    await advance(OPEN_FOR)  # type: ignore[operator]
    await owner.execute("UPDATE tender SET closed_at = legal_now()")
    await owner.execute("ALTER TABLE sandbox_clock DISABLE TRIGGER USER")
    await owner.execute("DELETE FROM sandbox_clock")
    with pytest.raises(asyncpg.PostgresError) as no:
        await insert(app, market)
    assert no.value.sqlstate == "PB001"


async def test_a_clock_behind_the_watermark_receives_nothing(
    app: asyncpg.Connection, market: Market, owner: asyncpg.Connection
) -> None:
    await app.execute("UPDATE clock_watermark SET at = legal_now() + interval '1 minute'")
    with pytest.raises(asyncpg.PostgresError) as no:
        await insert(app, market)
    assert no.value.sqlstate == "PB003"
    await app.execute("UPDATE clock_watermark SET at = '-infinity'")  # it only rises
    with pytest.raises(asyncpg.PostgresError):
        await insert(app, market)


@pytest.mark.parametrize("sql", [
    "UPDATE bid SET received_at = now()",
    "DELETE FROM bid",
    "TRUNCATE bid",
    "TRUNCATE bid CASCADE",
    "ALTER TABLE bid DISABLE TRIGGER USER",
    "DROP TRIGGER stamp_in_time ON bid",
    "INSERT INTO clock_watermark (singleton, at) VALUES (false, now())",
    "DELETE FROM clock_watermark",
])  # fmt: skip
async def test_the_application_cannot_change_what_was_received(
    sql: str, app: asyncpg.Connection, market: Market
) -> None:
    await insert(app, market)
    with pytest.raises(asyncpg.PostgresError):
        await app.execute(sql)


@pytest.mark.parametrize("sql", ["UPDATE bid SET digest = digest", "DELETE FROM bid", "TRUNCATE bid CASCADE"])
async def test_even_the_owner_has_to_take_the_triggers_off_first(
    sql: str, app: asyncpg.Connection, owner: asyncpg.Connection, market: Market
) -> None:
    await insert(app, market)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(sql)
