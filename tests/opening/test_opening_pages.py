"""The opening as people and programs see it: everyone little before, everyone the same at once, then."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
from bids_to_open import seal
from opening_day import Day

from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import sessions, tokens
from procurement.kernel.actor import Actor, system
from procurement.keyholder import totp
from procurement.keyholder.protocol import Opening as Asked
from procurement.opening import service
from procurement.opening.service.steps import OPENER

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


class Visitor:
    """A browser of somebody, or of nobody."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.token = client, ""

    async def get(self, path: str) -> httpx.Response:
        answer = await self.client.get(path)
        if found := re.search(r'name="_token" value="(\w*)"', answer.text):
            self.token = found[1]
        return answer

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.client.post(path, data={"_token": self.token, **fields})


@pytest.fixture
async def visit(day: Day, client: httpx.AsyncClient) -> AsyncIterator[Callable[[Actor | None], Awaitable[Visitor]]]:
    """A browser that is signed in as somebody, who proved it just now."""
    opened: list[httpx.AsyncClient] = []

    async def arrive(actor: Actor | None) -> Visitor:
        one = httpx.AsyncClient(transport=client._transport, base_url=str(client.base_url))
        opened.append(one)
        if actor:
            async with day.database.begin(system("setup")) as tx:
                one.cookies.set(
                    "session", await sessions.open_session(tx, actor.person, "test", proved_by=ProvedBy.PASSKEY)
                )
        return Visitor(one)

    yield arrive
    for one in opened:
        await one.aclose()


Visit = Callable[[Actor | None], Awaitable[Visitor]]


async def test_the_public_is_told_what_must_happen_and_not_how_many_bid(day: Day, visit: Visit) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    page = await (await visit(None)).get(f"/tenders/{day.tender_id}/opening")
    assert page.status_code == 200
    assert "The bids are sealed" in page.text
    assert "Adler" not in page.text
    assert "One bid" not in page.text
    assert "<form" not in page.text


async def test_two_people_open_in_their_browsers_and_everyone_sees_it(day: Day, visit: Visit, advance: Advance) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    here = f"/tenders/{day.tender_id}/opening"
    officer, approver, anyone = await visit(day.town.olga), await visit(day.town.pia), await visit(None)
    assert "Ask for the opening" in (await officer.get(here)).text
    assert "An officer has to ask first" in (await approver.get(here)).text
    asked = await officer.post(f"{here}/request", code=await day.code(day.town.olga))
    assert (asked.status_code, asked.headers["location"]) == (303, here)
    assert "Confirm the opening" in (await approver.get(here)).text
    assert (await approver.post(f"{here}/confirm", code=await day.code(day.town.pia))).status_code == 303
    assert "being opened" in (await anyone.get(here)).text
    await day.sweep()
    shown = (await anyone.get(here)).text
    assert "Adler Strassenbau" in shown
    assert (
        "1,250,050" in shown or "1 250 050" in shown or "1\u202f250\u202f050" in shown or "1\u00a0250\u00a0050" in shown
    )
    assert "offer.pdf" not in shown
    assert "offer.pdf" in (await officer.get(here)).text
    assert (await anyone.get(f"{here}/record")).json()["record"]["type"] == "opening-record/v1"


async def test_a_wrong_code_keeps_the_page_and_says_so_at_the_field(day: Day, visit: Visit, advance: Advance) -> None:
    await day.close_bidding(advance)
    officer = await visit(day.town.olga)
    here = f"/tenders/{day.tender_id}/opening"
    await officer.get(here)
    wrong = f"{(int(await day.code(day.town.olga)) + 1) % 10**6:06}"
    for typed, status, words in ((wrong, 403, "not your key code"), ("12x", 422, "six figures")):
        answer = await officer.post(f"{here}/request", code=typed)
        assert answer.status_code == status
        assert words in answer.text
        assert 'href="#code"' in answer.text


async def test_an_old_proof_of_identity_is_asked_again(
    day: Day, visit: Visit, advance: Advance, owner: asyncpg.Connection
) -> None:
    await day.close_bidding(advance)
    officer = await visit(day.town.olga)
    await owner.execute("UPDATE web_session SET stepped_up_at = stepped_up_at - interval '6 minutes'")
    here = f"/tenders/{day.tender_id}/opening"
    assert f"/account/step-up?next={here}" in (await officer.get(here)).text
    answer = await officer.post(f"{here}/request", code="123456")
    assert answer.headers["location"].startswith("/account/step-up")


