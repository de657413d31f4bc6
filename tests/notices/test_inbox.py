"""The official inbox: everybody at one moment, evidence for who sent it, and nothing that tells who bids."""

from pathlib import Path

import asyncpg
import msgspec
import pytest
from evaluated import THREE, Advance, Scene, opened
from tendering import Town, refused
from told import Work, draft, extend, letters, statements

from procurement.awards import service as awards
from procurement.awards.rules import Choice
from procurement.clarifications import service as clarifications
from procurement.identity.rules import scopes
from procurement.identity.rules.scopes import Scope
from procurement.infra.mail import Mail
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.notices.rules.inbox import Delivered, Kind, root_of
from procurement.notices.service import following, inbox

pytestmark = pytest.mark.anyio


async def test_whoever_prepares_a_bid_or_follows_is_told_of_a_later_deadline_at_the_same_moment(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection, post: Mail
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    async with database.begin(town.rosa) as tx:  # another buyer, who only follows
        await following.follow(tx, "tender", tender, "daily")
    await extend(database, town, tender)
    await work()
    found = {}
    for actor in (town.ines, town.rosa):
        async with database.begin(actor) as tx:
            [found[actor.organisation]], _ = await inbox.inbox(tx)
    assert {one.delivered_at for one in found.values()} == {found[town.harbour].delivered_at}
    assert {one.title for one in found.values()} == {"The deadline moved: Resurfacing of Harbour Road"}
    assert found[town.harbour].body == "", "the words are there for whoever opens it"
    [letter] = letters(post)
    assert letter.to == "ines@marrow.example", "who only follows gets news, as often as asked for"
    assert "Resurfacing" not in letter.subject + letter.text, "mail does not tell for what somebody prepares a bid"


async def test_opening_a_message_notes_who_did_it_first_and_when(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    async with database.begin(town.ines) as tx:
        [waiting], _ = await inbox.inbox(tx)
        assert (await inbox.unread(tx, town.harbour)).count == 1
        opened_one = await inbox.open_message(tx, waiting.id)
        again = await inbox.open_message(tx, waiting.id)
        assert (await inbox.unread(tx, town.harbour)).count == 0
    assert opened_one == again and opened_one.read_by == town.ines.person
    assert "More time was asked for." in opened_one.body
    recorded = await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'NoticeOpened'")
    assert recorded == 0, "before the opening not even a hidden entry may count who is concerned"


async def test_the_ledger_has_one_entry_however_many_are_told(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    await extend(database, town, tender)  # nobody is concerned
    await work()
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    bodies = await owner.fetch("SELECT body, visible FROM ledger_record WHERE type = 'NoticesDelivered' ORDER BY id")
    assert len(bodies) == 2 and {row["visible"] for row in bodies} == {"parties"}
    row = await owner.fetchrow("SELECT id, organisation, title, body FROM inbox_message")
    digest = sha256_hex(canonical({"body": row["body"], "title": row["title"]}))
    root = root_of([Delivered(row["id"], row["organisation"], digest)])
    assert root.encode() in bodies[1]["body"], "the entry commits to what was delivered"


async def test_a_delivered_message_can_be_neither_changed_nor_removed(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    for sql in ("UPDATE inbox_message SET body = ''", "DELETE FROM inbox_message"):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(sql)


async def test_nobody_else_reads_an_inbox_or_learns_who_has_a_draft(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    id_ = await owner.fetchval("SELECT id FROM inbox_message")
    for actor in (town.olga, town.pia, town.audun, town.ada, town.rosa):
        assert await refused(database, actor, lambda tx: inbox.message(tx, id_)) == "message-unknown"
        assert await refused(database, actor, lambda tx: inbox.open_message(tx, id_)) == "message-unknown"
    for actor in (town.olga, town.pia, town.audun):
        assert await refused(database, actor, lambda tx: inbox.evidence(tx, tender)) == "not-opened"
    for actor in (town.audun, town.ada, Actor()):
        assert await refused(database, actor, lambda tx: inbox.inbox(tx)) in ("not-permitted", "sign-in-needed")
    async with database.begin(town.olga) as tx:
        assert await inbox.inbox(tx) == ([], "")


async def test_whoever_asked_is_told_of_the_answer_and_the_buyer_of_the_question(
    database: Database, town: Town, tender: str, work: Work
) -> None:
    async with database.begin(town.ines) as tx:
        question = await clarifications.ask(tx, tender, "May the asphalt be warm-mix?")
    await work()
    async with database.begin(town.olga) as tx:
        [told], _ = await inbox.inbox(tx)
        assert told.kind is Kind.QUESTION and told.sender == ""
        await clarifications.answer(tx, tender, question, "May the asphalt be warm-mix?", "Yes.")
    await work()
    async with database.begin(town.ines) as tx:
        [answer], _ = await inbox.inbox(tx)
    assert answer.kind is Kind.ANSWER and answer.sender == town.city


async def test_each_bidder_gets_its_own_reasons_and_the_buyer_sees_when_they_were_delivered_and_opened(
    database: Database, owner: asyncpg.Connection, advance: Advance, work: Work, tmp_path: Path
) -> None:
    scene = await decided(database, owner, advance, tmp_path)
    town = scene.town
    await work()
    texts = {}
    for name, actor in scene.suppliers.items():
        async with database.begin(actor) as tx:
            found, _ = await inbox.inbox(tx)
            [letter] = [one for one in found if one.kind is Kind.AWARD]
            texts[name] = (await inbox.open_message(tx, letter.id)).body
    assert len(set(texts.values())) == len(texts), "each reads its own reasons"
    assert all("You may object until" in one for one in texts.values())
    async with database.begin(town.olga) as tx:
        proved = [one for one in await inbox.evidence(tx, scene.tender_id) if one.kind is Kind.AWARD]
    assert {one.organisation for one in proved} == {actor.organisation for actor in scene.suppliers.values()}
    assert all(one.read_at and one.read_at >= one.delivered_at for one in proved)
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'NoticeOpened'") == len(proved)
    assert await refused(database, town.rosa, lambda tx: inbox.evidence(tx, scene.tender_id)) == "not-permitted"


async def decided(database: Database, owner: asyncpg.Connection, advance: Advance, data: Path) -> Scene:
    """A tender with an announced award."""
    scene = await opened(database, owner, advance, data, THREE)
    await scene.evaluated()
    async with scene.as_(scene.town.olga) as tx:
        award = await awards.propose(tx, scene.tender_id, Choice(lot=await only_lot(scene)), "It leads the ranking.")
    async with scene.as_(scene.town.pia) as tx:
        await awards.approve(tx, award)
    return scene


async def only_lot(scene: Scene) -> str:
    return (await scene.tender()).lots[0].id


async def test_two_thousand_organisations_are_told_in_as_many_statements_as_one(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    counts = []
    for first, last in ((1, 1), (2, 2000)):
        await owner.execute(
            "INSERT INTO organisation (id, name, kind, identifier_scheme, identifier, country, created_at)"
            " SELECT 'o' || n, 'O' || n, 'supplier', '', '', 'XM', now() FROM generate_series($1::int, $2) n",
            first, last,
        )  # fmt: skip
        await owner.execute(
            "INSERT INTO bidder SELECT $1, 'o' || n FROM generate_series($2::int, $3) n", tender, first, last
        )
        await extend(database, town, tender)
        with statements(database) as sent:
            await work()
        counts.append(len(sent))
    assert await owner.fetchval("SELECT count(*) FROM inbox_message") == 2001
    assert counts[1] <= counts[0] + 2
    assert await owner.fetchval("SELECT count(DISTINCT delivered_at) FROM inbox_message") == 2


async def test_a_program_that_may_only_read_sees_what_came_and_opens_nothing(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    reader = msgspec.structs.replace(town.ines, limit=scopes.limit([Scope.READ]))
    opener = msgspec.structs.replace(town.ines, limit=scopes.limit([Scope.OPEN_MESSAGES]))
    async with database.begin(reader) as tx:
        [waiting], _ = await inbox.inbox(tx)
        assert waiting.title and not waiting.body and waiting.read_at is None
    assert await refused(database, reader, lambda tx: inbox.open_message(tx, waiting.id)) == "not-permitted"
    async with database.begin(opener) as tx:
        assert (await inbox.open_message(tx, waiting.id)).body
