"""What a person did is read from the ledger, by that person alone."""

import asyncpg
import httpx
import pytest
from tendering import open_tender, program, settle_town, visitor

from procurement.desks import service
from procurement.desks.service.acts import PAGE
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.fact import Fact, Visible

pytestmark = pytest.mark.anyio


class Stamped(Fact, frozen=True, kw_only=True):
    visible = Visible.NEVER


async def test_one_sees_ones_own_acts_and_nobody_elses(database: Database, client: httpx.AsyncClient) -> None:
    town = await settle_town(database)
    tender = await open_tender(database, town)
    async with database.begin(town.olga) as tx:
        mine = {act.what for act in (await service.acts(tx)).acts}
    async with database.begin(Actor(person="somebody-else")) as tx:
        assert (await service.acts(tx)).acts == ()
    assert "TenderSubmitted" in mine
    assert "TenderPublished" not in mine  # a colleague's
    olga = await visitor(database, client, town.olga)
    page = (await olga.get("/desk/acts")).text
    assert "A draft tender was handed to a second person" in page and f'href="/tenders/{tender}"' in page
    answer = await (await program(database, client, town.olga)).get("/api/v1/desk/acts")
    assert {act["what"] for act in answer.json()["acts"]} >= mine


async def test_acts_come_page_by_page_from_an_index(database: Database, owner: asyncpg.Connection) -> None:
    busy = Actor(person="busy")
    async with database.begin(busy) as tx:
        for _ in range(PAGE + 3):
            await tx.record(Stamped())
    async with database.begin(busy) as tx:
        first = await service.acts(tx)
        assert first.next
        second = await service.acts(tx, first.next)
    assert (len(first.acts), len(second.acts), second.next) == (PAGE, 3, None)
    await owner.execute("SET enable_seqscan = off")
    plan = await owner.fetch(
        "EXPLAIN SELECT id FROM ledger_record WHERE split_part(actor, ' ', 1) = 'person:busy' ORDER BY id DESC LIMIT 51"
    )
    assert any("ledger_record_by_actor" in row[0] for row in plan)


async def test_what_a_deputy_did_is_the_deputys(database: Database) -> None:
    deputy = Actor(person="deputy", behalf=frozenset({"giver"}))
    async with database.begin(deputy) as tx:
        await tx.record(Stamped())
    async with database.begin(deputy) as tx:
        assert [act.what for act in (await service.acts(tx)).acts] == ["Stamped"]
    async with database.begin(Actor(person="giver")) as tx:
        assert (await service.acts(tx)).acts == ()
