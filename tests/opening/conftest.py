"""The day of an opening, with the town of every tender test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from holding import confirmed
from opening_day import Day
from tendering import TWO_ENVELOPES, settle_town

from procurement.infra.tx import Database
from procurement.settings import Settings


@pytest.fixture
async def day(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    town = await settle_town(database)
    one = Day(database, keyholder, settings.sequencer_database_url, Path(settings.data), town)
    await one.prepare()
    yield one
    await one.close()


@pytest.fixture
async def double(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    """The same with a double lock: any two of three key holders, one of them of another organisation."""
    town = await settle_town(database)
    one = Day(database, keyholder, settings.sequencer_database_url, Path(settings.data), town)
    await one.prepare(await confirmed(database, [town.city, town.city, town.roads]))
    yield one
    await one.close()


@pytest.fixture
async def two(database: Database, settings: Settings, keyholder: Path) -> AsyncIterator[Day]:
    """The same with a request for proposals, whose bids are two envelopes."""
    town = await settle_town(database, rules=TWO_ENVELOPES)
    one = Day(database, keyholder, settings.sequencer_database_url, Path(settings.data), town)
    await one.prepare(procedure="request-for-proposals")
    yield one
    await one.close()
