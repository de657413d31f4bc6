"""The evaluation with a database: who may, what is recorded, what nobody sees too early."""

import asyncio

import asyncpg
import pytest
from evaluated import THREE, Advance, Scene, count, opened

from procurement.evaluation import service
from procurement.evaluation.rules.state import Score
from procurement.infra import documents
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, Actor
from procurement.kernel.permissions import P

pytestmark = pytest.mark.anyio


async def test_an_evaluation_from_appointment_to_result(scene: Scene) -> None:
    result = await scene.evaluated()
    assert [(r.supplier, r.rank, str(r.score)) for r in result.ranking] == [
        (scene.suppliers["harbour"].organisation, 1, "90.00"),  # 60 x 90/100 + 40 x 9/10
        (scene.suppliers["adler"].organisation, 2, "80.00"),  # 60 + 40 x 5/10
        (scene.suppliers["brightwater"].organisation, 0, "0"),
    ]
    assert await scene.facts() == [
        "EvaluatorsAppointed",
        *["ConflictDeclared"] * 2,
        *["ComplianceDecided"] * 3,
        *["ScoresLocked"] * 2,
        "EvaluationConcluded",
    ]


async def test_the_result_reads_back_as_it_was_concluded(scene: Scene) -> None:
    concluded = await scene.evaluated()
    async with scene.as_(scene.town.pia) as tx:
        assert await service.result(tx, scene.tender_id) == concluded
        report = await documents.read(scene.files, await service.report_sha256(tx, scene.tender_id))
    assert report.startswith(b"%PDF")


async def test_before_the_conclusion_there_is_no_result(scene: Scene) -> None:
    await scene.appoint()
    async with scene.as_(scene.town.olga) as tx:
        assert await service.result(tx, scene.tender_id) is None


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("nobody", "sign-in-needed"),
        ("ines", "not-permitted"),  # a supplier
        ("rosa", "not-permitted"),  # another buyer's officer
        ("pia", "not-permitted"),  # the buyer's approver
        ("ada", "not-permitted"),  # an administrator
    ],
)
async def test_only_the_buyers_officer_appoints(scene: Scene, who: str, code: str) -> None:
    actor: Actor = NOBODY if who == "nobody" else getattr(scene.town, who)
    eva = scene.eva.person
    assert await scene.refused(actor, service.appoint, scene.tender_id, [eva], eva) == code
    assert await count(scene.database, "evaluator") == 0


async def test_an_evaluator_of_another_buyer_cannot_be_appointed(scene: Scene) -> None:
    rosa = scene.town.rosa.person
    assert await scene.refused(scene.town.olga, service.appoint, scene.tender_id, [rosa], rosa) == "form-invalid"


async def test_suppliers_and_other_buyers_see_nothing_of_an_evaluation(scene: Scene) -> None:
    await scene.appoint()
    for actor in (scene.suppliers["adler"], scene.town.rosa):
        assert await scene.refused(actor, service.overview, scene.tender_id) == "not-permitted"
        assert await scene.refused(actor, service.committee, scene.tender_id) == "not-permitted"


async def test_an_evaluator_sees_no_bid_before_declaring(scene: Scene) -> None:
    await scene.appoint(declare=False)
    assert await scene.refused(scene.eva, service.overview, scene.tender_id) == "declaration-needed"
    async with scene.as_(scene.eva) as tx:
        await service.declare(tx, scene.tender_id, conflict=True, statement="My brother works for Adler.")
    assert await scene.refused(scene.eva, service.overview, scene.tender_id) == "conflict-declared"


async def test_somebody_not_appointed_sees_no_bid_though_an_evaluator_by_role(scene: Scene) -> None:
    async with scene.as_(scene.town.olga) as tx:
        await service.appoint(tx, scene.tender_id, [scene.eva.person], scene.eva.person)
    assert await scene.refused(scene.evan, service.overview, scene.tender_id) == "not-appointed"


async def test_what_a_conflict_is_stays_out_of_the_record(scene: Scene) -> None:
    await scene.appoint(declare=False)
    async with scene.as_(scene.eva) as tx:
        await service.declare(tx, scene.tender_id, conflict=True, statement="My brother works for Adler.")
    bodies = await scene.owner.fetch("SELECT body FROM ledger_record")
    assert not any(b"brother" in row["body"] for row in bodies)


async def test_who_had_a_conflict_is_replaced_and_not_appointed_again(scene: Scene) -> None:
    await scene.appoint(declare=False)
    async with scene.as_(scene.eva) as tx:
        await service.declare(tx, scene.tender_id, conflict=True, statement="My brother works for Adler.")
    async with scene.as_(scene.town.olga) as tx:
        await service.appoint(tx, scene.tender_id, [scene.evan.person], scene.evan.person)
        seen = await service.committee(tx, scene.tender_id)
    assert [(e.person, e.chair) for e in seen.evaluation.evaluators] == [(scene.evan.person, True)]
    again = [scene.eva.person, scene.evan.person]
    assert await scene.refused(scene.town.olga, service.appoint, scene.tender_id, again, again[1]) == "form-invalid"


