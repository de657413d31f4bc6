"""Evaluators, bidders, auditors and administrators."""

from datetime import timedelta

import asyncpg
import httpx
import pytest
from evaluated import Advance, Scene
from sitting import desk_of, duties_of
from tendering import MODEL_LAW, SETUP, Keys, Town, open_tender, visitor

from procurement.awards import service as awards
from procurement.awards.service import Choice
from procurement.bids.service import deposits, drafts
from procurement.evaluation import service as evaluation
from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.permissions import Role
from procurement.kernel.sealing import new_identity
from procurement.payments import service as payments
from procurement.rulebooks import service as rulebooks
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio


async def test_an_evaluator_is_led_from_declaration_to_conclusion(scene: Scene) -> None:
    eva, evan, database = scene.eva, scene.evan, scene.database
    assert await duties_of(database, eva) == []
    await scene.appoint(declare=False)
    assert await duties_of(database, eva) == ["interests-to-declare"]
    async with scene.as_(eva) as tx:
        await evaluation.declare(tx, scene.tender_id, conflict=False)
    assert await duties_of(database, eva) == [], "the others have not declared yet"
    async with scene.as_(evan) as tx:
        await evaluation.declare(tx, scene.tender_id, conflict=False)
    [check] = (await desk_of(database, eva)).duties
    assert (check.what, check.count) == ("bids-to-check", 3)
    await scene.check("brightwater")
    assert await duties_of(database, eva) == await duties_of(database, evan) == ["scores-to-give"]
    await scene.lock(eva, adler=5, harbour=9)
    assert await duties_of(database, eva) == [], "the others have not locked theirs yet"
    await scene.lock(evan, adler=6, harbour=9)
    [talk] = (await desk_of(database, eva)).duties
    assert (talk.what, talk.count) == ("scores-to-agree", 1)
    assert await duties_of(database, evan) == [], "only the chair leads to one score"
    bid, criterion = await scene.cell("adler")
    async with scene.as_(eva) as tx:
        await evaluation.agree(tx, scene.tender_id, bid, criterion, score=6, reason="Night shifts are planned.")
    assert await duties_of(database, eva) == ["evaluation-to-conclude"]
    await scene.conclude()
    desk = await desk_of(database, evan)
    assert (desk.duties, desk.running, [moment.what for moment in desk.done]) == ((), (), ["concluded"])


async def test_a_draft_that_is_not_submitted_is_not_missed(database: Database, town: Town) -> None:
    tender = await open_tender(database, town, Keys(single=new_identity()[1]))
    assert [soon.tender for soon in (await desk_of(database, town.ines)).soon] == [tender]
    async with database.begin(town.ines) as tx:
        await drafts.start(tx, tender)
        deadline = (await tenders.tender(tx, tender)).deadline
    desk = await desk_of(database, town.ines)
    [duty] = desk.duties
    assert (duty.what, duty.path, duty.due) == ("bid-not-submitted", f"/tenders/{tender}/bid", deadline)
    assert [(row.own, row.receipt) for row in desk.running] == [("not-submitted", "")]
    assert desk.soon == (), "what one already prepares is not news"


async def test_a_deposit_that_is_not_there_yet_is_a_duty_until_it_is(database: Database, town: Town) -> None:
    tender = await open_tender(database, town, Keys(single=new_identity()[1]), deposit="1000")
    async with database.begin(town.ines) as tx:
        await drafts.start(tx, tender)
    assert await duties_of(database, town.ines) == ["bid-not-submitted"], "it stands among the steps of the draft"
    async with database.begin(town.ines) as tx:
        charge = await deposits.ask(tx, tender)
    [duty] = [one for one in (await desk_of(database, town.ines)).duties if one.what == "deposit-to-pay"]
    assert (duty.path, duty.due) == (f"/payments/{charge.id}", charge.due)
    async with database.begin(system("payments")) as tx:
        told = {"charge": charge.id, "money": charge.amount, "channel": "transfer", "external": "b1", "at": tx.real_now}
        await payments.receive(tx, **told)
    assert await duties_of(database, town.ines) == ["bid-not-submitted"]


async def test_a_missed_deadline_is_said_plainly(database: Database, town: Town, advance: Advance) -> None:
    tender = await open_tender(database, town, Keys(single=new_identity()[1]))
    async with database.begin(town.ines) as tx:
        await drafts.start(tx, tender)
    await advance(timedelta(days=31))
    desk = await desk_of(database, town.ines)
    assert (desk.duties, [moment.what for moment in desk.done]) == ((), ["not-submitted"])


