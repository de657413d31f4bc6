"""The town, and three people who hold keys: two of the city, one of an outside institution."""

import pytest
from holding import KeyHolder, confirmed
from tendering import Keys, Town, settle_town

from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.actor import system


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.fixture
async def court(database: Database) -> str:
    """An institution outside the buyer."""
    async with database.begin(system("setup")) as tx:
        return await identity.create_organisation(tx, name="Audit Court", kind="oversight", country="XM")


@pytest.fixture
async def three(database: Database, town: Town, court: str) -> list[KeyHolder]:
    return await confirmed(database, [town.city, town.city, court])
