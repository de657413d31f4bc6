"""Drawing up and signing a contract on its pages."""

from datetime import timedelta

import httpx
import pytest
from evaluated import Scene
from people import visiting

from procurement.awards import service as awards
from procurement.awards.service import Choice
from procurement.kernel.actor import NOBODY

pytestmark = pytest.mark.anyio


async def test_a_contract_is_drawn_up_signed_and_public(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.evaluated()
    async with scene.as_(scene.town.olga) as tx:
        award = await awards.propose(tx, scene.tender_id, Choice((await scene.tender()).lots[0].id), "Best total.")
    async with scene.as_(scene.town.pia) as tx:
        await awards.approve(tx, award)
    new, period = f"/contracts/new?award={award}", {"starts_on": "2030-01-01", "ends_on": "2030-06-30"}
    async with visiting(client, scene.database, scene.town.olga) as olga:
        assert "The standstill is still running" in (await olga.get(new)).text
        await olga.get(f"/tenders/{scene.tender_id}/award/decide")
        early = await olga.send("/sign-in", new, **period)
        assert (early.status_code, "The standstill runs until the end of" in early.text) == (409, True)
        await scene.advance(timedelta(days=20))
        assert (await olga.send(new, starts_on="2030-01-01", ends_on="soon")).status_code == 422
        made = await olga.send(new, **period)
        sign = made.headers["location"]
        page = (await olga.get(sign)).text
        assert "never the person who drew the contract up" in page
    contract = sign.split("/")[2]
    document = await scene.owner.fetchval("SELECT document_sha256 FROM contract")
    async with visiting(client, scene.database, NOBODY) as anybody:
        assert (await anybody.get(f"/contracts/{contract}/document")).status_code == 404
    async with visiting(client, scene.database, scene.town.pia) as pia:
        unread = await pia.send(sign, f"{sign}/buyer", document=document)
        assert (unread.status_code, "Tick the box" in unread.text) == (422, True)
        assert (await pia.send(sign, f"{sign}/buyer", document=document, read="yes")).status_code == 303
    async with visiting(client, scene.database, scene.suppliers["harbour"]) as harbour:
        assert (await harbour.send(sign, f"{sign}/supplier", document=document, read="yes")).status_code == 303
        assert "The public page of this contract" in (await harbour.get(sign)).text
    async with visiting(client, scene.database, NOBODY) as anybody:
        assert (await anybody.get(f"/contracts/{contract}/document")).content.startswith(b"%PDF")


async def test_outsiders_neither_draw_up_nor_see_a_draft(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.evaluated()
    for actor in (scene.suppliers["adler"], scene.town.rosa):
        async with visiting(client, scene.database, actor) as person:
            assert (await person.get("/contracts/new?award=aaaaaaaaaaaaaaaa")).status_code in (403, 404)
            assert (await person.get("/contracts/aaaaaaaaaaaaaaaa/sign")).status_code in (403, 404)
