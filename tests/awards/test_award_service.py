"""Deciding an award with a database: two people, each bidder's letter, holds, disclosure."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from evaluated import Scene

from procurement.awards import service
from procurement.awards.service import Choice
from procurement.infra import sweep
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, Actor

pytestmark = pytest.mark.anyio


async def choice(scene: Scene) -> Choice:
    return Choice((await scene.tender()).lots[0].id)


async def propose(scene: Scene, by: Actor | None = None) -> str:
    async with scene.as_(by or scene.town.olga) as tx:
        return await service.propose(tx, scene.tender_id, await choice(scene), "The best total of two bids.")


async def announce(scene: Scene) -> str:
    await scene.evaluated()
    award = await propose(scene)
    async with scene.as_(scene.town.pia) as tx:
        await service.approve(tx, award)
    return award


async def test_two_people_announce_the_award_of_the_leading_bid(scene: Scene) -> None:
    await announce(scene)
    async with scene.database.begin(NOBODY) as tx:
        found = await service.decision(tx, scene.tender_id)
    assert found
    assert (found.supplier, str(found.price)) == (scene.suppliers["harbour"].organisation, "1250050.00 EUR")
    assert found.announced_at
    assert found.standstill_ends
    assert not found.is_final(found.announced_at)
    assert found.is_final(found.standstill_ends)
    assert (await scene.facts())[-2:] == ["AwardProposed", "AwardAnnounced"]


async def test_nothing_is_awarded_before_the_conclusion(scene: Scene) -> None:
    await scene.appoint()
    assert (
        await scene.refused(scene.town.olga, service.propose, scene.tender_id, await choice(scene), "Now.")
        == "evaluation-open"
    )


@pytest.mark.parametrize(
    ("who", "code"), [("pia", "not-permitted"), ("rosa", "not-permitted"), ("ines", "not-permitted")]
)
async def test_only_the_buyers_officer_proposes(scene: Scene, who: str, code: str) -> None:
    await scene.evaluated()
    actor = getattr(scene.town, who)
    assert await scene.refused(actor, service.propose, scene.tender_id, await choice(scene), "Mine.") == code


async def test_an_evaluator_cannot_propose(scene: Scene) -> None:
    await scene.evaluated()
    given = (scene.tender_id, await choice(scene), "Mine.")
    assert await scene.refused(scene.eva, service.propose, *given) == "not-permitted"


async def test_a_proposal_is_not_public(scene: Scene) -> None:
    await scene.evaluated()
    award = await propose(scene)
    async with scene.database.begin(NOBODY) as tx:
        assert await service.decisions(tx, scene.tender_id) == ()
    assert await scene.refused(NOBODY, service.award, award) == "award-unknown"
    harbour = scene.suppliers["harbour"]
    assert await scene.refused(harbour, service.letter, scene.tender_id, harbour.organisation) == "letter-unknown"


@pytest.mark.parametrize(
    ("who", "code"),
    [("olga", "not-permitted"), ("rosa", "not-permitted"), ("ines", "not-permitted"), ("audun", "not-permitted")],
)
async def test_only_the_buyers_approver_approves(scene: Scene, who: str, code: str) -> None:
    await scene.evaluated()
    award = await propose(scene)
    assert await scene.refused(getattr(scene.town, who), service.approve, award) == code


async def test_one_person_with_both_roles_cannot_do_both_steps(scene: Scene) -> None:
    await scene.evaluated()
    award = await propose(scene, scene.town.omar)
    assert await scene.refused(scene.town.omar, service.approve, award) == "same-person"


async def test_approving_needs_a_fresh_proof_of_identity(scene: Scene) -> None:
    await scene.evaluated()
    award = await propose(scene)
    with pytest.raises(Exception, match="Confirm that it is you"):
        async with scene.database.begin(scene.town.pia) as tx:
            await service.approve(tx, award)


async def test_of_two_approvals_at_once_one_wins(scene: Scene) -> None:
    await scene.evaluated()
    award = await propose(scene)

    async def approve(actor: Actor) -> None:
        async with scene.as_(actor) as tx:
            await service.approve(tx, award)

    attempts = (approve(scene.town.pia), approve(scene.town.omar))
    ends = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(getattr(end, "code", "won") for end in ends) == ["award-decided", "won"]
    assert (await scene.facts()).count("AwardAnnounced") == 1


async def test_of_two_proposals_at_once_one_wins(scene: Scene) -> None:
    await scene.evaluated()
    attempts = (propose(scene), propose(scene, scene.town.otto))
    ends = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(getattr(end, "code", "won") for end in ends) == ["award-proposed", "won"]


async def test_what_was_sent_back_can_be_proposed_again_and_stays_on_record(scene: Scene) -> None:
    await scene.evaluated()
    first = await propose(scene)
    async with scene.as_(scene.town.pia) as tx:
        await service.send_back(tx, first, "Name the criterion that decided.")
    assert await propose(scene) != first
    assert await scene.refused(scene.town.pia, service.approve, first) == "award-unknown"
    assert await scene.owner.fetchval("SELECT count(*) FROM award") == 2


async def test_each_bidder_reads_its_own_letter_and_no_other(scene: Scene) -> None:
    await announce(scene)
    adler, bright = scene.suppliers["adler"], scene.suppliers["brightwater"]
    async with scene.as_(adler) as tx:
        lot = (await service.letter(tx, scene.tender_id, adler.organisation)).lots[0]
    assert not lot.won
    assert lot.reason == "Your bid came in place 2. The best total of two bids."
    assert [(p.name, str(p.points)) for p in lot.own.points] == [("Price", "60.00"), ("Method", "20.00")]
    assert lot.winner
    assert [(p.name, str(p.points)) for p in lot.winner.points] == [("Price", "54.00"), ("Method", "36.00")]
    async with scene.as_(bright) as tx:
        lot = (await service.letter(tx, scene.tender_id, bright.organisation)).lots[0]
    assert "No proof of insurance." in lot.reason
    assert await scene.refused(bright, service.letter, scene.tender_id, adler.organisation) == "not-permitted"
    ines = scene.town.ines
    assert await scene.refused(ines, service.letter, scene.tender_id, ines.organisation) == "letter-unknown"


async def test_an_unsuccessful_tender_ends_with_two_people_too(scene: Scene) -> None:
    await scene.appoint()
    await scene.check("adler", "harbour", "brightwater")
    await scene.lock(scene.eva)
    await scene.lock(scene.evan)
    await scene.conclude()
    award = await propose(scene)
    async with scene.as_(scene.town.pia) as tx:
        ended = await service.approve(tx, award)
    assert (ended.successful, ended.standstill_ends) == (False, None)
    assert (await scene.facts())[-1] == "TenderUnsuccessful"


async def test_a_hold_stops_an_award_until_it_is_lifted(scene: Scene) -> None:
    award = await announce(scene)
    assert await scene.refused(scene.town.olga, service.place_hold, award, "Wait.") == "not-permitted"
    async with scene.as_(scene.town.pia) as tx:
        hold = await service.place_hold(tx, award, "A bidder objects to the scores.")
    await scene.advance(timedelta(days=40))
    async with scene.as_(scene.town.pia) as tx:
        assert not (await service.award(tx, award)).is_final(tx.now)
        await service.lift_hold(tx, award, hold, "The objection was settled.")
        assert (await service.award(tx, award)).is_final(tx.now)
    assert await scene.refused(scene.town.pia, service.place_hold, award, "Once more.") == "award-final"
    assert (await scene.facts())[-2:] == ["AwardHeld", "AwardHoldLifted"]


async def test_the_database_itself_keeps_an_announced_award(scene: Scene) -> None:
    await announce(scene)
    for statement in ("UPDATE award SET price_amount = 1", "DELETE FROM award", "TRUNCATE award CASCADE"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await scene.owner.execute(statement)


async def test_a_cancelled_tender_is_not_awarded(scene: Scene) -> None:
    await scene.evaluated()
    award = await propose(scene)
    await scene.owner.execute(
        "UPDATE tender SET state = 'cancelled', cancelled_at = legal_now(), cancel_reason = 'No money.'"
    )
    assert await scene.refused(scene.town.pia, service.approve, award) == "tender-cancelled"


async def test_the_facts_of_the_evaluation_are_disclosed_at_the_award_and_not_before(
    scene: Scene, database: Database
) -> None:
    await scene.evaluated()
    award = await propose(scene)
    await drain(database)
    query = "SELECT r.type FROM ledger_disclosure d JOIN ledger_record r ON r.id = d.record_id"
    assert await scene.owner.fetch(query) == []
    async with scene.as_(scene.town.pia) as tx:
        await service.approve(tx, award)
    await drain(database)
    shown = {row["type"] for row in await scene.owner.fetch(query)}
    assert shown == {"ComplianceDecided", "EvaluationConcluded"}  # consensus had nothing to settle here


async def drain(database: Database) -> None:
    while await sweep.handle_one(database):
        pass
