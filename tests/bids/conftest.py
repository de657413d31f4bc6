"""A tender open for bids, its bidders, and a file store of the test's own."""

from pathlib import Path

import asyncpg
import pytest
from bidding import Clocks, Market, found_market

from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.settings import Settings


@pytest.fixture
async def market(database: Database, owner: asyncpg.Connection) -> Market:
    return await found_market(database, owner)


@pytest.fixture
def files(settings: Settings) -> Files:
    return Files.connect(settings.files_url, Path(settings.data))


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()
