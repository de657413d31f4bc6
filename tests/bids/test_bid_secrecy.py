"""Before the opening a bid is readable nowhere: not in the database's own files, not in the store, not in a log."""

import asyncio
import base64
import gzip
import logging
import os
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest
from bidding import Market
from browsing_bids import BID, Bidder, prices, sign_in

from procurement.infra.services.embedded import Postgres
from procurement.infra.tx import Database
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

GZIP = b"\x1f\x8b\x08"


def spellings(canary: str) -> list[bytes]:
    """The forms a leak may take: as it is, wide, and in base64 at each of its three places."""
    plain = canary.encode()
    shifted = [base64.b64encode(b"\0" * shift + plain)[4:-4] for shift in range(3)]
    return [plain, canary.encode("utf-16-le"), plain.hex().encode(), *shifted]


def places(canary: str, *folders: Path) -> list[str]:
    """The files that hold the canary, also inside gzip streams."""
    wanted, found = spellings(canary), []
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # another test's, or a segment that was recycled
            continue
        inflated = [_inflate(content[at:]) for at in _starts(content)]
        if any(spelling in held for held in (content, *inflated) for spelling in wanted):
            found.append(path.name)
    return found


def _starts(content: bytes) -> list[int]:
    starts, at = [], content.find(GZIP)
    while at >= 0:
        starts.append(at)
        at = content.find(GZIP, at + 1)
    return starts


def _inflate(content: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(content)
    except zlib.error:
        return b""


async def wait_for(more_than: int, look: Callable[[], list[str]]) -> list[str]:
    """The log of a test's server is written a moment after the commit."""
    for _ in range(50):
        if len(found := look()) > more_than:
            break
        await asyncio.sleep(0.1)
    return found


Kept = Callable[[], Awaitable[tuple[Path, ...]]]


@pytest.fixture
def kept(settings: Settings, postgres: Postgres, owner: asyncpg.Connection, tmp_path: Path) -> Kept:
    """Every folder where something of this test could stay: a dump, the database's files, its log, the file store."""

    async def folders() -> tuple[Path, ...]:
        dump = tmp_path / "dump"
        dump.mkdir()
        for table in await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            await owner.copy_from_table(table[0], output=dump / f"{table[0]}.dump", format="binary")
        oid = await owner.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
        return dump, postgres.cluster / "base" / str(oid), postgres.cluster / "pg_wal", Path(settings.data)

    return folders


@pytest.fixture
async def ines(database: Database, client: httpx.AsyncClient, market: Market) -> Bidder:
    return await sign_in(database, client, market.ines)


@pytest.mark.parametrize(
    "hide", [bytes, gzip.compress, base64.b64encode, lambda data: data.decode().encode("utf-16-le")]
)
async def test_the_scanner_finds_what_is_there(
    hide: object, settings: Settings, kept: Kept, owner: asyncpg.Connection
) -> None:
    """A scanner that cannot find a planted canary proves nothing."""
    canary = f"canary{os.urandom(8).hex()}"
    hidden = hide(b"before " + canary.encode() + b" after")  # type: ignore[operator]  # one of four functions
    await owner.execute("CREATE TABLE planted (leak bytea)")
    for _ in range(50):  # the write-ahead log cuts some of them at the end of its pages
        await owner.execute("INSERT INTO planted VALUES ($1)", hidden)
    folder = Path(settings.data) / "files"
    folder.mkdir(parents=True)
    (folder / "planted").write_bytes(hidden)
    folders = await kept()
    found = await wait_for(2, lambda: places(canary, *folders))
    assert {"planted", "planted.dump"} < set(found)  # and at least one file of the log


async def test_a_bid_is_readable_nowhere_before_the_opening(
    ines: Bidder, kept: Kept, owner: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    canary = f"canary{os.urandom(8).hex()}"
    price = f"{int.from_bytes(os.urandom(4), 'big')}.{int.from_bytes(os.urandom(2), 'big'):06}"[:18]
    with caplog.at_level(logging.DEBUG):
        await ines.prepare(f"content {canary}".encode() * 1000)
        await ines.upload(f"name {canary}.pdf", b"short", confidential=f"reason {canary}")
        await ines.send(f"{BID}/prices", **prices(price, price, "wrong " + canary))
        await ines.send(f"{BID}/prices", **prices(price, price))
        page = await ines.get(BID)
        assert canary in page.text  # its own browser shows it
        await ines.submit()
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1
    folders = await kept()
    assert len(await wait_for(1, lambda: places("BidReceived", *folders))) > 1  # it looks where bids are
    for secret in (canary, price):
        assert places(secret, *folders) == []
        assert not any(spelling in caplog.text.encode() for spelling in spellings(secret))


async def test_a_wrong_price_is_in_no_error_message_but_the_form_itself(
    ines: Bidder, caplog: pytest.LogCaptureFixture
) -> None:
    await ines.get(BID)
    await ines.send(f"{BID}/start")
    with caplog.at_level(logging.DEBUG):
        answer = await ines.send(f"{BID}/prices", **prices("123456789123456789", ""))
    assert answer.status_code == 422 and answer.text.count("123456789123456789") == 1
    assert "123456789123456789" not in caplog.text and "123456789123456789" not in str(answer.url)
