"""A program seals on its own device, and the service never sees a plaintext."""

import asyncio
import hashlib
from pathlib import Path

import asyncpg
import httpx
import pytest
from bidding import OPEN_FOR, Market, SealedBid, acting, open_envelope, seal
from browsing_bids import API, bearer

from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.kernel.sealing.parts import SEALED_PART_LIMIT

pytestmark = pytest.mark.anyio


class Program:
    """A client of the interface with its token."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def put(self, data: bytes, sha256: str = "") -> httpx.Response:
        name = sha256 or hashlib.sha256(data).hexdigest()
        return await self.client.put(f"{API}/parts/{name}", content=data, headers=self.headers)

    async def submit(self, bid: SealedBid, key: str = "key-1") -> httpx.Response:
        body = b'{"envelope":%s,"version":%d}' % (bid.envelope, bid.version)
        headers = {**self.headers, "content-type": "application/json", "idempotency-key": key}
        return await self.client.post(API, content=body, headers=headers)

    async def get(self, path: str = "") -> httpx.Response:
        return await self.client.get(API + path, headers=self.headers)

    async def deliver(self, bid: SealedBid, key: str = "key-1") -> httpx.Response:
        for data in bid.parts.values():
            assert (await self.put(data)).status_code == 200
        return await self.submit(bid, key)


@pytest.fixture
async def harbour(client: httpx.AsyncClient, database: Database, market: Market) -> Program:
    return Program(client, await bearer(database, market.harbour_signs))


async def test_a_program_seals_uploads_submits_and_keeps_its_receipt(
    harbour: Program, market: Market, files: Files, owner: asyncpg.Connection
) -> None:
    told = (await harbour.get()).json()
    assert (told["recipient"], told["next_version"], told["submitted"]) == (market.recipient, 1, None)
    bid = seal(market, market.harbour)
    answer = await harbour.deliver(bid)
    assert answer.status_code == 201
    signed = answer.json()["receipt"]
    assert signed["receipt"]["digest"] == hashlib.sha256(bid.envelope).hexdigest()
    kept = await harbour.client.get(f"/api/v1/receipts/{answer.json()['bid']}", headers=harbour.headers)
    assert kept.json() == signed
    checked = await harbour.client.post("/api/v1/receipts/check", json=signed)
    assert checked.status_code == 200 and checked.json()["receipt"] == signed["receipt"]
    _, contents = await open_envelope(files, market, await owner.fetchval("SELECT envelope FROM bid"))
    assert contents["offer.txt"].startswith(b"our price")


async def test_an_interrupted_upload_goes_on_with_what_is_missing(harbour: Program, market: Market) -> None:
    bid = seal(market, market.harbour)
    first, *rest = bid.parts
    await harbour.put(bid.parts[first])
    assert [part["sha256"] for part in (await harbour.get("/parts")).json()["parts"]] == [first]
    assert (await harbour.get(f"/parts/{first}")).status_code == 200
    assert (await harbour.get(f"/parts/{rest[0]}")).status_code == 404
    assert (await harbour.submit(bid)).json()["type"] == "/problems/parts-missing"
    assert (await harbour.put(bid.parts[first])).status_code == 200  # again is the same as once
    assert (await harbour.deliver(bid)).status_code == 201


@pytest.mark.parametrize("data, sha256, status, code", [
    (b"age-encryption.org/v1\n-> X25519 a\nb\n--- c\n" + b"x", "0" * 64, 422, "hash-mismatch"),
    (b"plain text is not taken", "", 422, "seal-malformed"),
    (b"age-encryption.org/v1\n-> scrypt a 18\nb\n--- c\n", "", 422, "seal-malformed"),
    (b"age-encryption.org/v1\n-> X25519 a\nb\n--- c\n" + bytes(SEALED_PART_LIMIT), "", 413, "file-too-large"),
    (b"age-encryption.org/v1\n-> X25519 a\nb\n--- c\n", "no-hash", 422, "hash-mismatch"),
])  # fmt: skip
async def test_a_part_that_is_no_sealed_part_is_refused(
    data: bytes, sha256: str, status: int, code: str, harbour: Program, owner: asyncpg.Connection
) -> None:
    answer = await harbour.put(data, sha256)
    assert answer.status_code == status
    assert answer.json()["type"] in (f"/problems/{code}", "/problems/too-large")
    assert await owner.fetchval("SELECT count(*) FROM bid_part") == 0


async def test_a_key_is_required_and_answers_for_its_own_request_only(harbour: Program, market: Market) -> None:
    bid = seal(market, market.harbour)
    first = await harbour.deliver(bid)
    assert (await harbour.submit(bid)).json() == first.json()
    assert (await harbour.submit(seal(market, market.harbour, 2))).status_code == 409
    assert (await harbour.submit(bid, "")).json()["type"] == "/problems/idempotency-key-missing"


async def test_the_same_request_many_times_at_once_is_one_bid(
    harbour: Program, market: Market, owner: asyncpg.Connection
) -> None:
    bid = seal(market, market.harbour)
    for data in bid.parts.values():
        await harbour.put(data)
    answers = await asyncio.gather(*(harbour.submit(bid) for _ in range(8)))
    assert len({answer.text for answer in answers}) == 1
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1


async def test_the_first_answer_past_the_deadline_closes_bidding_without_the_sweep(
    keyholder: Path, harbour: Program, market: Market, owner: asyncpg.Connection, advance: object
) -> None:
    bid = seal(market, market.harbour)
    for data in bid.parts.values():
        await harbour.put(data)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    answers = await asyncio.gather(*(harbour.submit(bid, str(number)) for number in range(8)))
    assert {answer.json()["type"] for answer in answers} == {"/problems/bid-late"}
    async with asyncio.timeout(10):
        while await owner.fetchval("SELECT closed_at FROM tender") is None:  # noqa: ASYNC110  # seen in the database
            await asyncio.sleep(0.02)
    assert await owner.fetchval("SELECT bids FROM bid_closing") == 0


async def test_late_is_a_problem_with_both_times_and_is_recorded(
    harbour: Program, market: Market, owner: asyncpg.Connection, advance: object
) -> None:
    bid = seal(market, market.harbour)
    for data in bid.parts.values():
        await harbour.put(data)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    answer = await harbour.submit(bid)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/bid-late")
    assert answer.json()["detail"].count("UTC") == 2
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'LateBidRefused'") == 1
    assert (await harbour.put(b"age-encryption.org/v1\n-> X25519 a\nb\n--- c\n")).status_code == 409


async def test_a_bid_is_withdrawn_and_followed_by_a_new_version(harbour: Program, market: Market) -> None:
    await harbour.deliver(seal(market, market.harbour))
    gone = await harbour.client.delete(API, headers=harbour.headers)
    assert gone.status_code == 200 and gone.json()["withdrawn_at"]
    assert (await harbour.get()).json()["next_version"] == 2
    assert (await harbour.deliver(seal(market, market.harbour, 2), "key-2")).status_code == 201


async def test_an_envelope_with_a_field_too_many_is_refused(harbour: Program, market: Market) -> None:
    bid = seal(market, market.harbour)
    more = SealedBid(bid.envelope[:-1] + b',"price":"1"}', bid.parts, 1)
    answer = await harbour.deliver(more)
    assert answer.status_code in (400, 422) and '"1"' not in answer.text


@pytest.mark.parametrize("who, status", [("competitor", 404), ("officer", 403), ("nobody", 401)])
async def test_strangers_learn_nothing_from_the_interface(
    who: str, status: int, harbour: Program, market: Market, database: Database
) -> None:
    bid = seal(market, market.harbour)
    await harbour.deliver(bid)
    actor = {"competitor": market.adler_signs, "officer": acting(market.olga, market.city, Role.OFFICER)}.get(who)
    headers = await bearer(database, actor) if actor else {}
    stranger = Program(harbour.client, headers)
    answer = await stranger.get(f"/parts/{next(iter(bid.parts))}")
    assert answer.status_code == status
    if who == "competitor":
        assert (await stranger.get()).json()["submitted"] is None
        assert (await stranger.get("/parts")).json() == {"parts": []}