async def test_scores_of_others_stay_hidden_until_all_are_locked(scene: Scene) -> None:
    await scene.appoint()
    await scene.check()
    await scene.lock(scene.eva, adler=5, harbour=9, brightwater=7)
    async with scene.as_(scene.evan) as tx:
        assert (await service.overview(tx, scene.tender_id)).evaluation.sheets == {}
    async with scene.as_(scene.town.olga) as tx:
        assert (await service.overview(tx, scene.tender_id)).evaluation.sheets == {}
    await scene.lock(scene.evan, adler=6, harbour=9, brightwater=7)
    async with scene.as_(scene.evan) as tx:
        assert set((await service.overview(tx, scene.tender_id)).evaluation.sheets) == {
            scene.eva.person,
            scene.evan.person,
        }


async def test_an_unfinished_sheet_is_kept_and_is_no_fact(scene: Scene) -> None:
    await scene.appoint()
    await scene.check()
    before = await scene.facts()
    async with scene.as_(scene.eva) as tx:
        await service.save_scores(tx, scene.tender_id, {await scene.cell("adler"): Score(5, "")})
    async with scene.as_(scene.eva) as tx:
        sheet = await service.own_sheet(tx, scene.tender_id)
    assert sheet.score(*(await scene.cell("adler"))) == Score(5, "")
    assert await scene.facts() == before


async def test_the_database_itself_keeps_locked_scores(scene: Scene) -> None:
    await scene.appoint()
    await scene.check()
    await scene.lock(scene.eva, adler=5, harbour=9, brightwater=7)
    for statement in ("UPDATE score SET value = 10", "DELETE FROM score", "TRUNCATE score"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await scene.owner.execute(statement)


async def test_the_chair_leads_to_one_score_with_a_reason(scene: Scene) -> None:
    await scene.appoint()
    await scene.check("brightwater")
    await scene.lock(scene.eva, adler=5, harbour=9)
    await scene.lock(scene.evan, adler=8, harbour=9)
    assert await scene.refused(scene.eva, service.conclude, scene.files, scene.tender_id) == ("evaluation-open")
    bid, criterion = await scene.cell("adler")
    async with scene.as_(scene.eva) as tx:
        await service.agree(tx, scene.tender_id, bid, criterion, score=6, reason="Nights, but no signs.")
    result = await scene.conclude()
    adler = next(r for r in result.ranking if r.bid_id == bid)
    assert [(p.name, str(p.points), p.reason) for p in adler.points if p.kind == "quality"] == [
        ("Method", "24.00", "Nights, but no signs.")
    ]


async def test_the_matrix_says_whether_an_open_score_can_still_matter(scene: Scene) -> None:
    await scene.appoint()
    await scene.check("brightwater")
    await scene.lock(scene.eva, adler=5, harbour=9)
    await scene.lock(scene.evan, adler=8, harbour=9)
    async with scene.as_(scene.eva) as tx:
        matrix = (await service.overview(tx, scene.tender_id)).matrices()[0]
    assert (len(matrix.talks), matrix.agreed, len(matrix.fields)) == (1, 1, 2)
    assert (matrix.leader, matrix.settled) == (scene.bids["harbour"], False)  # 90 against 60 and up to 40 more


async def test_of_two_conclusions_at_once_one_wins(scene: Scene) -> None:
    await scene.appoint()
    await scene.check("adler", "harbour", "brightwater")
    await scene.lock(scene.eva)
    await scene.lock(scene.evan)
    attempts = await asyncio.gather(scene.conclude(), scene.conclude(), return_exceptions=True)
    assert sorted(getattr(a, "code", "won") for a in attempts) == ["evaluation-concluded", "won"]
    assert (await scene.facts()).count("EvaluationConcluded") == 1


async def test_a_low_price_is_asked_about_and_the_bidder_answers(
    database: Database, owner: asyncpg.Connection, advance: Advance, tmp_path: object
) -> None:
    scene = await opened(database, owner, advance, tmp_path, {**THREE, "Lowly Roads": "40.00"})  # type: ignore[arg-type]
    await scene.appoint()
    await scene.check()
    bid, lot = scene.bids["lowly"], (await scene.tender()).lots[0].id
    async with scene.as_(scene.eva) as tx:
        assert (await service.overview(tx, scene.tender_id)).flagged == ((bid, lot),)
        await service.ask(tx, scene.tender_id, bid, lot, "How can you pave for that?")
    lowly, adler = scene.suppliers["lowly"], scene.suppliers["adler"]
    assert await scene.refused(adler, service.explain, scene.tender_id, bid, lot, "Our own quarry.") == "not-permitted"
    async with scene.as_(adler) as tx:
        assert await service.questions_for(tx, scene.tender_id, adler.organisation) == ()
    async with scene.as_(lowly) as tx:
        await service.explain(tx, scene.tender_id, bid, lot, "Our own quarry.")
        asked = await service.questions_for(tx, scene.tender_id, lowly.organisation)
    assert [(a.question, a.answer) for a in asked] == [("How can you pave for that?", "Our own quarry.")]
    async with scene.as_(scene.eva) as tx:
        await service.decide_low_price(tx, scene.tender_id, bid, lot, accepted=True, reason="The quarry is real.")
    assert (await scene.facts())[-3:] == ["LowPriceQuestioned", "LowPriceExplained", "LowPriceDecided"]


async def test_an_evaluators_role_opens_no_bid_outside_of_the_evaluation(scene: Scene) -> None:
    """Else the declaration could be walked around by the pages of the opening."""
    assert not scene.eva.may(P.OPENING_READ, of=scene.town.city)
