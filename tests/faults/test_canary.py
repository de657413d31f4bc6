"""Before the opening a bid is readable nowhere on the machine, says a scanner that finds what is planted everywhere."""

import asyncio
import base64
import gzip
import re
import secrets
import sqlite3
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
from attacker import superuser
from memory import HOME, ROLES, remembered
from redis import Redis
from republic import address, republic
from scanner import files_of, scan
from whole_service import Up

from procurement.client import Attached
from procurement.client.offline import folder, making, sending
from procurement.client.offline.fetching import fetch
from procurement.client.offline.package import Package
from procurement.kernel.sealing import digest, envelope_bytes
from procurement.tour.acts import DoubleTour, Tour
from procurement.tour.bidding import _price_fields
from procurement.tour.cast import Cast
from procurement.tour.story import OWN, Story

pytestmark = pytest.mark.anyio

BY_PAGES, BY_PROGRAM, UNDECIDED = "Karl Adler", "Vesna Dole", "Mae Kell"  # signatories of three suppliers
ENOUGH = 50  # times that something is planted in the database: its log cuts some of them at the end of a page
PLANTED = "planted"


def hidings(canary: str) -> dict[str, bytes]:
    """The canary as a leak may hide it, by the name that the scanner gives to it."""
    plain = canary.encode()
    return {
        "plain": plain,
        "utf-16-le": canary.encode("utf-16-le"),
        "utf-16-be": canary.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        **{f"base64+{n}": base64.b64encode(b"?" * n + plain + b"!!") for n in range(3)},
        "zip:plain": gzip.compress(b"before " + plain + b" after"),
        "zip:utf-16-le": zlib.compress(canary.encode("utf-16-le")),
    }


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service's processes put what they do not keep."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[Up]:
    with republic(tmp_path_factory, TMPDIR=str(temporary), LOG_LEVEL="debug") as up:
        yield up


@pytest.fixture
async def database(up: Up) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(superuser(up).url("postgres").replace("+asyncpg", ""))
    yield connection
    await connection.close()


class Writing(Cast):
    """Suppliers of one tender. `text` is in every word that they write on pages, `own` in every word that they seal on
    their own machines; the prices and totals of both are kept."""

    def __init__(self, url: str, story: Story = OWN) -> None:
        super().__init__(url, story)
        self.text, self.own = f"canary{secrets.token_hex(8)}", f"mine{secrets.token_hex(8)}"
        self.amounts, self.own_amounts = list[str](), list[str]()

    def write_on_pages(self, name: str) -> None:
        """Everything but the last button, with one mistake on the way."""
        one, bid, price = self.person(name), f"{self.path}/bid", self._secret_price(self.amounts)
        one.get(bid)
        one.post(f"{bid}/start")
        one.get(f"{bid}/declarations")
        ticks = re.findall(r'name="confirmed"[^>]*value="([^"]+)"', one.page)
        one.post(f"{bid}/declarations", {"confirmed": ticks})
        one.get(f"{bid}/prices")
        one.post(f"{bid}/prices", dict.fromkeys(_price_fields(one.page), f"{self.text} each"), status=422)
        one.post(f"{bid}/prices", dict.fromkeys(_price_fields(one.page), price))
        one.get(f"{bid}/documents")
        one.post(
            f"{bid}/documents",
            {"confidential": f"{self.text} is our secret"},
            file=(f"{self.text} by pages.txt", f"{self.text} content\n".encode() * 2000, "text/plain"),
        )
        one.get(f"{bid}/check")
        assert self.text in one.page, "only the bidder's own browser shows it"

    def submit_on_pages(self, name: str) -> None:
        self.person(name).post(f"{self.path}/bid/submit")

    def bid_as_program(self, name: str) -> str:
        """Seal and submit; returns the digest that everybody may know."""
        bids, price = self.program(name).bids, self._secret_price(self.own_amounts)
        method = Attached(f"{self.own}.txt", "text/plain", f"{self.own} method\n".encode() * 2000, f"{self.own} secret")
        sealed = bids.seal(self.tender, {item.id: price for item in self.tender.items}, [method])
        bids.submit(self.id, sealed)
        return digest(envelope_bytes(sealed.envelope))

    def bid_offline(self, name: str, place: Path) -> None:
        """With the tool that seals where no network is."""
        client, price = self.program(name), self._secret_price(self.own_amounts)
        file = fetch(client, self.url, self.id)
        folder.begin(place, file)
        for table, answer in ((folder.PRICES, price), (folder.CONFIRMED, "yes")):
            head, *lines = (place / table).read_text(encoding="utf-8-sig").splitlines()
            (place / table).write_text("\n".join([head, *(f"{line}{answer}" for line in lines)]))
        (place / folder.DOCUMENTS / f"{self.own} offline.txt").write_text(f"{self.own} plan\n" * 2000)
        (place / folder.CONFIDENTIAL).write_text(f"file,reason\n{self.own} offline.txt,{self.own} recipe\n")
        package = place.with_suffix(".zip")
        making.seal(file, folder.read(place, file), package, place.with_suffix(".kit"))
        sealed = Package.open(package)
        sending.upload(client, sealed, lambda *_: None)
        sending.submit(client, sealed)

    def secrets(self) -> dict[str, str]:
        return {"text": self.text, **named("amount", self.amounts), **self.own_secrets()}

    def own_secrets(self) -> dict[str, str]:
        """Of what was sealed before it came to the service."""
        return {"own": self.own, **named("own amount", self.own_amounts)}

    def _secret_price(self, kept: list[str]) -> str:
        """A price that nobody else asks, kept with what it comes to."""
        price = Decimal(secrets.randbelow(9 * 10**9) + 10**9) / 100
        for amount in (price, sum(item.quantity * price for item in self.tender.items)):
            kept += [f"{amount:.2f}", f"{amount * 100:.0f}"]
        return f"{price:.2f}"


