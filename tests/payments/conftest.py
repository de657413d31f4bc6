"""The scene of every test of money: a town with its treasury."""

import pytest
from treasuring import Treasury, settle_treasury

from procurement.infra.tx import Database


@pytest.fixture
async def treasury(database: Database) -> Treasury:
    return await settle_treasury(database)
