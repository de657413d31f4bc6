"""The day of an opening, with the town of every tender test."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from bids_to_open import seal
from holding import confirmed
from opening_day import Day
from rewinding import Machine
from tendering import TWO_ENVELOPES, Visitor, settle_town

from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import sessions
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor, system
from procurement.settings import Settings

Visit = Callable[[Actor | None], Awaitable[Visitor]]
KERBS = ("Kerbs of Harbour Road",)


@asynccontextmanager
async def a_day(
    database: Database,
    settings: Settings,
    keyholder: Path,
    *,
    envelopes: int = 1,
    held: bool = False,
    more_lots: Sequence[str] = (),
) -> AsyncIterator[Day]:
    """The day of a tender with so many envelopes; `held` by a double lock: any two of three key holders, one of them of
    another organisation."""
    apart = envelopes == 2
    town = await (settle_town(database, rules=TWO_ENVELOPES) if apart else settle_town(database))
    one = Day(database, keyholder, settings.sequencer_database_url, Path(settings.data), town)
    keys = await confirmed(database, [town.city, town.city, town.roads]) if held else ()
    await one.prepare(keys, procedure="request-for-proposals" if apart else "", more_lots=more_lots)
    yield one
    await one.close()


@pytest.fixture
async def day(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    async with a_day(database, settings, keyholder) as one:
        yield one


@pytest.fixture
async def double(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    """The same with a double lock."""
    async with a_day(database, settings, keyholder, held=True) as one:
        yield one


@pytest.fixture
async def two(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    """The same with a request for proposals, whose bids are two envelopes."""
    async with a_day(database, settings, keyholder, envelopes=2) as one:
        yield one


@pytest.fixture
async def double_two(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    """A request for proposals with a double lock."""
    async with a_day(database, settings, keyholder, envelopes=2, held=True) as one:
        yield one


@pytest.fixture
async def lots(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    """A request for proposals with two lots, whose prices are sealed apart."""
    async with a_day(database, settings, keyholder, envelopes=2, more_lots=KERBS) as one:
        yield one


@pytest.fixture
async def double_lots(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    """The same with a double lock."""
    async with a_day(database, settings, keyholder, envelopes=2, held=True, more_lots=KERBS) as one:
        yield one


@pytest.fixture
async def visit(
    database: Database, client: httpx.AsyncClient
) -> AsyncIterator[Callable[[Actor | None], Awaitable[Visitor]]]:
    """A browser of somebody who proved who they are just now, or of nobody."""
    opened: list[httpx.AsyncClient] = []

    async def arrive(actor: Actor | None) -> Visitor:
        session = ""
        if actor:
            async with database.begin(system("setup")) as tx:
                session = await sessions.open_session(tx, actor.person, "test", proved_by=ProvedBy.PASSKEY)
        opened.append(httpx.AsyncClient(transport=client._transport, base_url=str(client.base_url)))
        return Visitor(opened[-1], session)

    yield arrive
    for one in opened:
        await one.aclose()


@pytest.fixture
def machine() -> Iterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="keyholder-"))
    one = Machine(folder)
    yield one
    one.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def rewound(database: Database, settings: Settings, machine: Machine) -> AsyncIterator[Day]:
    machine.start()
    one = Day(
        database, machine.socket, settings.sequencer_database_url, Path(settings.data), await settle_town(database)
    )
    await one.prepare()
    adler = await one.bidder("Adler Strassenbau")
    await one.submit(adler, seal(await one.tender(), adler.organisation))
    yield one
    await one.close()
