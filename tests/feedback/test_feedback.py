"""Anybody tells us what is wrong with a page, knows by when an answer comes, and gets it."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tendering import Town, refused, visitor
from waiting import Letters

from procurement.feedback import rules, service
from procurement.feedback.rules import About
from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.retention.service.classes import CLASSES, table

pytestmark = pytest.mark.anyio

WRITTEN = {"about": "barrier", "text": "My screen reader skips the prices.", "where": "/tenders/2026-0418"}


def test_a_barrier_is_answered_sooner_than_a_mistake() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert rules.due(About.BARRIER, now) - now == timedelta(days=3)
    assert rules.due(About.MISTAKE, now) - now == timedelta(days=14)


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(Refused) as no:
        rules.given(About.UNCLEAR, " ", "/\x00", "nobody")
    assert set(no.value.fields) == {"text", "where", "email"}


async def test_a_stranger_is_heard_and_reads_the_answer_without_an_address(
    database: Database, client: httpx.AsyncClient, town: Town, letters: Letters
) -> None:
    stranger, ada = await visitor(database, client, None), await visitor(database, client, town.ada)
    sent = await stranger.send("/feedback", **WRITTEN)
    assert sent.status_code == 303
    theirs = sent.headers["location"]
    assert "answers by" in (await stranger.get(theirs)).text
    told = await letters()
    assert [letter.to for letter in told] == ["operator@marrow.example"]
    assert "My screen reader skips the prices." in told[0].text
    assert "Answer a message about the pages" in (await ada.get("/desk")).text
    answered = await ada.send("/feedback/received", f"{theirs}/answer", text="The prices have headings now.")
    assert answered.status_code == 303
    assert "The prices have headings now." in (await stranger.get(theirs)).text
    assert len(await letters()) == 1, "no address was given, so the answer is not mailed"


async def test_the_answer_is_mailed_to_the_address_given(
    database: Database, client: httpx.AsyncClient, town: Town, letters: Letters
) -> None:
    stranger, ada = await visitor(database, client, None), await visitor(database, client, town.ada)
    theirs = (await stranger.send("/feedback", **WRITTEN, email="Lena@Example.org")).headers["location"]
    await letters()
    await ada.send("/feedback/received", f"{theirs}/answer", text="Mended today.")
    [answer] = [letter for letter in await letters() if letter.to == "lena@example.org"]
    assert "Mended today." in answer.text and theirs in answer.text


async def test_a_message_is_answered_once(database: Database, town: Town) -> None:
    async with database.begin(town.ada) as tx:
        id_ = await service.give(tx, rules.given(About.MISTAKE, "A dead link", "", ""))
        await service.answer(tx, id_, "Mended")
    assert await refused(database, town.abel, lambda tx: service.answer(tx, id_, "Me too")) == "message-answered"
    assert await refused(database, town.ada, lambda tx: service.answer(tx, "none", "Hello")) == "message-unknown"


async def test_answered_messages_come_page_by_page(
    database: Database, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.feedback.service.messages.PAGE", 2)
    for number in range(5):
        async with database.begin(town.ada) as tx:
            id_ = await service.give(tx, rules.given(About.MISTAKE, f"Link {number} is dead", "", ""))
            await service.answer(tx, id_, "Mended")
    found, before = [], ""
    async with database.begin(town.ada) as tx:
        while True:
            messages, before = await service.answered(tx, before)
            found += [one.text for one in messages]
            if not before:
                break
    assert found == [f"Link {number} is dead" for number in (4, 3, 2, 1, 0)]


async def test_one_address_writes_five_times_an_hour(database: Database, client: httpx.AsyncClient, town: Town) -> None:
    stranger = await visitor(database, client, None)
    for _ in range(5):
        assert (await stranger.send("/feedback", **WRITTEN)).status_code == 303
    once_more = await stranger.send("/feedback", **WRITTEN)
    assert once_more.status_code == 429 and int(once_more.headers["retry-after"]) > 3500
    assert "My screen reader skips the prices." in once_more.text, "what was typed is kept"
    async with database.begin(town.ada) as tx:
        assert (await service.waiting(tx)).count == 5


async def test_the_form_knows_the_page_one_came_from(database: Database, client: httpx.AsyncClient) -> None:
    address = str(client.base_url).rstrip("/")
    ours = await client.get("/feedback", headers={"referer": f"{address}/awards?cpv=45"})
    assert 'value="/awards"' in ours.text
    others = await client.get("/feedback", headers={"referer": "https://elsewhere.example/awards"})
    assert "/awards" not in others.text.split('name="where"')[1].split(">")[0]


async def test_messages_end_after_a_year(database: Database, town: Town) -> None:
    async with database.begin(town.ada) as tx:
        old = await service.give(tx, rules.given(About.UNCLEAR, "What is a lot?", "", ""))
        await CLASSES["feedback"].erase(tx, [old])
    assert await refused(database, town.ada, lambda tx: service.message(tx, old)) == "message-unknown"
    assert next(one.days for one in table() if one.name == "feedback") == 365