async def test_a_keyholder_that_is_down_opens_nothing_and_says_so(
    day: Day, visit: Visit, advance: Advance, keyholder: Path
) -> None:
    await day.close_bidding(advance)
    officer = await visit(day.town.olga)
    here = f"/tenders/{day.tender_id}/opening"
    await officer.get(here)
    os.rename(keyholder, f"{keyholder}.away")
    answer = await officer.post(f"{here}/request", code="123456")
    os.rename(f"{keyholder}.away", keyholder)
    assert answer.status_code == 503
    assert "keyholder does not answer" in answer.text


async def test_documents_are_for_the_buyer_auditors_and_the_bidder_alone(
    day: Day, visit: Visit, advance: Advance
) -> None:
    adler, bright = await day.bidder("Adler Strassenbau"), await day.bidder("Brightwater Civil Ltd")
    bid = await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    address = f"/tenders/{day.tender_id}/opening/bids/{bid}/documents/1"
    assert (await (await visit(day.town.olga)).get(address)).status_code == 409
    await day.open()
    for actor in (day.town.olga, day.town.pia, day.town.audun, adler):
        answer = await (await visit(actor)).get(address)
        assert (answer.status_code, answer.content) == (200, b"We offer asphalt.")
        assert answer.headers["content-disposition"].startswith('attachment; filename="offer.pdf"')
    for actor, status in ((bright, 404), (day.town.rosa, 404), (day.town.ada, 404), (None, 303)):
        assert (await (await visit(actor)).get(address)).status_code == status


async def test_an_officer_sets_up_key_codes_and_sees_the_secret_once(day: Day, visit: Visit) -> None:
    new = await visit(day.town.rosa)
    assert "Show me a secret" in (await new.get("/account/keyholder")).text
    shown = (await new.post("/account/keyholder")).text
    found = re.search(r'<bdi class="mono">([A-Z2-7 ]+)</bdi>', shown)
    assert found
    assert "<svg" in shown
    assert "style=" not in shown
    secret = "".join(found[1].split())
    assert secret not in "".join((await new.get("/account/keyholder")).text.split())
    now = (await day.keyholder.clocks()).real.timestamp()
    assert (
        await new.post("/account/keyholder/confirm", code=totp.code_at(secret, totp.step_at(now)))
    ).status_code == 303
    assert "Your key codes are set up" in (await new.get("/account/keyholder")).text


async def test_bidders_have_no_key_codes(day: Day, visit: Visit) -> None:
    assert (await (await visit(day.town.ines)).get("/account/keyholder")).status_code == 403


async def test_a_made_up_officer_is_shown_the_code_of_the_moment(day: Day, visit: Visit, advance: Advance) -> None:
    await day.close_bidding(advance)
    async with day.database.begin(OPENER) as tx:
        person = day.town.rosa.person
        await service.enrol_fictional(tx, day.keyholder, person)
        await service.enrol_fictional(tx, day.keyholder, person)
    async with day.database.begin(day.town.rosa) as tx:
        code = await service.practice_code(tx)
    assert (await day.keyholder.assert_opening(person, code, Asked(day.tender_id), "a" * 64)) == (person,)
    async with day.database.begin(day.town.olga) as tx:
        assert await service.practice_code(tx) == ""


async def test_programs_do_the_same(day: Day, client: httpx.AsyncClient, advance: Advance) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    here = f"/api/v1/tenders/{day.tender_id}/opening"
    assert (await client.get(here)).json()["state"] == "closed"
    assert (await client.get(f"{here}/record")).json()["type"] == "/problems/not-opened"
    async with day.as_(day.town.pia) as tx:
        bearer = {"Authorization": f"Bearer {await tokens.issue(tx, 'script', 1)}"}
    refused = await client.post(f"{here}/request", json={"code": "123456"}, headers=bearer)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-permitted")
    malformed = await client.post(f"{here}/confirm", json={"code": "12"}, headers=bearer)
    assert malformed.status_code in (400, 422)
    await day.open()
    bids = (await client.get(f"{here}/bids", headers=bearer)).json()
    assert [(bid["supplier"], bid["valid"]) for bid in bids] == [(adler.organisation, True)]
    assert (await client.get(f"{here}/bids")).status_code == 401
    assert msgspec.json.decode((await client.get(f"{here}/record")).content)["record"]["opened"]["bids"]
