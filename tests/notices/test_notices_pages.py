"""The same for people and programs: forms, one click, the desk, and what a page does not do by being looked at."""

import asyncpg
import httpx
import pytest
from tendering import Town, program, visitor
from told import Work, draft, extend, letters

from procurement.infra.mail import Mail
from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio


async def test_following_by_form_and_ending_it_by_one_click_without_an_account(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, work: Work, post: Mail
) -> None:
    stranger = await visitor(database, client, None)
    offered = (await stranger.get(f"/follow?kind=tender&target={tender}")).text
    assert f"/tenders/{tender}/feed.atom" in offered and "/sign-in" in offered
    rosa = await visitor(database, client, town.rosa)
    page = f"/follow?kind=tender&target={tender}"
    wrong = await rosa.send(page, "/follow", kind="tender", target=tender, often="hourly")
    assert wrong.status_code == 422 and "Choose one of: at-once" in wrong.text
    done = await rosa.send(page, "/follow", kind="tender", target=tender, often="at-once")
    assert done.status_code == 303
    assert "Resurfacing of Harbour Road" in (await rosa.get("/following")).text
    await extend(database, town, tender)
    await work()
    [letter] = letters(post)
    link = letter.text.split("/unsubscribe/")[1].split()[0]
    assert (await stranger.get(f"/unsubscribe/{link}")).status_code == 200
    assert 'value="at-once" selected' in (await rosa.get("/following")).text, "a GET ends nothing"
    click = await client.post(f"/api/v1/unsubscribe/{link}", data={"List-Unsubscribe": "One-Click"})
    assert click.status_code == 200
    assert 'value="off" selected' in (await rosa.get("/following")).text
    again = await stranger.send(f"/unsubscribe/{link}")
    assert again.status_code in (200, 201) and "no more" in again.text


async def test_a_message_is_opened_by_a_button_and_not_by_being_looked_at(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    ines = await visitor(database, client, town.ines)
    assert "Read an official message" in (await ines.get("/desk")).text
    message = await owner.fetchval("SELECT id FROM inbox_message")
    assert "Not opened" in (await ines.get("/inbox")).text
    assert "More time was asked for." not in (await ines.get(f"/inbox/{message}")).text
    assert await owner.fetchval("SELECT count(*) FROM inbox_reading") == 0
    assert (await ines.send(f"/inbox/{message}", f"/inbox/{message}/open")).status_code == 303
    shown = (await ines.get(f"/inbox/{message}")).text
    assert "More time was asked for." in shown and "Ines" in shown
    assert "official message" not in (await ines.get("/desk")).text


async def test_programs_follow_and_read_the_inbox_too(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    async with await program(database, client, town.ines) as ours:
        made = await ours.post("/api/v1/following", json={"kind": "buyer", "target": town.city, "often": "weekly"})
        assert made.status_code == 201
        follow = made.json()["id"]
        changed = await ours.patch(f"/api/v1/following/{follow}", json={"often": "off"})
        assert changed.json()["often"] == "off"
        assert [one["id"] for one in (await ours.get("/api/v1/following")).json()["follows"]] == [follow]
        assert (await ours.delete(f"/api/v1/following/{follow}")).status_code == 204
        [message] = (await ours.get("/api/v1/inbox")).json()["messages"]
        assert message["body"] == ""
        opened = await ours.post(f"/api/v1/inbox/{message['id']}/opening")
        assert opened.status_code == 200 and "More time was asked for." in opened.json()["body"]


async def test_an_inbox_of_many_messages_is_read_page_by_page_in_as_many_queries(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "INSERT INTO inbox_message (id, organisation, sender, tender, kind, title, body, link, delivered_at)"
        " SELECT 'm' || lpad(n::text, 3, '0'), $1, $2, $3, 'answer', 'Title ' || n, 'x', '/', now() FROM"
        " generate_series(1, 70) n",
        town.harbour, town.city, tender,
    )  # fmt: skip
    async with await program(database, client, town.ines) as ours:
        seen, before = [], ""
        for size in (30, 30, 10):
            page = (await ours.get(f"/api/v1/inbox?before={before}")).json()
            assert len(page["messages"]) == size
            seen += [one["id"] for one in page["messages"]]
            before = page["next"]
        assert before == "" and len(set(seen)) == 70
        assert (await ours.get("/api/v1/inbox?before=nothing")).status_code == 404
