"""Officers and approvers: one procurement from draft to contract, as it moves from desk to desk."""

from datetime import date, timedelta

import asyncpg
import msgspec
import pytest
from evaluated import Advance, Scene
from sitting import desk_of, duties_of
from tendering import Keys, Town, complete_draft, open_tender, settle_town

from procurement.awards import service as awards
from procurement.awards.service import Choice
from procurement.clarifications import service as clarifications
from procurement.contracts import service as contracts
from procurement.desks.rules import Desk
from procurement.evaluation import service as evaluation
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio


async def test_a_draft_goes_from_the_drafter_to_the_approver_and_back(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        draft = await complete_draft(tx)
    assert await duties_of(database, town.olga) == ["draft-to-finish"]
    assert await duties_of(database, town.pia) == []
    async with database.begin(town.olga) as tx:
        await tenders.submit(tx, Keys(), draft)
    assert await duties_of(database, town.olga) == []
    waiting = await desk_of(database, town.pia)
    assert [(duty.what, duty.by) for duty in waiting.duties] == [("publication-to-approve", town.olga.person)]
    assert [row.state for row in (await desk_of(database, town.olga)).running] == ["approval"]
    async with database.begin(town.pia) as tx:
        await tenders.send_back(tx, draft, "The quantities are missing.")
    [back] = (await desk_of(database, town.olga)).duties
    assert (back.what, back.said) == ("draft-returned", "The quantities are missing.")


async def test_nobody_is_asked_to_approve_their_own_draft(database: Database, town: Town) -> None:
    async with database.begin(town.omar) as tx:  # officer and approver
        draft = await complete_draft(tx)
        await tenders.submit(tx, Keys(), draft)
    assert await duties_of(database, town.omar) == []
    assert await duties_of(database, town.pia) == ["publication-to-approve"]


async def test_an_open_tender_asks_for_answers_and_a_second_person_for_more_time(
    database: Database, town: Town
) -> None:
    tender = await open_tender(database, town)
    async with database.begin(town.ines) as tx:
        await clarifications.ask(tx, tender, "Is night work allowed?")
    async with database.begin(town.olga) as tx:
        found = await tenders.tender(tx, tender)
        assert found.deadline and found.answer_deadline
        await tenders.propose_extension(tx, tender, found.deadline + timedelta(days=7), "The plans were corrected.")
    [question] = (await desk_of(database, town.olga)).duties
    assert (question.what, question.count, question.due) == ("questions-to-answer", 1, found.answer_deadline)
    [extension] = (await desk_of(database, town.pia)).duties
    assert (extension.what, extension.due, extension.by) == (
        "extension-to-approve",
        found.deadline,
        town.olga.person,
    )
    assert await duties_of(database, town.omar) == ["questions-to-answer", "extension-to-approve"]
    assert (await desk_of(database, town.pia)).coming[0].at == found.deadline


async def closed(database: Database, owner: asyncpg.Connection, advance: Advance, bids: int) -> tuple[Town, str]:
    """A tender whose deadline and opening time have passed, with so many sealed bids."""
    town = await settle_town(database)
    tender = await open_tender(database, town)
    await advance(timedelta(days=31))
    await owner.execute("UPDATE tender SET closed_at = legal_now() WHERE id = $1", tender)
    await owner.execute("INSERT INTO bid_closing VALUES ($1, legal_now(), $2, '', 1)", tender, bids)
    return town, tender


async def test_two_people_are_asked_for_the_opening_one_after_the_other(
    database: Database, owner: asyncpg.Connection, advance: Advance
) -> None:
    town, tender = await closed(database, owner, advance, bids=2)
    assert await duties_of(database, town.olga) == ["opening-to-request", "evaluators-to-appoint"]
    assert await duties_of(database, town.pia) == []
    await owner.execute(
        "INSERT INTO opening (tender_id, leaf, requested_by, requested_at) VALUES ($1, $2, $3, legal_now())",
        tender,
        "0" * 64,
        town.omar.person,
    )
    assert await duties_of(database, town.pia) == ["opening-to-confirm"]
    assert "opening-to-confirm" not in await duties_of(database, town.omar), "who asked does not confirm"
    await advance(timedelta(days=1, seconds=1))
    assert await duties_of(database, town.pia) == []
    assert "opening-to-request" in await duties_of(database, town.olga), "after a day it is asked for again"


async def test_without_bids_there_is_nothing_to_open_or_evaluate(
    database: Database, owner: asyncpg.Connection, advance: Advance
) -> None:
    town, _tender = await closed(database, owner, advance, bids=0)
    assert await duties_of(database, town.olga) == ["award-to-propose"]


async def test_from_the_opening_to_the_signed_contract(scene: Scene) -> None:
    town, database, harbour = scene.town, scene.database, scene.suppliers["harbour"]
    assert await duties_of(database, town.olga) == ["evaluators-to-appoint"]
    await scene.evaluated()
    assert await duties_of(database, town.olga) == ["award-to-propose"]
    lot = (await scene.tender()).lots[0].id
    async with scene.as_(town.olga) as tx:
        award = await awards.propose(tx, scene.tender_id, Choice(lot), "The best total.")
    assert (await duties_of(database, town.olga), await duties_of(database, town.pia)) == ([], ["award-to-approve"])
    async with scene.as_(town.pia) as tx:
        await awards.approve(tx, award)
    desk = await desk_of(database, town.olga)
    assert (desk.duties, [row.state for row in desk.running]) == ((), ["standstill"])
    assert "standstill-ends" in {moment.what for moment in desk.coming}
    await scene.advance(timedelta(days=20))
    assert await duties_of(database, town.olga) == ["contract-to-draft"]
    async with scene.as_(town.olga) as tx:
        period = {"starts_on": date(2030, 1, 1), "ends_on": date(2030, 6, 30)}
        contract = await contracts.draft(tx, scene.files, award, **period)
        document = (await contracts.contract(tx, contract)).document_sha256
    assert (await duties_of(database, town.olga), await duties_of(database, town.pia)) == ([], ["contract-to-sign"])
    assert await duties_of(database, harbour) == ["contract-to-sign"]
    async with scene.as_(town.pia) as tx:
        await contracts.sign_for_buyer(tx, contract, document)
    async with scene.as_(harbour) as tx:
        await contracts.sign_for_supplier(tx, contract, document)
    for person in (town.olga, town.pia, harbour):
        assert await duties_of(database, person) == []
    desk = await desk_of(database, town.olga)
    assert desk.running == () and [moment.what for moment in desk.done][:2] == ["signed", "awarded"]


async def test_a_conflict_asks_the_officer_for_somebody_else(scene: Scene) -> None:
    await scene.appoint(declare=False)
    async with scene.as_(scene.eva) as tx:
        await evaluation.declare(tx, scene.tender_id, conflict=True, statement="My brother works there.")
    [duty] = (await desk_of(scene.database, scene.town.olga)).duties
    assert (duty.what, duty.by) == ("evaluator-to-replace", scene.eva.person)
    desk = await desk_of(scene.database, scene.eva)
    assert (desk.duties, desk.running) == ((), ())


async def test_one_buyer_sees_nothing_of_another(scene: Scene) -> None:
    desk = await desk_of(scene.database, scene.town.rosa)
    assert (desk.duties, desk.running, desk.coming, desk.done) == ((), (), (), ())


async def test_the_desk_is_that_of_the_organisation_acted_for(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        await complete_draft(tx)
    both = msgspec.structs.replace(town.olga, roles=town.olga.roles | town.rosa.roles)
    assert await duties_of(database, both) == ["draft-to-finish"]
    assert await duties_of(database, msgspec.structs.replace(both, organisation=town.roads)) == []
    assert await desk_of(database, Actor(person=town.olga.person)) == Desk()
