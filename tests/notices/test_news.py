"""News for followers: each once, as often as they asked, with a way out; digests at their hour."""

from datetime import timedelta
from email import message_from_bytes, policy

import asyncpg
import pytest
from tendering import Town, open_tender, refused
from told import Work, extend, letters, statements

from procurement.infra.mail import Mail
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.notices.service import following, stopping
from procurement.notices.service.mailing import send_waiting
from procurement.notices.service.news import queue_digest

pytestmark = pytest.mark.anyio


async def test_whoever_follows_in_three_ways_is_told_once_and_can_end_it_with_one_click(
    database: Database, town: Town, work: Work, post: Mail
) -> None:
    async with database.begin(town.rosa) as tx:
        await following.follow(tx, "search", "q=resurfacing&sort=newest", "daily")
        await following.follow(tx, "buyer", town.city, "at-once")
    tender = await open_tender(database, town)
    await work()
    [letter] = letters(post)
    assert (letter.to, letter.subject) == ("rosa@marrow.example", "Published: Resurfacing of Harbour Road")
    assert post.mailbox
    raw = (post.mailbox.folder / f"{letter.name}.eml").read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    id_ = message["Message-ID"].strip("<>").partition("@")[0]
    assert f"<http://test/api/v1/unsubscribe/{id_}>".encode() in raw, "folded perhaps, encoded never"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Return-Path"] == f"<bounce-{id_}@test>"
    async with database.begin(town.rosa) as tx:
        [told] = await following.news(tx)
        assert (told.tender, told.what) == (tender, "published")
    async with database.begin(NOBODY) as tx:
        await stopping.stop(tx, id_)
    async with database.begin(town.rosa) as tx:
        assert {one.kind: one.often for one, _ in await following.mine(tx)} == {"search": "daily", "buyer": "off"}


async def test_a_search_that_does_not_find_it_is_not_told(
    database: Database, town: Town, work: Work, post: Mail
) -> None:
    async with database.begin(town.rosa) as tx:
        for query in ("q=ambulances", "q=resurfacing&status=awarded", "q=resurfacing&kind=goods", "least=5000000"):
            await following.follow(tx, "search", query, "at-once")
        same = await following.follow(tx, "search", "kind=works&q=resurfacing", "off")
        again = await following.follow(tx, "search", "q=resurfacing&kind=works&after=x&status=open", "off")
        assert same.id == again.id, "a search has one normal form"
    await open_tender(database, town)
    await work()
    assert letters(post) == []


async def test_a_digest_tells_all_that_came_in_between_in_one_letter(
    database: Database, town: Town, tender: str, work: Work, post: Mail
) -> None:
    async with database.begin(town.ada) as tx:
        await following.follow(tx, "tender", tender, "weekly")
    await extend(database, town, tender)
    await extend(database, town, tender)
    await work()
    async with database.begin(system("notices")) as tx:
        await queue_digest(tx, "daily", tx.now)
        await queue_digest(tx, "weekly", tx.now - timedelta(days=1))
    assert await send_waiting(database, post) == 0
    for _ in range(2):
        async with database.begin(system("notices")) as tx:
            await queue_digest(tx, "weekly", tx.now)
        await send_waiting(database, post)
    [letter] = letters(post)
    assert letter.subject == "2 pieces of news about what you follow"


async def test_ten_thousand_followers_are_a_few_statements(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection, post: Mail
) -> None:
    await owner.execute(
        "INSERT INTO person (id, name, email, fictional, created_at)"
        " SELECT 'p' || n, 'P', 'p' || n || '@marrow.example', true, now() FROM generate_series(1, 10000) n"
    )
    await owner.execute(
        "INSERT INTO follow SELECT 'f' || n, 'p' || n, NULL, 'tender', $1, 'at-once', now()"
        " FROM generate_series(1, 10000) n",
        tender,
    )
    await owner.execute("UPDATE person SET disabled_at = now() WHERE id LIKE 'p%' AND id <> 'p1'")
    await extend(database, town, tender)
    with statements(database) as sent:
        await work_outbox(database)
    assert await owner.fetchval("SELECT count(*) FROM news") == 10_000
    assert await owner.fetchval("SELECT count(*) FROM mail_copy") == 10_000
    assert len(sent) < 120, f"{len(sent)} statements for every handler of the fact together"


async def work_outbox(database: Database) -> None:
    from procurement.infra.sweep import handle_one

    while await handle_one(database):
        pass


async def test_following_is_for_whoever_is_signed_in_and_nobody_sees_it(
    database: Database, town: Town, tender: str
) -> None:
    assert (
        await refused(database, NOBODY, lambda tx: following.follow(tx, "tender", tender, "daily")) == "sign-in-needed"
    )
    assert (
        await refused(database, town.ada, lambda tx: following.follow(tx, "tender", "x", "daily")) == "tender-unknown"
    )
    assert await refused(database, town.ada, lambda tx: following.follow(tx, "buyer", "x", "daily")) == "buyer-unknown"
    assert await refused(database, town.ada, lambda tx: following.follow(tx, "lot", "x", "daily")) == "form-invalid"
    assert await refused(database, town.ada, lambda tx: following.follow(tx, "tender", tender, "x")) == "form-invalid"
    bad = "least=much"
    assert await refused(database, town.ada, lambda tx: following.follow(tx, "search", bad, "daily")) == "form-invalid"
    async with database.begin(town.ada) as tx:
        mine = await following.follow(tx, "tender", tender, "daily")
        assert mine.organisation == town.ada.organisation
    for act in (lambda tx: following.end(tx, mine.id), lambda tx: following.change(tx, mine.id, "off")):
        assert await refused(database, town.rosa, act) == "follow-unknown"
    async with database.begin(town.ada) as tx:
        assert (await following.change(tx, mine.id, "weekly")).often == "weekly"
        await following.end(tx, mine.id)
        assert await following.mine(tx) == []
