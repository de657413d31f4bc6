"""A hold on a person keeps their account, without telling them why; lifted, it may be closed."""

import msgspec
import pytest
from tendering import SETUP, Town, refused, settle_town

from procurement.identity.service import accounts
from procurement.infra.about_person import rows_about
from procurement.infra.tx import Database
from procurement.retention import service

pytestmark = pytest.mark.anyio


async def test_nobody_closes_an_account_that_a_hold_keeps(database: Database) -> None:
    town: Town = await settle_town(database)
    holds = []
    for actor in (town.audun, town.ada):
        async with database.begin(actor) as tx:
            holds.append(await service.place(tx, "person", town.otto.person, "Case 12/2026 of the court"))
    async with database.begin(SETUP) as tx:
        leaving = msgspec.structs.replace(town.otto, stepped_up_at=tx.real_now)
        assert holds[0] not in str(await rows_about(tx, town.otto.person)), "a hold may not warn whom it concerns"
    for hold in holds:
        assert await refused(database, leaving, accounts.close_account) == "account-kept"
        async with database.begin(town.ada) as tx:
            await service.ask_to_lift(tx, hold, "The case is closed")
        async with database.begin(town.abel) as tx:
            await service.lift(tx, hold)
    async with database.begin(leaving) as tx:
        await accounts.close_account(tx)
