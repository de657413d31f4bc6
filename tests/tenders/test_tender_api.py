"""Tenders for programs: one document makes a draft, the same people take the same steps."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from tendering import NEXT_YEAR, Town, open_tender, program

from procurement.app import Parts
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.refusal import Refused
from procurement.tenders import service

pytestmark = pytest.mark.anyio
PDF = b"%PDF-1.7\n" + b"x" * 1000


def document(**changed: Any) -> dict[str, Any]:
    """A complete draft, with some fields changed."""
    item = {"description": "Asphalt, laid", "classification_id": "45233222-1", "quantity": "12500.5", "unit": "m2"}
    return {
        "title": "Resurfacing of Harbour Road",
        "category": "works",
        "description": "New asphalt.",
        "value": "1240000",
        "contract_terms": "Done within 90 days.",
        "award_method": "weighted",
        "deadline": f"{NEXT_YEAR}-11-30T21:00:00Z",
        "lots": [{"title": "Road", "items": [item]}, {"title": "Quay", "items": [item, item], "value": "240000.50"}],
        "criteria": [
            {"name": "Price", "kind": "price", "weight": "60"},
            {"name": "Method", "kind": "quality", "weight": 40},
            {"name": "Divers", "kind": "pass-fail", "lot": 2},
        ],
    } | changed


@pytest.fixture
async def olga(database: Database, client: httpx.AsyncClient, town: Town) -> httpx.AsyncClient:
    return await program(database, client, town.olga)


async def test_one_document_makes_a_draft_and_two_programs_publish_it(
    database: Database, client: httpx.AsyncClient, town: Town, olga: httpx.AsyncClient, keyholder: Path
) -> None:
    made = await olga.post("/api/v1/tenders", json=document())
    assert made.status_code == 201, made.text
    draft = made.json()
    assert (draft["phase"], draft["value"]) == ("draft", {"amount": 124000000, "currency": "EUR"})
    assert [len([i for i in draft["items"] if i["lot"] == lot["id"]]) for lot in draft["lots"]] == [1, 2]
    assert draft["criteria"][2]["lot"] == draft["lots"][1]["id"]
    address = f"/api/v1/tenders/{draft['id']}"
    stored = [await olga.put(f"{address}/documents/plan.pdf", content=PDF) for _ in range(2)]
    assert stored[0].json() == stored[1].json()
    assert (await client.get(address)).status_code == 404, "nobody else learns that there is a draft"
    assert (await olga.post(f"{address}/submit")).json()["phase"] == "submitted"
    pia = await program(database, client, town.pia)
    public = (await pia.post(f"{address}/approve")).json()
    assert (public["phase"], public["revision"], public["rulebook"][:11]) == ("open", 1, "model-law@2")
    assert (await client.get(address)).json() == public
    file = await client.get(f"{address}/documents/{public['documents'][0]['id']}")
    assert (file.content, file.headers["content-disposition"][:10]) == (PDF, "attachment")


async def test_the_deadline_moves_by_two_programs_and_the_tender_is_cancelled(
    database: Database, client: httpx.AsyncClient, town: Town, keyholder: Path
) -> None:
    address = f"/api/v1/tenders/{await open_tender(database, town, Keyholder(keyholder))}"
    omar, pia = await program(database, client, town.omar), await program(database, client, town.pia)
    later = {"deadline": f"{NEXT_YEAR}-06-01T12:00:00+01:00", "reason": "Because bidders asked."}
    assert (await omar.post(f"{address}/extension", json=later)).status_code == 204
    own = await omar.post(f"{address}/extension/approve")
    assert (own.status_code, own.json()["type"]) == (403, "/problems/same-person")
    moved = (await pia.post(f"{address}/extension/approve")).json()
    assert (moved["deadline"], moved["revision"]) == (f"{NEXT_YEAR}-06-01T11:00:00Z", 2)
    assert (await omar.post(f"{address}/extension", json=later)).json()["type"] == "/problems/deadline-shortened"
    ended = await omar.post(f"{address}/cancel", json={"reason": "The road was washed away."})
    assert ended.json()["phase"] == "cancelled"


async def test_nobody_waits_for_a_keyholder_that_hangs_while_a_version_is_checked(
    database: Database, client: httpx.AsyncClient, town: Town, keyholder: Path, parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    tender_id = await open_tender(database, town, Keyholder(keyholder))
    address, free = f"/api/v1/tenders/{tender_id}", set[str]()
    omar, pia = await program(database, client, town.omar), await program(database, client, town.pia)
    later = {"deadline": f"{NEXT_YEAR}-06-01T12:00:00+01:00", "reason": "Because bidders asked."}
    assert (await omar.post(f"{address}/extension", json=later)).status_code == 204

    async def hanging() -> None:
        async with database.begin(NOBODY) as bidder:
            free.update(await service.lock_shared_if_free(bidder, {tender_id}))
        raise Refused("unavailable", "It does not answer.", status=503)

    seen = {"If-Match": (await pia.get(address)).headers["etag"]}
    with monkeypatch.context() as down:
        down.setattr(parts.keyholder, "clocks", hanging)
        assert (await pia.post(f"{address}/extension/approve", headers=seen)).status_code == 503
    assert free == {tender_id}, "a bidder submits meanwhile"
    assert (await pia.post(f"{address}/extension/approve", headers=seen)).status_code == 200


async def test_a_draft_is_sent_back_and_an_extension_declined(
    database: Database, client: httpx.AsyncClient, town: Town, olga: httpx.AsyncClient, keyholder: Path
) -> None:
    pia = await program(database, client, town.pia)
    draft = (await olga.post("/api/v1/tenders", json=document())).json()["id"]
    await olga.post(f"/api/v1/tenders/{draft}/submit")
    back = await pia.post(f"/api/v1/tenders/{draft}/return", json={"reason": "Name the streets."})
    assert back.json()["phase"] == "draft"
    address = f"/api/v1/tenders/{await open_tender(database, town)}"
    later = {"deadline": f"{NEXT_YEAR}-06-01T12:00:00Z", "reason": "Because bidders asked."}
    await olga.post(f"{address}/extension", json=later)
    assert (await pia.post(f"{address}/extension/decline")).status_code == 204
    assert (await pia.post(f"{address}/extension/approve")).json()["type"] == "/problems/no-extension"


WRONG = {
    "an unknown field": ({"price": 1}, 422),
    "no lot": ({"lots": []}, 422),
    "a deadline without an offset": ({"deadline": f"{NEXT_YEAR}-11-30T21:00:00"}, 422),
    "an unknown method": ({"award_method": "beauty"}, 422),
    "an unknown category": ({"category": "favours"}, 422),
    "a value that is none": ({"value": "much"}, 422),
    "a criterion of a lot that is not there": ({"criteria": [{"name": "x", "kind": "quality", "lot": 3}]}, 422),
    "a quantity of nothing": (
        {"lots": [{"title": "x", "items": [{"description": "x", "classification_id": "45233222-1", "quantity": "0",
                                            "unit": "m2"}]}]}, 422),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_document_is_refused_and_nothing_is_kept(olga: httpx.AsyncClient, name: str) -> None:
    changed, status = WRONG[name]
    answer = await olga.post("/api/v1/tenders", json=document(**changed))
    assert answer.status_code in (status, 400), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await olga.get("/api/v1/tenders")).json() == {"tenders": [], "next": ""}


async def test_an_incomplete_draft_is_told_step_by_step(olga: httpx.AsyncClient) -> None:
    weights = [{"name": "Price", "kind": "price", "weight": 50}, {"name": "Method", "kind": "quality", "weight": 40}]
    changed = document(description="", value="", deadline="2020-01-01T00:00:00Z", criteria=weights)
    draft = (await olga.post("/api/v1/tenders", json=changed)).json()["id"]
    answer = (await olga.post(f"/api/v1/tenders/{draft}/submit")).json()
    assert answer["type"] == "/problems/tender-incomplete"
    assert answer["fields"].keys() == {"about", "lots", "criteria", "timetable"}
    assert answer["fields"]["criteria"] == "The weights of lot 1 make 90 %, not 100 %."


async def test_other_organisations_are_refused(
    database: Database, client: httpx.AsyncClient, town: Town, olga: httpx.AsyncClient
) -> None:
    draft = (await olga.post("/api/v1/tenders", json=document())).json()["id"]
    for name in ("rosa", "ines", "audun"):
        other = await program(database, client, getattr(town, name))
        for method, path in (("GET", ""), ("POST", "/submit"), ("POST", "/approve"), ("PUT", "/documents/a.pdf")):
            answer = await other.request(
                method, f"/api/v1/tenders/{draft}{path}", content=PDF if path[:2] == "/d" else b""
            )
            assert answer.status_code in (403, 404), (name, path, answer.text)
            unknown = await other.request(method, f"/api/v1/tenders/2026-9999{path}")
            assert unknown.status_code == answer.status_code, "no draft is told from none"
    suppliers = await program(database, client, town.ines)
    assert (await suppliers.post("/api/v1/tenders", json=document())).status_code == 403
    assert (await client.post("/api/v1/tenders", json=document())).status_code == 401


async def test_the_list_comes_in_pages(olga: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 2)
    made = [(await olga.post("/api/v1/tenders", json=document())).json()["id"] for _ in range(3)]
    first = (await olga.get("/api/v1/tenders")).json()
    rest = (await olga.get("/api/v1/tenders", params={"before": first["next"]})).json()
    assert [one["id"] for one in first["tenders"] + rest["tenders"]] == made[::-1]
    assert (first["next"], rest["next"]) == (made[1], "")
