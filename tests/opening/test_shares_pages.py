"""The second lock as key holders, officers, bidders and programs see it."""

from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from bids_to_open import seal
from doubling import bidders, facts, kit, lost_bid, released, unreadable
from opening_day import Day
from tendering import SETUP, program, visitor

from procurement.holders import offline
from procurement.identity import service as identity
from procurement.infra import mail
from procurement.infra.mail import Mail
from procurement.infra.outbox import Recorded
from procurement.kernel.actor import Actor, system
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.permissions import Role
from procurement.keyholder import rules
from procurement.notices.jobs.telling import tell_kit
from procurement.notices.service import inbox
from procurement.opening import service
from procurement.opening.rules import KitAsked
from procurement.opening.service import Wanted, lists
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def test_everybody_sees_who_gave_and_each_holder_gives_in_their_own_browser(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    made = await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd")
    here = f"/tenders/{double.tender_id}/opening"
    first, second, third = double.holders
    at_first = await visitor(double.database, client, first.actor)
    before = await at_first.get(f"{here}/shares")
    assert before.status_code == 200 and "Nothing to give yet" in before.text
    officer = await visitor(double.database, client, double.town.olga)
    sealed = (await officer.get(here)).text
    assert "only together with 2 of 3 key holders" in sealed
    await released(double, advance)
    waiting = (await officer.get(here)).text
    assert "2 more key holders have to give their shares." in waiting and "Adler" not in waiting
    assert all(one.office in waiting for one in double.holders)
    page = (await at_first.get(f"{here}/shares")).text
    assert 'data-holder="give"' in page and f'data-wanted="{here}/shares/wanted.json"' in page
    wanted = msgspec.json.decode((await at_first.get(f"{here}/shares/wanted.json")).content, type=Wanted)
    assert not any(who.organisation in page + str(wanted) for who, _ in made.values())
    refused = await at_first.send(f"{here}/shares", shares="nonsense")
    assert refused.status_code == 422 and "Paste everything that the tool printed" in refused.text
    shares = msgspec.json.encode(await double.shares(first)).decode()
    assert (await at_first.send(f"{here}/shares", shares=shares)).status_code == 303
    given = (await at_first.get(f"{here}/shares")).text
    assert "You have given your shares" in given and "One share of the key of each bid" in given
    assert given.index("My device could not read one") < given.index("data-holder"), "the form is put away"
    assert "One more key holder has to give their shares." in (await officer.get(here)).text
    async with double.database.begin(first.actor) as tx:
        assert await lists.shares_awaited(tx, first.id) == {}
        assert double.tender_id in await lists.shares_awaited(tx, third.id)
    await double.give(second)
    await double.sweep()
    assert "2 bids were opened, all together." in (await officer.get(here)).text
    assert "Nothing is asked of you any more" in (await at_first.get(f"{here}/shares")).text


async def test_programs_do_the_same_and_can_check_the_closing_themselves(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    await bidders(double, "Adler Strassenbau")
    here = f"/api/v1/tenders/{double.tender_id}/opening"
    first, second, _ = double.holders
    holder = await program(double.database, client, first.actor)
    early = await holder.get(f"{here}/shares")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-released")
    await released(double, advance)
    wanted = msgspec.json.decode((await holder.get(f"{here}/shares")).content, type=Wanted)
    key = VerifierKey.parse(str(double.ledger.verifier))
    rules.must_be_in_ledger(wanted.closing, key, key.name)
    for _ in range(2):
        given = await holder.post(f"{here}/shares", json={"shares": msgspec.to_builtins(await double.shares(first))})
        assert given.status_code == 200
        assert [one["given_at"] is not None for one in given.json()["members"]] == [True, False, False]
    outsider = await program(double.database, client, double.town.pia)
    assert (await outsider.get(f"{here}/shares")).status_code == 403
    await double.give(second)
    await double.sweep()
    standing = (await client.get(here)).json()
    assert standing["state"] == "shown" and standing["sharing"]["m"] == 2 and standing["shared_at"]


async def test_what_the_page_saves_is_what_the_offline_tool_reads_and_the_page_takes_what_it_prints(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd")
    await released(double, advance)
    here = f"/tenders/{double.tender_id}/opening/shares"
    for one in double.holders[:2]:
        page = await visitor(double.database, client, one.actor)
        saved = msgspec.json.decode((await page.get(f"{here}/wanted.json")).content, type=offline.Wanted)
        printed = offline.shares(one.key, saved, str(double.ledger.verifier), None)
        assert (await page.send(here, shares=msgspec.json.encode(printed).decode())).status_code == 303
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True, True]


async def test_a_bidder_whose_bid_too_few_can_read_brings_its_kit(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    who, bid, digest = await lost_bid(double, advance)
    here = f"/tenders/{double.tender_id}/opening"
    officer, bidder = [await visitor(double.database, client, one) for one in (double.town.olga, who)]
    assert "A bid waits" in (await officer.get(here)).text
    assert "Your bid needs your recovery kit" in (await bidder.get(here)).text
    assert "Your bid needs your recovery kit" not in (await officer.get(here)).text
    wrong = await bidder.send(here, f"{here}/kit", kit="{}")
    assert wrong.status_code == 422 and "The recovery kit cannot be read" in wrong.text
    right = kit(double, who, bid, digest)
    assert (await bidder.send(here, f"{here}/kit", kit=right.decode())).status_code == 303
    assert "Your bid needs your recovery kit" not in (await bidder.get(here)).text
    await double.sweep()
    assert "One bid was opened." in (await officer.get(here)).text


async def test_only_who_may_submit_for_the_bidder_is_told_that_its_bid_waits(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    who, _, _ = await lost_bid(double, advance)
    async with double.database.begin(SETUP) as tx:
        person = await identity.create_person(tx, name="Mia", email="mia@marrow.example")
        await identity.grant(tx, person, who.organisation, Role.MEMBER)
    mia = Actor(person=person, organisation=who.organisation, roles=frozenset({(who.organisation, Role.MEMBER)}))
    elsewhere = msgspec.structs.replace(who, organisation=double.town.harbour)
    for one, told in ((who, True), (mia, False), (elsewhere, False), (double.town.olga, False)):
        async with double.database.begin(one) as tx:
            assert bool((await service.view(tx, double.tender_id)).rescues) is told
    page = (await (await visitor(double.database, client, mia)).get(f"/tenders/{double.tender_id}/opening")).text
    assert "recovery kit" not in page


async def test_the_bidder_of_a_bid_that_the_server_sealed_is_told_that_there_is_no_kit(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    who = await double.bidder("Adler Strassenbau")
    bid = seal(await double.tender(), who.organisation)
    locked = await double.locked_to_all(bid, unreadable(1, 3))
    await double.submit(who, bid, **locked, sealed_by="server")
    await released(double, advance)
    for one in double.holders:
        await double.give(one)
        await double.sweep()
    page = (await (await visitor(double.database, client, who)).get(f"/tenders/{double.tender_id}/opening")).text
    assert "there is no recovery kit of it" in page and "Bring the kit" not in page


async def test_that_bidder_alone_is_written_to_and_only_once(
    double: Day, settings: Settings, advance: "Advance", monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Mail.connect(settings)
    monkeypatch.setattr(mail, "outgoing", lambda: post)
    await bidders(double, "Brightwater Civil Ltd")
    who, _, _ = await lost_bid(double, advance)
    [asked] = await facts(double, "KitAsked")
    fact = msgspec.convert(asked, KitAsked)
    tender = await double.tender()
    async with double.database.begin(SETUP) as tx:
        connection = await tx.session.connection()
        found = await connection.exec_driver_sql("SELECT id FROM ledger_record WHERE type = 'KitAsked'")
        recorded = Recorded(found.scalar_one(), tx.now, tender.ocid, who.organisation, "opening", fact)
    for _ in range(2):
        async with double.database.begin(system("notices")) as tx:
            await tell_kit.run(tx, recorded)
    titles = {}
    for one in (who, double.town.olga):
        async with double.database.begin(one) as tx:
            titles[one.organisation] = [message.title for message in (await inbox.inbox(tx))[0]]
    assert titles[who.organisation] == [f"Please bring the recovery kit of your bid: {tender.title}"]
    assert titles[double.town.olga.organisation] == []
