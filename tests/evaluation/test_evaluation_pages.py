"""The pages of an evaluation, as the people who use them meet them."""

import httpx
import pytest
from evaluated import Scene
from people import visiting

from procurement.kernel.actor import NOBODY

pytestmark = pytest.mark.anyio


async def test_an_evaluation_is_played_through_its_pages(scene: Scene, client: httpx.AsyncClient) -> None:
    here = f"/tenders/{scene.tender_id}/evaluation"
    _bid, method = await scene.cell("adler")
    async with visiting(client, scene.database, scene.town.olga) as olga:
        assert "Nobody is appointed yet" in (await olga.get(here)).text
        people = [scene.eva.person, scene.evan.person]
        sent = await olga.send(f"{here}/appoint", evaluators=people, chair=scene.eva.person)
        assert (sent.status_code, sent.headers["location"]) == (303, here)
    for evaluator in (scene.eva, scene.evan):
        async with visiting(client, scene.database, evaluator) as person:
            assert (await person.get(here)).headers["location"] == f"{here}/declaration"
            await person.send(f"{here}/declaration", conflict="no")
    async with visiting(client, scene.database, scene.evan) as evan:
        for name, bid in scene.bids.items():
            outcome = "fail" if name == "brightwater" else "pass"
            sent = await evan.send(f"{here}/compliance", bid=bid, outcome=outcome, reason="I read it all.")
            assert sent.status_code == 303
    for evaluator, other in ((scene.eva, 5), (scene.evan, 8)):
        sheet = {}
        for name, score in (("adler", other), ("harbour", 9)):
            sheet |= {f"score-{scene.bids[name]}-{method}": score, f"comment-{scene.bids[name]}-{method}": "Nights."}
        async with visiting(client, scene.database, evaluator) as person:
            kept = await person.send(f"{here}/scores", do="save", **sheet)
            assert kept.headers["location"] == f"{here}/scores?saved=true"
            assert "Your sheet is kept" in (await person.get(f"{here}/scores?saved=true")).text
            assert (await person.send(f"{here}/scores", do="lock", **sheet)).headers["location"] == here
    async with visiting(client, scene.database, scene.eva) as eva:
        talk = (await eva.get(here)).text
        assert "1 of 2 scores are agreed." in talk
        assert "One needs a talk" in talk
        agreed = {"bid": scene.bids["adler"], "criterion": method, "score": "6", "reason": "Nights, but no signs."}
        assert (await eva.send(here, f"{here}/consensus", **agreed)).status_code == 303
        assert "Everything is done" in (await eva.get(here)).text
        assert (await eva.send(here, f"{here}/conclude")).status_code == 303
        assert "Harbour Paving leads" in (await eva.get(here)).text
        report = await eva.get(f"{here}/report")
        assert report.content.startswith(b"%PDF")
    for page in ("", "/compliance", "/low-prices", "/scores"):
        async with visiting(client, scene.database, scene.eva) as eva:
            assert (await eva.get(here + page)).status_code == 200, page


async def test_what_was_typed_is_kept_when_a_sheet_is_incomplete(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.appoint()
    await scene.check()
    bid, method = await scene.cell("adler")
    async with visiting(client, scene.database, scene.eva) as eva:
        page = f"/tenders/{scene.tender_id}/evaluation/scores"
        answer = await eva.send(page, do="lock", **{f"score-{bid}-{method}": "11", f"comment-{bid}-{method}": "Fine."})
    assert answer.status_code == 422
    assert "Error:" in answer.text
    assert "Enter a whole number from 0 to 10." in answer.text
    assert "Fine." in answer.text


async def test_a_refused_compliance_decision_stays_on_its_page(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.appoint()
    async with visiting(client, scene.database, scene.eva) as eva:
        page = f"/tenders/{scene.tender_id}/evaluation/compliance"
        answer = await eva.send(page, bid=scene.bids["adler"], outcome="fail", reason="")
    assert answer.status_code == 422
    assert "Say what you checked, or what is missing." in answer.text


@pytest.mark.parametrize("page", ["", "/compliance", "/scores", "/low-prices", "/appoint", "/declaration", "/report"])
async def test_outsiders_get_nothing_of_it(scene: Scene, client: httpx.AsyncClient, page: str) -> None:
    await scene.evaluated()
    address = f"/tenders/{scene.tender_id}/evaluation{page}"
    for actor, status in ((scene.suppliers["adler"], 403), (scene.town.rosa, 403), (NOBODY, 303)):
        async with visiting(client, scene.database, actor) as person:
            assert (await person.get(address)).status_code == status


async def test_the_auditor_reads_a_concluded_evaluation(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.evaluated()
    async with visiting(client, scene.database, scene.town.audun) as audun:
        assert (await audun.get(f"/tenders/{scene.tender_id}/evaluation")).status_code == 200
        assert (await audun.get(f"/tenders/{scene.tender_id}/award/decide")).status_code == 200
