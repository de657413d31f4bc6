"""The town and its keyholder."""

import pytest
from tendering import Keys, Town, settle_town

from procurement.infra.tx import Database


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)