async def test_a_new_version_that_is_not_submitted_leaves_the_bid_standing(
    database: Database, town: Town, owner: asyncpg.Connection
) -> None:
    tender = await open_tender(database, town, Keys(single=new_identity()[1]))
    async with database.begin(town.ines) as tx:
        await drafts.start(tx, tender)
    await owner.execute(
        "INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,"
        " envelope, submitted_by) VALUES ('aaaaaaaaaaaaaaaa', $1, $2, 1, 'single', 1, 'k', '', $3, '', $4)",
        tender, town.harbour, "0" * 64, town.ines.person,
    )  # fmt: skip
    desk = await desk_of(database, town.ines)
    assert [duty.what for duty in desk.duties] == ["replacement-not-submitted"]
    assert [(row.own, row.receipt) for row in desk.running] == [("submitted", "aaaaaaaaaaaaaaaa")]


async def test_a_bidder_reads_the_letter_while_it_may_object(scene: Scene) -> None:
    harbour, adler = scene.suppliers["harbour"], scene.suppliers["adler"]
    [row] = (await desk_of(scene.database, adler)).running
    assert (row.own, row.state, row.receipt) == ("submitted", "evaluation", scene.bids["adler"])
    await scene.evaluated()
    lot = (await scene.tender()).lots[0].id
    async with scene.as_(scene.town.olga) as tx:
        award = await awards.propose(tx, scene.tender_id, Choice(lot), "The best total.")
    assert await duties_of(scene.database, adler) == [], "a proposal is nobody else's business"
    async with scene.as_(scene.town.pia) as tx:
        ends = (await awards.approve(tx, award)).standstill_ends
    for bidder, fate in ((harbour, "won"), (adler, "lost")):
        desk = await desk_of(scene.database, bidder)
        assert [(duty.what, duty.due) for duty in desk.duties] == [("letter-to-read", ends)]
        assert [row.own for row in desk.running] == [fate]
    await scene.advance(timedelta(days=20))
    desk = await desk_of(scene.database, adler)
    assert (desk.duties, [moment.what for moment in desk.done]) == ((), ["letter"])


async def test_a_bidder_is_asked_about_its_own_price_only(scene: Scene, owner: asyncpg.Connection) -> None:
    await scene.appoint()
    await owner.execute(
        "INSERT INTO low_price (tender_id, bid_id, lot, question, asked_by, asked_at, answer, reason)"
        " VALUES ($1, $2, '', 'How?', $3, legal_now(), '', '')",
        scene.tender_id, scene.bids["adler"], scene.eva.person,
    )  # fmt: skip
    assert await duties_of(scene.database, scene.suppliers["adler"]) == ["price-to-explain"]
    assert await duties_of(scene.database, scene.suppliers["harbour"]) == []


async def test_an_auditor_sees_what_was_opened_and_nothing_sealed(scene: Scene) -> None:
    sealed = await open_tender(scene.database, scene.town)
    desk = await desk_of(scene.database, scene.town.audun)
    assert [(row.tender, row.state, row.buyer) for row in desk.running] == [
        (scene.tender_id, "evaluation", scene.town.city)
    ]
    assert desk.duties == () and sealed not in {row.tender for row in desk.running}


async def test_two_administrators_put_a_rulebook_in_force(database: Database, town: Town) -> None:
    async with database.begin(town.ada) as tx:
        text = MODEL_LAW.replace(b"version = 2", b"version = 3", 1)
        rulebook = await rulebooks.load(tx, text)
    assert (await duties_of(database, town.ada)).count("rulebook-to-propose") == 1
    async with database.begin(town.ada) as tx:
        await rulebooks.propose(tx, rulebook.id)
    assert "rulebook-to-activate" not in await duties_of(database, town.ada)
    [duty] = [one for one in (await desk_of(database, town.abel)).duties if one.what == "rulebook-to-activate"]
    assert duty.by == town.ada.person
    async with database.begin(town.abel) as tx:
        await rulebooks.activate(tx, rulebook.id)
    assert "rulebook-to-activate" not in await duties_of(database, town.abel)


async def test_a_desk_says_when_it_shows_not_all(
    database: Database, town: Town, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await visitor(database, client, town.ada)
    assert "There is more than fits here" not in (await ada.get("/desk")).text
    monkeypatch.setattr("procurement.tenders.service.lists.MOST", 1)
    async with database.begin(SETUP) as tx:
        await identity.create_organisation(tx, name="Town of Kell", kind="buyer", country="XM")
    assert "There is more than fits here" in (await ada.get("/desk")).text


async def test_an_administrator_sees_which_buyer_cannot_publish(database: Database, town: Town) -> None:
    assert await duties_of(database, town.ada) == []
    async with database.begin(SETUP) as tx:
        kell = await identity.create_organisation(tx, name="Town of Kell", kind="buyer", country="XM")
        await identity.grant(tx, town.olga.person, kell, Role.OFFICER)
    [duty] = (await desk_of(database, town.ada)).duties
    assert (duty.what, duty.title, duty.path) == ("organisation-to-staff", "Town of Kell", f"/organisations/{kell}")
    async with database.begin(SETUP) as tx:
        await identity.grant(tx, town.pia.person, kell, Role.APPROVER)
    assert await duties_of(database, town.ada) == []