class Bids(Writing, Tour):
    """At seal level S1."""

    def call(self) -> None:
        self.draft()
        self.submit_draft()
        self.publish()


class LockedBids(Writing, DoubleTour):
    """At seal level S2."""

    def call(self) -> None:
        self.draft()
        self.make_keys()
        self.choose_holders()
        self.submit_draft()
        self.sign_roster()
        self.publish()


def named(about: str, amounts: Sequence[str]) -> dict[str, str]:
    return {f"{about} {number}": amount for number, amount in enumerate(amounts)}


async def plant(database: asyncpg.Connection, up: Up, temporary: Path, canary: str) -> None:
    """In a table and so in the log and the files of the database, and wherever else a leak could go."""
    await database.execute("CREATE TABLE planted (leak bytea)")
    for hidden in hidings(canary).values():
        await database.executemany("INSERT INTO planted VALUES ($1)", [(hidden,)] * ENOUGH)
    with Redis(unix_socket_path=f"{up.data}/run/valkey.sock") as valkey:
        valkey.rpush(PLANTED, *hidings(canary).values())
    with sqlite3.connect(up.data / "keyholder" / "keyholder.sqlite") as store:
        store.execute("CREATE TABLE planted (leak BLOB)")
        store.executemany("INSERT INTO planted VALUES (?)", [(hidden,) for hidden in hidings(canary).values()])
    store.close()
    (up.data / "mail").mkdir(exist_ok=True)
    for file in (up.data / "log" / "web.log", up.data / "files" / PLANTED, up.data / "mail" / PLANTED,
                 temporary / PLANTED):  # fmt: skip
        with file.open("ab") as open_file:
            open_file.write(b"\n".join(hidings(canary).values()))


async def dumped(database: asyncpg.Connection, up: Up, into: Path) -> Path:
    """`pg_dump`, and every table as binary rows: what is long is compressed in the files, here it is not."""
    for table in await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        await database.copy_from_table(table[0], output=into / f"{table[0]}.rows", format="binary")
    server = superuser(up)
    with (into / "dump.sql").open("wb") as file:
        url = server.url("postgres").replace("+asyncpg", "")
        dumping = await asyncio.create_subprocess_exec(server.bin / "pg_dump", url, stdout=file)
        assert await dumping.wait() == 0
    return into


def places(up: Up, temporary: Path, dump: Path, since: float) -> dict[str, list[Path]]:
    """Every place where something of a bid could lie."""
    cluster, wal = files_of(up.data / "postgres"), files_of(up.data / "postgres" / "pg_wal")
    shared = [path for path in Path(tempfile.gettempdir()).iterdir() if path.is_file()]
    known = {"postgres", "log", "files", "mail", "valkey", "keyholder", "run"}
    return {
        "dump": files_of(dump),
        "wal": wal,
        "database": list(set(cluster) - set(wal)),
        "logs": files_of(up.data / "log"),
        "files": files_of(up.data / "files"),
        "mail": files_of(up.data / "mail"),
        "valkey": files_of(up.data / "valkey"),
        "keyholder": files_of(up.data / "keyholder"),
        "temporary": [*files_of(temporary), *(path for path in shared if path.stat().st_mtime >= since)],
        "rest": [path for path in files_of(up.data) if path.relative_to(up.data).parts[0] not in known],
    }


async def test_bids_are_readable_nowhere_before_the_opening(
    up: Up, database: asyncpg.Connection, temporary: Path, tmp_path: Path
) -> None:
    since, canary = time.time(), f"planted{secrets.token_hex(8)}"
    bids, locked = Bids(address(up)), LockedBids(address(up))
    for one in (bids, locked):
        one.call()
        one.write_on_pages(BY_PAGES)
        one.submit_on_pages(BY_PAGES)
    bids.write_on_pages(UNDECIDED)
    known = bids.bid_as_program(BY_PROGRAM)
    locked.bid_as_program(BY_PROGRAM)
    locked.bid_offline(UNDECIDED, tmp_path / "offline")
    memories = remembered(up, bids.own_secrets() | {f"locked {k}": v for k, v in locked.own_secrets().items()})
    for one in (bids, locked):
        one.close()
    await plant(database, up, temporary, canary)
    await database.execute("CHECKPOINT")
    dump = tmp_path / "dump"
    dump.mkdir()
    looked = places(up, temporary, await dumped(database, up, dump), since)

    assert memories == {role: {HOME} for role in ROLES}, "what was sealed elsewhere was never readable here"
    wanted = bids.secrets() | {f"locked {name}": text for name, text in locked.secrets().items()}
    found = scan(looked, {PLANTED: canary, "known": known, **wanted})

    planted = {(PLANTED, place, how) for place in looked if place != "rest" for how in hidings(canary)}
    assert planted - found == set(), "a scanner that misses what was planted proves nothing"
    assert {("known", place, "plain") for place in ("dump", "wal", "database")} <= found, "it looks where bids are"
    assert {hit for hit in found if hit[0] not in (PLANTED, "known")} == set()
    read = sum(path.stat().st_size for files in looked.values() for path in files if path.exists())
    print(f"{len(planted)} planted canaries found in {read >> 20} MiB; {len(wanted)} secrets of bids found nowhere")
