"""From facts to releases, notices and sums: through the real services and handlers."""

import json
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from evaluated import Scene
from ocds_data import needs_samples
from ocds_schema import RELEASE, errors
from tendering import SETUP, Keys, Town, open_tender, settle_town
from waiting import Work

from procurement.awards import service as awards
from procurement.awards.rules import Choice
from procurement.contracts import service as contracts
from procurement.infra.search import Question
from procurement.infra.tx import Database
from procurement.opening.rules import BidDisclosed, BidsOpened
from procurement.publication import service
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio


async def releases(owner: asyncpg.Connection) -> list[dict[str, Any]]:
    return [json.loads(row["body"]) for row in await owner.fetch("SELECT body FROM release ORDER BY record_id")]


async def read_out(scene: Scene) -> None:
    """The fact of the opening, as the opening stage records it."""
    tender, suppliers = await scene.tender(), {name: actor.organisation for name, actor in scene.suppliers.items()}
    lots = {lot.id: tender.value for lot in tender.lots}
    bids = [
        BidDisclosed(bid=bid, supplier=suppliers[name], version=1, digest="", lots=lots, problem="")
        for name, bid in scene.bids.items()
    ]
    async with scene.database.begin(SETUP) as tx:
        await tx.record(BidsOpened(tender=tender.id, closing="", root="", bids=bids), process=tender.ocid)


async def award(scene: Scene) -> str:
    """Evaluated, proposed, approved; returns the award's id."""
    await scene.evaluated()
    lot = (await scene.tender()).lots[0].id
    async with scene.as_(scene.town.olga) as tx:
        made = await awards.propose(tx, scene.tender_id, Choice(lot), "The best total of all compliant bids.")
    async with scene.as_(scene.town.pia) as tx:
        await awards.approve(tx, made)
    return made


async def sign(scene: Scene, award_id: str) -> str:
    await scene.advance(timedelta(days=20))
    period = {"starts_on": date(2030, 3, 1), "ends_on": date(2030, 9, 30)}
    async with scene.as_(scene.town.olga) as tx:
        contract = await contracts.draft(tx, scene.files, award_id, **period)
    async with scene.as_(scene.town.pia) as tx:
        digest = (await contracts.contract(tx, contract)).document_sha256
        await contracts.sign_for_buyer(tx, contract, digest)
    async with scene.as_(scene.suppliers["harbour"]) as tx:
        await contracts.sign_for_supplier(tx, contract, digest)
    return contract


async def test_every_step_is_a_release_and_all_of_them_are_valid(
    scene: Scene, work: Work, owner: asyncpg.Connection
) -> None:
    await read_out(scene)
    await sign(scene, await award(scene))
    await work()
    published = await releases(owner)
    assert [one["tag"] for one in published] == [["tender"], ["tenderUpdate"], ["award"], ["contract"]]
    assert len({one["id"] for one in published}) == 4


@needs_samples
async def test_the_releases_of_a_whole_procurement_are_valid(
    scene: Scene, work: Work, owner: asyncpg.Connection
) -> None:
    await read_out(scene)
    await sign(scene, await award(scene))
    await work()
    assert [error for one in await releases(owner) for error in errors(RELEASE, one)] == []


async def test_handling_a_fact_twice_publishes_it_once(scene: Scene, work: Work, owner: asyncpg.Connection) -> None:
    await work()
    before = await releases(owner)
    await owner.execute("UPDATE outbox SET done_at = NULL")
    await work()
    assert await releases(owner) == before


async def test_a_release_cannot_be_changed(scene: Scene, work: Work, owner: asyncpg.Connection) -> None:
    await work()
    for statement in ("UPDATE release SET body = ''", "DELETE FROM release", "TRUNCATE release"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(statement)


async def test_before_the_opening_nothing_tells_of_bids(scene: Scene, work: Work, owner: asyncpg.Connection) -> None:
    await work()
    text = json.dumps(await releases(owner))
    assert not any(bid in text or actor.organisation in text for bid, actor in zip(
        scene.bids.values(), scene.suppliers.values(), strict=True
    ))  # fmt: skip


async def test_the_award_says_who_was_not_compared(scene: Scene, work: Work, owner: asyncpg.Connection) -> None:
    await award(scene)
    await work()
    details = {one["id"]: one["status"] for one in (await releases(owner))[-1]["bids"]["details"]}
    assert {name: details[bid] for name, bid in scene.bids.items()} == {
        "adler": "valid", "harbour": "valid", "brightwater": "disqualified",
    }  # fmt: skip


async def test_a_notice_follows_its_procurement(scene: Scene, work: Work, database: Database) -> None:
    await work()
    assert (await found(database, scene.tender_id)).outcome == ""
    await award(scene)
    await work()
    notice = await found(database, scene.tender_id)
    assert (notice.outcome, notice.suppliers) == ("awarded", ("Harbour Paving",))
    assert notice.award is not None


async def found(database: Database, tender_id: str) -> Any:
    async with database.begin(SETUP) as tx:
        return (await service.notices(tx, [tender_id]))[tender_id]


async def test_an_award_is_added_up_once_however_often_its_notice_is_refreshed(
    scene: Scene, work: Work, owner: asyncpg.Connection
) -> None:
    made = await award(scene)
    await work()
    await sign(scene, made)
    await work()
    row = await owner.fetchrow("SELECT kind, awards, amount, estimate FROM spending WHERE awards <> 0")
    assert tuple(row or ()) == ("works", 1, 125_005_000, 124_000_000)


async def test_a_cancelled_tender_is_published_as_such(
    database: Database, work: Work, owner: asyncpg.Connection
) -> None:
    town = await settle_town(database)
    tender = await open_tender(database, town)
    async with database.begin(town.pia) as tx:
        await tenders.cancel(tx, tender, "The road was washed away.")
    await work()
    last = (await releases(owner))[-1]
    assert (last["tag"], last["tender"]["status"]) == (["tenderCancellation"], "cancelled")
    assert last["tender"]["amendments"][0]["rationale"] == "The road was washed away."
    assert (await found(database, tender)).outcome == "cancelled"


async def test_an_extension_is_an_amendment_and_the_call_keeps_its_first_deadline(
    database: Database, work: Work, owner: asyncpg.Connection
) -> None:
    town = await settle_town(database)
    tender = await open_tender(database, town)
    await extend(database, town, tender)
    await work()
    first, second = await releases(owner)
    assert second["tag"] == ["tenderAmendment"]
    assert first["tender"]["tenderPeriod"]["endDate"] < second["tender"]["tenderPeriod"]["endDate"]


async def extend(database: Database, town: Town, tender: str) -> None:
    async with database.begin(town.olga) as tx:
        later = (await tenders.tender(tx, tender)).deadline
        assert later
        await tenders.propose_extension(
            tx, tender, later + timedelta(days=7), "Two public holidays fall into the period."
        )
    async with database.begin(town.pia) as tx:
        await tenders.approve_extension(tx, Keys(), tender)


async def test_a_closed_tender_is_found_as_closed_although_no_job_ran(
    scene: Scene, work: Work, database: Database
) -> None:
    await work()
    async with database.begin(SETUP) as tx:
        hits, _ = await service.search(tx, Question(statuses=("closed",)))
        assert hits.found == (scene.tender_id,)
        hits, _ = await service.search(tx, Question(statuses=("open",)))
        assert hits.found == ()
