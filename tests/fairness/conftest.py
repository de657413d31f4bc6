"""The town with a tender that takes bids for a month, and the keyholder of its opening."""

import pytest
from tendering import Keys, Town, open_tender, settle_town

from procurement.infra.tx import Database


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.fixture
async def tender(database: Database, town: Town, keys: Keys) -> str:
    return await open_tender(database, town, keys)
