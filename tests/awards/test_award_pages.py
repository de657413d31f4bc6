"""The pages on which an award is decided, and each bidder's letter."""

import httpx
import pytest
from evaluated import Scene
from people import visiting

from procurement.kernel.actor import NOBODY

pytestmark = pytest.mark.anyio


async def test_an_award_is_decided_on_its_pages_and_each_bidder_reads_its_letter(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    await scene.evaluated()
    here = f"/tenders/{scene.tender_id}/award"
    lot = (await scene.tender()).lots[0].id
    async with visiting(client, scene.database, scene.town.omar) as omar:
        assert "Harbour Paving leads" in (await omar.get(f"{here}/decide")).text
        empty = await omar.send(f"{here}/decide", f"{here}/propose", lot=lot, reason="")
        assert (empty.status_code, "Say why in a few sentences" in empty.text) == (422, True)
        reason = "Best total: works at night cost the city least."
        assert (await omar.send(f"{here}/decide", f"{here}/propose", lot=lot, reason=reason)).status_code == 303
        award = await scene.owner.fetchval("SELECT id FROM award")
        same = await omar.send(f"{here}/decide", f"{here}/{award}/approve")
        assert (same.status_code, "A second person has to confirm" in same.text) == (403, True)
    async with visiting(client, scene.database, scene.town.pia) as pia:
        assert (await pia.send(f"{here}/decide", f"{here}/{award}/approve")).status_code == 303
        assert "Standstill" in (await pia.get(f"{here}/decide")).text
    for name, words in (
        ("harbour", "Your bid is to be awarded"),
        ("adler", "Your bid came in place 2"),
        ("brightwater", "No proof of insurance."),
    ):
        async with visiting(client, scene.database, scene.suppliers[name]) as bidder:
            letter = await bidder.get(f"{here}/letter")
            assert letter.status_code == 200
            assert words in letter.text


async def test_an_award_of_another_tender_is_unknown_at_this_address(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.evaluated()
    async with visiting(client, scene.database, scene.town.pia) as pia:
        here = f"/tenders/{scene.tender_id}/award"
        assert (await pia.send(f"{here}/decide", f"{here}/aaaaaaaaaaaaaaaa/approve")).status_code == 404


async def test_only_the_buyers_people_decide_and_only_bidders_have_letters(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    await scene.evaluated()
    here = f"/tenders/{scene.tender_id}/award"
    for actor, page, status in (
        (scene.suppliers["adler"], "decide", 403),
        (scene.town.rosa, "decide", 403),
        (scene.eva, "decide", 403),
        (NOBODY, "decide", 303),
        (scene.suppliers["adler"], "letter", 404),  # not announced yet
        (scene.town.ines, "letter", 404),  # did not bid
        (scene.town.olga, "letter", 403),
        (NOBODY, "letter", 303),
    ):
        async with visiting(client, scene.database, actor) as person:
            assert (await person.get(f"{here}/{page}")).status_code == status, (actor, page)
