"""A payer's own pages and programs, from the step in its bid to the money that came back."""

import re

import asyncpg
import httpx
import pytest
from tendering import open_tender, program, visitor
from treasuring import CHANNEL, Treasury, asked_back, pay, sent

from procurement.infra.tx import Database
from procurement.payments import service as payments
from procurement.tenders.service.deposits import release

pytestmark = pytest.mark.anyio


async def test_the_step_of_a_bid_leads_to_the_page_on_which_it_is_paid(
    database: Database, client: httpx.AsyncClient, owner: asyncpg.Connection, treasury: Treasury
) -> None:
    tender = await open_tender(database, treasury.town, deposit="1000")
    ines = await visitor(database, client, treasury.town.ines)
    step = f"/tenders/{tender}/bid/deposit"
    assert "asked; not yet paid" in (await ines.get(step)).text
    first, again = await ines.send(step), await ines.send(step)
    assert first.status_code == again.status_code == 303
    address = first.headers["location"]
    assert address == again.headers["location"]
    assert "is to be paid." in (await ines.get(address)).text
    assert "One payment is asked of you" in (await ines.get("/payments")).text
    charge = address.rpartition("/")[2]
    await pay(database, charge, 40_000)
    assert "has arrived; this is the rest." in (await ines.get(address)).text
    await pay(database, charge, 60_000)
    assert "is with the treasury. Nothing more is to be paid." in (await ines.get(address)).text
    assert re.search(r"asked; paid", (await ines.get(step)).text)
    async with database.begin(CHANNEL) as tx:
        await release(tx, tender, "The tender was cancelled.")
    back = (await ines.get(address)).text
    assert "is on its way back to you." in back
    assert "article 17(3)" in back


async def test_what_was_not_paid_in_time_is_not_asked_any_more(
    database: Database, client: httpx.AsyncClient, owner: asyncpg.Connection, treasury: Treasury
) -> None:
    tender = await open_tender(database, treasury.town, deposit="1000")
    ines = await visitor(database, client, treasury.town.ines)
    address = (await ines.send(f"/tenders/{tender}/bid/deposit")).headers["location"]
    await owner.execute("INSERT INTO sandbox_clock (offset_by, actor) VALUES (interval '31 days', 'test')")
    assert "was not there by the deadline" in (await ines.get(address)).text
    listed = (await ines.get("/payments")).text
    assert "Not paid in time" in listed
    assert "Nothing is to be paid" in listed


async def test_what_a_decision_gave_back_was_not_late(
    database: Database, client: httpx.AsyncClient, owner: asyncpg.Connection, treasury: Treasury
) -> None:
    tender = await open_tender(database, treasury.town, deposit="1000")
    ines = await visitor(database, client, treasury.town.ines)
    address = (await ines.send(f"/tenders/{tender}/bid/deposit")).headers["location"]
    charge = address.rpartition("/")[2]
    await pay(database, charge, 100_000)
    await owner.execute("INSERT INTO sandbox_clock (offset_by, actor) VALUES (interval '31 days', 'test')")
    (refund,) = await asked_back(database, treasury.mary, charge, 100_000)
    await sent(database, refund.id)
    page = (await ines.get(address)).text
    assert "has been returned to you. Nothing more is to be paid." in page
    assert "was not there by the deadline" not in page
    assert "Not paid in time" not in (await ines.get("/payments")).text


async def test_programs_ask_and_read_their_own(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    tender = await open_tender(database, treasury.town, deposit="1000")
    ines = await program(database, client, treasury.town.ines)
    asked = await ines.post(f"/api/v1/tenders/{tender}/bid/deposit")
    assert (asked.status_code, asked.json()["state"]) == (200, "asked")
    charge = asked.json()["id"]
    assert [one["id"] for one in (await ines.get("/api/v1/charges")).json()] == [charge]
    await pay(database, charge, 100_000)
    detail = (await ines.get(f"/api/v1/charges/{charge}")).json()
    assert (detail["charge"]["state"], detail["transfer"]) == ("paid", None)
    assert [(one["kind"], one["money"]["amount"]) for one in detail["movements"]] == [("received", 100_000)]
    async with database.begin(treasury.town.ines) as tx:
        assert (await payments.mine(tx, "deposit", tender)) is not None
