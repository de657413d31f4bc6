"""The desk as people and programs meet it, and what it costs."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from evaluated import THREE, Scene
from people import visiting
from sitting import desk_of
from sqlalchemy import text
from tendering import Town, complete_draft, open_tender, program

from procurement.evaluation import service as evaluation
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, Actor

pytestmark = pytest.mark.anyio


async def test_nobody_has_no_desk(client: httpx.AsyncClient, database: Database, town: Town) -> None:
    async with visiting(client, database, NOBODY) as anybody:
        assert (await anybody.get("/desk")).headers["location"] == "/sign-in?next=/desk"
    assert (await client.get("/api/v1/desk")).status_code == 401


async def test_an_officer_reads_what_to_do_and_goes_there(
    client: httpx.AsyncClient, database: Database, town: Town
) -> None:
    async with database.begin(town.olga) as tx:
        draft = await complete_draft(tx)
    async with visiting(client, database, town.olga) as olga:
        page = (await olga.get("/desk")).text
        assert "One thing needs you" in page and "Finish the draft: Resurfacing of Harbour Road" in page
        assert f'href="/tenders/{draft}/draft"' in page
        assert (await olga.get(f"/tenders/{draft}/draft")).status_code == 200


async def test_every_link_of_every_desk_leads_somewhere(
    keyholder: Path, client: httpx.AsyncClient, scene: Scene
) -> None:
    await open_tender(scene.database, scene.town)
    await scene.appoint(declare=False)
    town = scene.town
    people = (town.olga, town.pia, scene.eva, scene.suppliers["adler"], town.ines, town.audun, town.ada)
    for actor in people:
        async with visiting(client, scene.database, actor) as person:
            page = (await person.get("/desk")).text
            main = page[page.index("<main") : page.index("</main>")]
            links = set(re.findall(r'href="(/[^"#]*)"', main))
            for path in sorted(
                link for link in links if not link.startswith("/receipts/")
            ):  # no bid of a scene has one
                answer = await person.client.get(path, follow_redirects=True)
                assert (answer.status_code, "/sign-in" in str(answer.url)) == (200, False), path


async def test_words_of_others_are_escaped(client: httpx.AsyncClient, database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        await complete_draft(tx)
    async with database.begin(Actor(system="test")) as tx:
        await tx.session.execute(text("UPDATE tender SET title = :t"), {"t": "<script>alert(1)</script>"})
    async with visiting(client, database, town.olga) as olga:
        page = (await olga.get("/desk")).text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


async def test_programs_read_the_same_desk(client: httpx.AsyncClient, database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        draft = await complete_draft(tx)
    async with await program(database, client, town.olga) as olga:
        desk = (await olga.get("/api/v1/desk")).json()
    assert [(duty["what"], duty["tender"]) for duty in desk["duties"]] == [("draft-to-finish", draft)]
    assert desk["organisation"] == town.city and desk["roles"] == ["officer"]


async def test_a_desk_costs_the_same_however_much_lies_on_it(scene: Scene, queries: list[str]) -> None:
    """Five tenders instead of one, in every state: not one query more."""
    town = scene.town
    people = (town.olga, town.pia, scene.eva, scene.suppliers["harbour"], town.audun, town.ada)
    await scene.appoint()
    first = [await _cost(scene.database, actor, queries) for actor in people]
    for _ in range(4):
        await _another(scene)
    busy = await desk_of(scene.database, town.olga)
    assert len(busy.duties) + len(busy.running) > 10
    assert [await _cost(scene.database, actor, queries) for actor in people] == first
    assert max(first) < 30


async def _cost(database: Database, actor: Actor, queries: list[str]) -> int:
    queries.clear()
    await desk_of(database, actor)
    return len(queries)


async def _another(scene: Scene) -> None:
    """One more draft, one more open tender, and one more whose bids are opened and evaluated."""
    town, known = scene.town, (scene.tender_id, scene.bids, scene.suppliers)
    async with scene.database.begin(town.olga) as tx:
        await complete_draft(tx)
    await open_tender(scene.database, town)
    scene.tender_id, scene.bids = await open_tender(scene.database, town), {}
    for name, actor in known[2].items():
        await _bid_again(scene, name, actor)
    await scene.advance(timedelta(days=31))
    await scene.open({name.split()[0].lower(): price for name, price in THREE.items()})
    async with scene.as_(town.olga) as tx:
        await evaluation.appoint(tx, scene.tender_id, [scene.eva.person], scene.eva.person)
    scene.tender_id, scene.bids, scene.suppliers = known


async def _bid_again(scene: Scene, name: str, actor: Actor) -> None:
    bid = scene.bids[name] = f"{name:a<8}{scene.tender_id[-4:]}"
    await scene.owner.execute("INSERT INTO bidder VALUES ($1, $2)", scene.tender_id, actor.organisation)
    await scene.owner.execute(
        "INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,"
        " envelope, submitted_by) VALUES ($1, $2, $3, 1, 'single', 1, $1, '', $5, '', $4)",
        bid, scene.tender_id, actor.organisation, actor.person, hashlib.sha256(bid.encode()).hexdigest(),
    )  # fmt: skip
