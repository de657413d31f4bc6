"""A kept page is never other than one made anew, and is given only to whoever reads without an account."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import httpx
import pytest
from evaluated import Scene
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tendering import open_tender, settle_town, visitor
from test_public_pages import many
from test_publishing import award, extend, read_out, sign
from waiting import Work, early_in_a_minute

from procurement.infra.freshness import PUBLISHED, Freshness, changed
from procurement.infra.tx import Database
from procurement.infra.web.shelf import Depends, Kept, Shelf
from procurement.kernel.actor import system
from procurement.kernel.fact import Fact, Visible

pytestmark = pytest.mark.anyio


class SomethingHidden(Fact, frozen=True, kw_only=True):
    """As a bid is recorded before the opening."""

    visible = Visible.AT_OPENING


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What the pool's connections execute; a kept page needs none of them."""
    seen: list[str] = []

    def see(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)


def without_clock(answer: httpx.Response) -> str:
    """A page but for the clock above it, which goes on from minute to minute."""
    return re.sub('<aside class="practice".*?</aside>', "", answer.text, flags=re.DOTALL)


async def anew(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """The page as it is made when a person reloads it with force."""
    return await client.get(path, headers={"Cache-Control": "no-cache"})


async def test_a_page_that_has_not_changed_is_given_again_without_being_made(
    database: Database, client: httpx.AsyncClient, statements: list[str]
) -> None:
    path = f"/tenders/{await open_tender(database, await settle_town(database))}"
    await early_in_a_minute()
    first = await client.get(path)
    statements.clear()
    second = await client.get(path)
    assert (second.content, second.headers["etag"]) == (first.content, first.headers["etag"])
    same = await client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (same.status_code, same.content) == (304, b"")
    assert statements == []
    assert first.headers["cache-control"] == "public, no-cache"
    assert "content-security-policy" in same.headers
    assert (await anew(client, path)).headers["etag"] == first.headers["etag"]
    assert statements


async def test_through_a_whole_procurement_a_kept_page_is_what_would_be_made_anew(
    scene: Scene, work: Work, client: httpx.AsyncClient
) -> None:
    tender, shown = f"/tenders/{scene.tender_id}", set[str]()
    paths = ["/", "/tenders", "/awards", tender, f"{tender}/award", f"/buyers/{scene.town.city}"]

    async def all_are_as_made_anew() -> None:
        for path in paths:
            kept = await client.get(path)
            assert without_clock(kept) == without_clock(await anew(client, path)), path
            shown.add(kept.headers["etag"])

    await work()
    await all_are_as_made_anew()
    await read_out(scene)
    await all_are_as_made_anew()
    made = await award(scene)
    await all_are_as_made_anew()
    await work()
    await all_are_as_made_anew()
    paths.append(f"/contracts/{await sign(scene, made)}")
    await all_are_as_made_anew()
    await work()
    await all_are_as_made_anew()
    await scene.advance(timedelta(days=30))
    await all_are_as_made_anew()
    assert len(shown) > 15


async def test_the_deadline_makes_it_another_page_without_any_entry(
    database: Database, client: httpx.AsyncClient, owner: asyncpg.Connection, scene: Scene
) -> None:
    path = f"/tenders/{await open_tender(database, scene.town)}"
    open_page = await client.get(path)
    assert "Bids close" in open_page.text
    deadline, now = await owner.fetchrow("SELECT deadline, legal_now() FROM tender WHERE id = $1", path.split("/")[-1])
    await scene.advance(deadline - now)
    closed = await client.get(path, headers={"If-None-Match": open_page.headers["etag"]})
    assert closed.status_code == 200
    assert "Bidding closed" in closed.text


async def test_moments_end_a_kept_page_and_past_ones_do_not(database: Database) -> None:
    async with database.begin(system("test")) as tx:
        now = tx.now
    depends = Depends({}, now, now + timedelta(seconds=40))
    depends.on(None, now - timedelta(days=1), now + timedelta(seconds=9), now + timedelta(hours=1))
    assert depends.until == now + timedelta(seconds=9)


async def test_what_is_hidden_leaves_a_page_as_it_was_and_what_is_public_does_not(
    database: Database, client: httpx.AsyncClient, statements: list[str]
) -> None:
    town = await settle_town(database)
    tender = await open_tender(database, town)
    path = f"/tenders/{tender}"
    await client.get(path)
    async with database.begin(system("test")) as tx:
        await tx.record(SomethingHidden(), process=f"ocds-xmarrow-{tender}")
    statements.clear()
    await client.get(path)
    assert statements == []
    await extend(database, town, tender)
    assert "Two public holidays" in (await client.get(path)).text, "why the deadline was moved is public"
    assert statements


async def test_lists_are_made_anew_when_any_notice_changed(
    database: Database, client: httpx.AsyncClient, statements: list[str]
) -> None:
    await many(database, 3)
    assert "Road 4" not in (await client.get("/tenders?status=all")).text
    await many(database, 1, first=4)
    assert "Road 4" in (await client.get("/tenders?status=all")).text


async def test_whoever_is_signed_in_gets_a_page_of_their_own(database: Database, client: httpx.AsyncClient) -> None:
    town = await settle_town(database)
    path = f"/tenders/{await open_tender(database, town)}"
    public = await client.get(path)
    olga = await visitor(database, client, town.olga)
    own = await olga.client.get(path)
    assert "My desk" in own.text
    assert own.headers["cache-control"] == "no-store"
    client.cookies.clear()
    again = await client.get(path, headers={"If-None-Match": public.headers["etag"]})
    assert "My desk" not in public.text + again.text


async def test_who_only_reads_is_given_no_cookie_and_a_page_with_a_form_is_not_kept(client: httpx.AsyncClient) -> None:
    assert "set-cookie" not in (await client.get("/tenders")).headers
    form = await client.get("/sign-in")
    assert "set-cookie" in form.headers
    assert form.headers["cache-control"] == "no-store"


async def test_nobody_is_told_of_a_state_that_was_over_before_they_asked(database: Database) -> None:
    fresh = Freshness(database.engine)
    before = asyncio.create_task(fresh.ask([PUBLISHED]))
    await asyncio.sleep(0)  # its question is under way
    async with database.begin(system("test")) as tx:
        await changed(tx, PUBLISHED)
    after = await fresh.ask([PUBLISHED])
    assert after.versions[PUBLISHED] == 1
    assert (await before).versions[PUBLISHED] <= 1
    together = await asyncio.gather(*(fresh.ask([f"topic {number}"]) for number in range(50)))
    assert len({id(known) for known in together}) == 1
    await fresh.close()


async def test_a_lost_connection_costs_one_page_made_anew(
    database: Database, client: httpx.AsyncClient, owner: asyncpg.Connection, statements: list[str]
) -> None:
    await client.get("/tenders")
    await client.get("/tenders")
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE '%page_version named%' AND pid <> pg_backend_pid()"
    )
    assert (await client.get("/tenders")).status_code == 200
    statements.clear()
    await client.get("/tenders")
    assert statements == []


async def test_the_shelf_makes_room_for_the_newest(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setattr("procurement.infra.web.shelf.ROOM", 1000)
    async with database.begin(system("test")) as tx:
        depends = Depends({}, tx.now, tx.now)
    shelf = Shelf(None, Freshness(database.engine), "session")  # type: ignore[arg-type]  # no page is asked for
    for number in range(10, 40):
        shelf.put((f"/{number}", b""), Kept(depends, b"", [], bytes(87), bytes(10)))
        shelf.put((f"/{number}", b""), Kept(depends, b"", [], bytes(87), bytes(10)))
    assert (len(shelf.pages), shelf.used) == (10, 1000)
    assert ("/39", b"") in shelf.pages
    shelf.put(("/40", b"x" * 800), Kept(depends, b"", [], bytes(87), bytes(10)))
    assert shelf.used <= 1000 and len(shelf.pages) == 2, "a long address takes room, too"
