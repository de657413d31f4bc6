"""Evaluation, award and contract by programs: the same services, with bearer tokens."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from evaluated import Scene

from procurement.awards import service as awards
from procurement.identity.service import tokens
from procurement.kernel.actor import Actor

pytestmark = pytest.mark.anyio


class Program:
    """A program of one person."""

    def __init__(self, client: httpx.AsyncClient, token: str, base: str) -> None:
        self.client, self.base = client, base
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str) -> Any:
        answer = await self.client.get(self.base + path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: object = None, status: int = 204) -> Any:
        answer = await self.client.post(self.base + path, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


async def program(scene: Scene, client: httpx.AsyncClient, actor: Actor) -> Program:
    async with scene.as_(actor) as tx:
        token = await tokens.issue(tx, "test", 1)
    return Program(client, token, f"/api/v1/tenders/{scene.tender_id}")


async def test_programs_play_evaluation_award_and_contract(scene: Scene, client: httpx.AsyncClient) -> None:
    olga, eva, evan = [await program(scene, client, who) for who in (scene.town.olga, scene.eva, scene.evan)]
    people = [scene.eva.person, scene.evan.person]
    await olga.post("/evaluation/evaluators", {"evaluators": people, "chair": scene.eva.person})
    for one in (eva, evan):
        await one.post("/evaluation/declaration", {"conflict": False})
    for name, bid in scene.bids.items():
        passed = name != "brightwater"
        await eva.post("/evaluation/compliance", {"bid": bid, "compliant": passed, "reason": "Read."})
    for one, adler in ((eva, 5), (evan, 7)):
        sheet = []
        for name, score in (("adler", adler), ("harbour", 9)):
            bid, criterion = await scene.cell(name)
            sheet.append({"bid": bid, "criterion": criterion, "score": score, "comment": "Nights."})
        await one.post("/evaluation/scores", {"scores": sheet, "lock": True})
    state = await eva.get("/evaluation")
    assert (state["open"]["consensus"], len(state["bids"])) == (1, 3)
    bid, criterion = await scene.cell("adler")
    await eva.post("/evaluation/consensus", {"bid": bid, "criterion": criterion, "score": 6, "reason": "Few signs."})
    ranking = (await eva.post("/evaluation/conclusion", status=200))["ranking"]
    assert [line["rank"] for line in ranking] == [1, 2, 0]
    lot = (await scene.tender()).lots[0].id
    made = (await olga.post("/award/proposals", {"lot": lot, "reason": "Best total."}, status=201))["id"]
    assert [one["id"] for one in await olga.get("/award/proposals")] == [made]
    async with scene.as_(scene.town.pia) as tx:
        await awards.approve(tx, made)
    (award,) = await Program(client, "", olga.base).get("/award")
    assert (award["supplier"], award["final"]) == (scene.suppliers["harbour"].organisation, False)
    letter = (await (await program(scene, client, scene.suppliers["adler"])).get("/award/letter"))[0]
    assert (letter["won"], [p["name"] for p in letter["own"]]) == (False, ["Price", "Method"])
    await scene.advance(timedelta(days=20))
    olga.base = "/api/v1"
    body = {"award": made, "starts_on": "2030-01-01", "ends_on": "2030-06-30"}
    contract = await olga.post("/contracts", body, status=201)
    assert (contract["value"]["amount"], contract["signed_at"]) == (125005000, None)


async def test_a_token_alone_is_no_fresh_proof_of_identity(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.evaluated()
    olga, pia = await program(scene, client, scene.town.olga), await program(scene, client, scene.town.pia)
    lot = (await scene.tender()).lots[0].id
    made = (await olga.post("/award/proposals", {"lot": lot, "reason": "Best total."}, status=201))["id"]
    refusal = await pia.post(f"/award/{made}/approval", status=403)
    assert refusal["type"] == "/problems/step-up-needed"
    await scene.owner.execute("UPDATE person SET fictional = true WHERE id = $1", scene.town.pia.person)  # no password
    pia.base, tender = "/api/v1", pia.base
    await pia.post("/me/step-up", {}, status=200)
    pia.base = tender
    assert (await pia.post(f"/award/{made}/approval", status=200))["announced_at"]


@pytest.mark.parametrize(
    ("path", "body", "status", "problem"),
    [
        ("/evaluation/compliance", {"bid": "b", "compliant": True, "reason": "Read."}, 403, "not-appointed"),
        ("/evaluation/compliance", {"bid": "b"}, 400, "form-invalid"),
        ("/evaluation/conclusion", None, 409, "evaluators-missing"),
        ("/evaluation/scores", {"scores": [], "lock": True, "more": 1}, 400, "form-invalid"),
        ("/evaluation/evaluators", {"evaluators": [], "chair": ""}, 403, "not-permitted"),
    ],
)
async def test_refusals_are_problem_documents(
    scene: Scene, client: httpx.AsyncClient, path: str, body: object, status: int, problem: str
) -> None:
    eva = await program(scene, client, scene.eva)
    assert (await eva.post(path, body, status=status))["type"] == f"/problems/{problem}"
