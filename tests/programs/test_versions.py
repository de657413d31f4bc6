"""What a program read, it may change only as it read it: ETag, If-None-Match, If-Match."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from locks import is_held_up
from tendering import SETUP, Town, open_tender, program

from procurement.infra.tx import Database
from procurement.tenders import service

pytestmark = pytest.mark.anyio
TENDERS = "/api/v1/tenders"


async def a_draft(olga: httpx.AsyncClient, draft: dict[str, Any]) -> tuple[str, str]:
    """Its address and its version."""
    made = await olga.post(TENDERS, json=draft)
    address = f"{TENDERS}/{made.json()['id']}"
    return address, (await olga.get(address)).headers["etag"]


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


async def test_the_same_has_the_same_version_and_need_not_be_sent_again(
    olga: httpx.AsyncClient, otto: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    address, version = await a_draft(olga, draft)
    assert version.startswith('"') and (await otto.get(address)).headers["etag"] == version
    again = await olga.get(address, headers={"if-none-match": f'"other", W/{version}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", version)
    assert (await olga.get(address, headers={"if-none-match": '"other"'})).status_code == 200


async def test_a_draft_is_written_anew_only_by_who_has_seen_it(
    olga: httpx.AsyncClient, otto: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    address, version = await a_draft(olga, draft)
    blind = await otto.put(address, json=draft | {"title": "Blind"})
    assert code(blind) == (428, "version-needed")
    first = await otto.put(address, json=draft | {"title": "Harbour Road, again"}, headers={"if-match": version})
    assert first.status_code == 200, first.text
    late = await olga.put(address, json=draft | {"title": "Lost"}, headers={"if-match": version})
    assert code(late) == (412, "changed-meanwhile")
    now = await olga.get(address)
    assert (now.json()["title"], now.headers["etag"]) == ("Harbour Road, again", first.headers["etag"])
    chained = await olga.put(
        address, json=draft | {"title": "Third"}, headers={"if-match": f'"x", {first.headers["etag"]}'}
    )
    assert chained.json()["title"] == "Third"


async def test_writing_anew_leaves_nothing_of_before_but_the_documents(
    olga: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    address, _ = await a_draft(olga, draft | {"lots": draft["lots"] * 3})
    await olga.put(f"{address}/documents/plan.pdf", content=b"%PDF-1.7\n" + b"x" * 1000)
    version = (await olga.get(address)).headers["etag"]
    after = (await olga.put(address, json=draft, headers={"if-match": version})).json()
    assert [len(after[name]) for name in ("lots", "items", "criteria", "documents")] == [1, 1, 2, 1]
    spoilt = draft | {"lots": [{"title": "Road", "items": [draft["lots"][0]["items"][0] | {"quantity": "-1"}]}]}
    refused = await olga.put(address, json=spoilt, headers={"if-match": "*"})
    assert code(refused) == (422, "form-invalid")
    assert (await olga.get(address)).json() == after


async def test_of_many_who_write_at_once_from_one_version_one_is_taken(
    olga: httpx.AsyncClient, otto: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    address, version = await a_draft(olga, draft)
    answers = await asyncio.gather(
        *(
            (olga, otto)[turn % 2].put(address, json=draft | {"title": f"Writer {turn}"}, headers={"if-match": version})
            for turn in range(8)
        )
    )
    taken = [turn for turn, answer in enumerate(answers) if answer.status_code == 200]
    assert len(taken) == 1
    assert {code(answer) for turn, answer in enumerate(answers) if turn not in taken} == {(412, "changed-meanwhile")}
    assert (await olga.get(address)).json()["title"] == f"Writer {taken[0]}"


async def test_a_step_is_taken_only_on_what_was_looked_at(
    database: Database, client: httpx.AsyncClient, town: Town, olga: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    address, version = await a_draft(olga, draft)
    await olga.post(f"{address}/submit")
    pia = await program(database, client, town.pia)
    back = {"reason": "The quay is missing."}
    old = await pia.post(f"{address}/return", json=back, headers={"if-match": version})
    assert code(old) == (412, "changed-meanwhile")
    seen = (await pia.get(address)).headers["etag"]
    weak = await pia.post(f"{address}/return", json=back, headers={"if-match": f"W/{seen}"})
    assert code(weak) == (412, "changed-meanwhile")
    assert (await pia.post(f"{address}/return", json=back, headers={"if-match": seen})).json()["phase"] == "draft"


async def test_a_stranger_keeps_no_writer_waiting(
    database: Database,
    client: httpx.AsyncClient,
    town: Town,
    olga: httpx.AsyncClient,
    draft: dict[str, Any],
    owner: asyncpg.Connection,
) -> None:
    """Nor does who saw an old version: the locks are only for those whose change may still be taken."""
    public = f"{TENDERS}/{await open_tender(database, town)}"
    address, version = await a_draft(olga, draft)
    rosa = await program(database, client, town.rosa)
    none, any_, old, seen = {"reason": "None"}, {"if-match": "*"}, {"if-match": '"old"'}, {"if-match": version}
    async with database.begin(town.olga) as tx:
        for one in (address, public):
            await service.lock_exclusive(tx, one.rpartition("/")[2])
        asked, waited = [], []
        for request in (
            rosa.post(f"{address}/cancel", json=none, headers=any_),
            rosa.post(f"{public}/cancel", json=none, headers=any_),
            olga.put(address, json=draft, headers=old),
            olga.put(address, json=draft, headers=seen),
        ):
            asked.append(asyncio.create_task(request))
            waited.append(await is_held_up(asked[-1], owner))
    answers = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [404, 403, 412, 200]
    assert waited == [False, False, False, True], "only whose change may be taken waits for the turn"


async def test_what_changes_during_the_wait_is_seen_after_it(
    database: Database, olga: httpx.AsyncClient, draft: dict[str, Any], owner: asyncpg.Connection
) -> None:
    address, version = await a_draft(olga, draft)
    tender = address.rpartition("/")[2]
    async with database.begin(SETUP) as tx:
        await service.lock_exclusive(tx, tender)
        late = asyncio.create_task(olga.put(address, json=draft, headers={"if-match": version}))
        assert await is_held_up(late, owner)
        await owner.execute("UPDATE tender SET title = 'Newer' WHERE id = $1", tender)
    assert code(await late) == (412, "changed-meanwhile")


async def test_an_upload_is_kept_out_of_a_draft_that_changed(olga: httpx.AsyncClient, draft: dict[str, Any]) -> None:
    address, version = await a_draft(olga, draft)
    await olga.put(address, json=draft | {"title": "Newer"}, headers={"if-match": version})
    late = await olga.put(f"{address}/documents/a.pdf", content=b"%PDF-1.7\n", headers={"if-match": version})
    assert code(late) == (412, "changed-meanwhile")
    assert (await olga.get(address)).json()["documents"] == []


async def test_what_is_made_has_no_version_yet(olga: httpx.AsyncClient, draft: dict[str, Any]) -> None:
    answer = await olga.post(TENDERS, json=draft, headers={"if-match": '"x"'})
    assert code(answer) == (412, "no-version")


async def test_a_repeated_change_is_answered_as_before_although_its_version_is_gone(
    olga: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    address, version = await a_draft(olga, draft)
    headers = {"if-match": version, "idempotency-key": "once"}
    answers = [await olga.post(f"{address}/submit", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["etag"] == answers[1].headers["etag"]


async def test_a_key_belongs_to_the_token_and_not_to_its_owner(
    database: Database, client: httpx.AsyncClient, town: Town, draft: dict[str, Any]
) -> None:
    one, other = await program(database, client, town.olga), await program(database, client, town.olga)
    first = await one.post(TENDERS, json=draft, headers={"idempotency-key": "k"})
    second = await other.post(TENDERS, json=draft | {"title": "Another"}, headers={"idempotency-key": "k"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
