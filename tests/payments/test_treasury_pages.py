"""The treasury in the browser and for its programs: two people at work, and strangers at the door."""

import re

import httpx
import pytest
from people import visiting
from tendering import program
from treasuring import CHANNEL, Treasury, ask, asked_back, look, pay

from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.payments import service as payments

pytestmark = pytest.mark.anyio

BIG = 6_000_00


async def test_two_treasurers_give_a_large_deposit_back(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    charge = await ask(database, treasury, BIG)
    await pay(database, charge.id, BIG)
    page = f"/treasury/charges/{charge.id}"
    async with visiting(client, database, treasury.mary) as mary, visiting(client, database, treasury.noor) as noor:
        assert "Nothing waits" in (await mary.get("/treasury")).text
        found = await mary.get(f"/treasury/charges?reference={charge.shown_reference.replace(' ', '+').lower()}")
        assert found.headers["location"] == page
        wrong = await mary.send(page, f"{page}/refunds", amount="6000.01", reason="Cancelled.")
        assert wrong.status_code == 422 and "More than is held" in wrong.text and "Cancelled." in wrong.text
        assert (await mary.send(page, f"{page}/refunds", amount="6000", reason="Cancelled.")).status_code == 303
        assert "Another treasurer decides next" in (await mary.get("/treasury")).text
        assert "Decide a refund" in (await noor.get("/desk")).text
        assert "Decide a refund" not in (await mary.get("/desk")).text
        desk = (await noor.get("/treasury")).text
        [refund] = (await _refunds(database, treasury, charge.id)).refunds
        assert f"/treasury/refunds/{refund.id}/approve" in desk
        mine = await mary.send(page, f"/treasury/refunds/{refund.id}/approve")
        assert mine.status_code == 403 and "second person" in mine.text
        assert (await noor.send("/treasury", f"/treasury/refunds/{refund.id}/approve")).headers["location"] == page
        story = (await noor.get(page)).text
    assert re.search(r"Refund of 6\W000\.00\WEUR approved", re.sub("<[^>]*>", "", story))
    assert (await look(database, charge.id)).state == "returning"


async def test_a_deposit_is_kept_by_two_and_refused_by_one(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    page = f"/treasury/charges/{charge.id}"
    async with visiting(client, database, treasury.mary) as mary, visiting(client, database, treasury.noor) as noor:
        typed = {"amount": "100", "reason": "It did not sign."}
        missing = await mary.send(f"{page}/keep", f"{page}/forfeitures", **typed, basis="")
        assert missing.status_code == 422 and "It did not sign." in missing.text
        for _ in range(2):
            await mary.send(f"{page}/keep", f"{page}/forfeitures", **typed, basis="article 17(1)(f)")
            kept = (await _refunds(database, treasury, charge.id)).forfeitures[-1]
            if kept.state == "waiting":
                end = "refuse" if _ == 0 else "approve"
                await noor.send(page, f"/treasury/forfeitures/{kept.id}/{end}", reason="Look again.")
    assert (await look(database, charge.id)).state == "kept"


async def test_money_nobody_knows_is_matched_or_sent_back(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    charge = await ask(database, treasury)
    first, second = [await pay(database, None, 100_00, channel="transfer") for _ in range(2)]
    async with visiting(client, database, treasury.mary) as mary:
        page = f"/treasury/payments/{first.payment}"
        assert (await mary.send(page, f"{page}/match", reference="RF18 5390 0754 7034")).status_code == 422
        assert (await mary.send(page, f"{page}/match", reference=charge.reference)).status_code == 303
        assert (await mary.get(page)).headers["location"] == f"/treasury/charges/{charge.id}"
        page = f"/treasury/payments/{second.payment}"
        assert (await mary.send(page, f"{page}/return", reason="Whose is it?")).status_code == 303
        assert "To be sent" in (await mary.get(page)).text
    assert (await look(database, charge.id)).state == "paid"


async def test_programs_of_the_treasury_do_the_same(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    charge = await ask(database, treasury, BIG)
    await pay(database, charge.id, BIG)
    at = "/api/v1/treasury"
    mary = await program(database, client, treasury.mary)
    story = await mary.get(f"{at}/charges/{charge.id}")
    assert story.json()["charge"]["state"] == "paid" and len(story.json()["books"]) == 2
    assert (await mary.get(f"{at}/charges", params={"reference": charge.reference})).json()["charges"][0][
        "id"
    ] == charge.id
    assert {one["account"]: one["money"]["amount"] for one in (await mary.get(f"{at}/balances")).json()} == {
        "card-balance": BIG, "held": -BIG,
    }  # fmt: skip
    body = {"money": {"amount": BIG, "currency": "EUR"}, "reason": "Cancelled."}
    unproved = await mary.post(f"{at}/charges/{charge.id}/refunds", json=body)
    assert unproved.json()["type"] == "/problems/step-up-needed", "a token alone moves no money"
    [refund] = await asked_back(database, treasury.mary, charge.id, BIG)
    stale = await mary.post(
        f"{at}/refunds/{refund.id}/refusal", json={"reason": "No."}, headers={"if-match": '"an-older-one"'}
    )
    assert stale.status_code == 412
    seen = (await mary.get(f"{at}/refunds/{refund.id}")).headers["etag"]
    done = await mary.post(f"{at}/refunds/{refund.id}/refusal", json={"reason": "No."}, headers={"if-match": seen})
    assert done.json()["state"] == "refused"
    assert (await mary.get(at)).json()["refunds"] == []


async def test_nobody_else_comes_in(database: Database, client: httpx.AsyncClient, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    paid = await pay(database, charge.id, 100_00)
    [refund] = await asked_back(database, treasury.mary, charge.id, 10_00)
    town = treasury.town
    paths = [f"/charges/{charge.id}", f"/payments/{paid.payment}", f"/refunds/{refund.id}", "/charges", "/balances", ""]
    for who in (town.olga, town.pia, town.ada, town.audun, town.ines, treasury.zeno):
        agent = await program(database, client, who)
        async with visiting(client, database, who) as one:
            for path in paths:
                assert (await agent.get(f"/api/v1/treasury{path}")).status_code == 403
            for page in ("/treasury", "/treasury/books", f"/treasury/charges/{charge.id}"):
                answer = await one.get(page)
                assert answer.status_code == 403 and charge.title not in answer.text


async def _refunds(database: Database, treasury: Treasury, charge: str) -> payments.Story:
    async with database.begin(treasury.mary) as tx:
        return await payments.story(tx, charge)


async def test_what_waits_is_told_until_it_is_settled(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00, "pi_1")
    [refund] = await asked_back(database, treasury.mary, charge.id, 40_00)
    async with database.begin(CHANNEL) as tx:
        await payments.refund_failed(tx, refund.id, "Closed.")
        disputed = {"external": "dp_1", "payment": "pi_1", "money": Money(10_00, "EUR"), "reason": "general"}
        await payments.dispute_opened(tx, **disputed, at=tx.real_now)  # type: ignore[arg-type]  # fields by name
    async with database.begin(treasury.noor) as tx:
        waiting = await payments.waiting(tx)
    assert [one.id for one in waiting.failed] == [refund.id] and len(waiting.disputes) == 1
    await asked_back(database, treasury.mary, charge.id, 90_00)
    async with database.begin(CHANNEL) as tx:
        await payments.dispute_closed(tx, external="dp_1", won=True, at=tx.real_now)
    async with database.begin(treasury.noor) as tx:
        assert (await payments.waiting(tx)).nothing
