"""What the page that seals on the bidder's own device asks of the service."""

import base64
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from bidding import TENDER, Market, SealedBid, found_market, seal
from browsing_bids import BID, Bidder, sign_in
from seated import seat

from procurement.bids.service import own
from procurement.infra.tx import Database
from procurement.kernel.canonical import canonical
from procurement.kernel.sealing import parse_envelope, parse_roster
from procurement.kernel.sealing.age import MAGIC
from procurement.kernel.sealing.envelope import LOCK_LIMIT
from procurement.kernel.sealing.level import lock_for
from procurement.kernel.sealing.roster import check_all_signed

pytestmark = pytest.mark.anyio
DEVICE = f"{BID}/device"


class Device:
    """One person's browser that seals; `token` is the one that the calls gave it."""

    def __init__(self, browser: Bidder) -> None:
        self.client, self.token = browser.client, ""

    async def asked(self) -> Any:
        answer = (await self.client.get(f"{DEVICE}/asked")).json()
        self.token = answer["token"]
        return answer["asked"]

    async def call(self, what: str, body: object) -> httpx.Response:
        headers = {"x-csrf-token": self.token, "content-type": "application/json"}
        return await self.client.post(f"{DEVICE}/{what}", content=msgspec.json.encode(body), headers=headers)

    async def start(self, bid: SealedBid, **other: object) -> httpx.Response:
        envelope = parse_envelope(bid.envelope)
        lock = {"m": 0, "n": 0, "roster": "", "locked": envelope.locked} | other
        return await self.call("start", {"recipient": envelope.recipient, "lock": lock})

    async def put(self, sha256: str, data: bytes, token: str | None = None) -> httpx.Response:
        headers = {"x-csrf-token": self.token if token is None else token}
        return await self.client.put(f"{DEVICE}/parts/{sha256}", content=data, headers=headers)

    async def offer(self, what: str, bid: SealedBid, key: str = "key") -> httpx.Response:
        return await self.call(what, {"envelope": parse_envelope(bid.envelope), "version": bid.version, "key": key})


@pytest.fixture
async def ines(database: Database, client: httpx.AsyncClient, market: Market) -> Device:
    device = Device(await sign_in(database, client, market.ines))
    await device.asked()
    return device


def code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).removeprefix("/problems/")


async def test_the_lock_comes_first_then_parts_then_one_small_submission(ines: Device, market: Market) -> None:
    bid = seal(market, market.harbour)
    assert (await ines.asked())["started"] is None
    assert (await ines.start(bid)).status_code == 200
    started = (await ines.asked())["started"]
    assert started["lock"]["locked"] == parse_envelope(bid.envelope).locked and started["bid"] == ""
    for sha256, data in bid.parts.items():
        assert (await ines.put(sha256, data)).status_code == 200
    stored = (await ines.client.get(f"{DEVICE}/parts")).json()["parts"]
    assert {part["sha256"] for part in stored} == set(bid.parts)
    received = await ines.offer("submit", bid)
    assert received.status_code == 201
    again = await ines.offer("submit", bid)
    assert again.json() == received.json(), "the same key, the same receipt"
    assert (await ines.client.get(received.json()["receipt"])).status_code == 200
    assert (await ines.asked())["started"]["bid"] in received.json()["receipt"]


async def test_a_draft_of_a_device_is_on_the_page_of_the_bid_and_can_be_discarded(
    ines: Device, market: Market, database: Database
) -> None:
    bid = seal(market, market.harbour)
    await ines.start(bid)
    assert (await ines.start(bid)).status_code == 200, "a second try is the same"
    page = (await ines.client.get(BID, follow_redirects=True)).text
    assert "This bid is being sealed on a device" in page and "Uploaded is not submitted." in page
    async with database.begin(market.harbour_signs) as tx:
        assert list(await own.my_drafts(tx)) == [TENDER], "it is reminded of like any other"
    browser = Bidder(ines.client)
    await browser.get(f"{BID}/device")
    await browser.send(f"{BID}/discard")
    assert (await ines.asked())["started"] is None


async def test_a_draft_that_the_service_seals_is_not_lost_to_a_device(ines: Device, market: Market) -> None:
    browser = Bidder(ines.client)
    await browser.get(BID)
    await browser.send(f"{BID}/start")
    assert code(await ines.start(seal(market, market.harbour))) == "draft-exists"


async def test_a_lock_that_cannot_be_one_is_refused(ines: Device, market: Market) -> None:
    bid = seal(market, market.harbour)
    assert code(await ines.start(bid, locked="not base64")) == "lock-malformed"
    assert code(await ines.start(bid, locked=base64.b64encode(b"no age file").decode())) == "seal-malformed"
    long = base64.b64encode(MAGIC + bytes(LOCK_LIMIT)).decode()
    assert code(await ines.start(bid, locked=long)) == "lock-malformed"
    assert code(await ines.start(bid, m=2, n=3, roster="0" * 64)) == "roster-differs"


async def test_parts_with_another_hash_or_from_a_foreign_page_are_not_taken(ines: Device, market: Market) -> None:
    (sha256, data), *_ = seal(market, market.harbour).parts.items()
    altered = await ines.put(sha256, data[:-1] + bytes([data[-1] ^ 1]))
    assert (altered.status_code, code(altered)) == (422, "hash-mismatch")
    assert code(await ines.put(sha256, data, token="of another page")) == "form-token"
    assert (await ines.client.get(f"{DEVICE}/parts")).json() == {"parts": []}


async def test_nothing_of_a_foreign_page_is_taken(ines: Device, market: Market) -> None:
    bid = seal(market, market.harbour)
    ines.token = ""
    answers = [await ines.start(bid), await ines.offer("rehearse", bid), await ines.offer("submit", bid)]
    assert [(one.status_code, code(one)) for one in answers] == [(403, "form-token")] * 3
    assert (await ines.asked())["started"] is None


async def test_a_rehearsal_is_judged_like_a_bid_and_leaves_nothing(
    ines: Device, market: Market, owner: asyncpg.Connection
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM ledger_record")
    assert (await ines.offer("rehearse", seal(market, market.harbour))).status_code == 200
    assert code(await ines.offer("rehearse", seal(market, market.harbour, version=2))) == "version-taken"
    other = seal(market, market.harbour, revision="0" * 64)
    assert code(await ines.offer("rehearse", other)) == "revision-changed"
    weighed = await ines.client.post(f"{DEVICE}/trial", content=b"x" * 1000, headers={"x-csrf-token": ines.token})
    assert weighed.json()["size"] == 1000
    for table in ("bid", "bid_part", "bid_draft"):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await owner.fetchval("SELECT count(*) FROM ledger_record") == before


async def test_who_was_signed_out_is_told_so_in_a_way_that_a_script_reads(ines: Device, market: Market) -> None:
    ines.client.cookies.clear()
    answer = await ines.client.get(f"{DEVICE}/asked")
    assert (answer.status_code, code(answer)) == (401, "sign-in-needed")


async def test_whoever_prepares_may_not_submit(database: Database, client: httpx.AsyncClient, market: Market) -> None:
    tom = Device(await sign_in(database, client, market.tom))
    assert (await tom.asked())["may_submit"] is False
    assert (await tom.offer("submit", seal(market, market.harbour))).status_code == 403


@pytest.mark.parametrize("level", ["S2", "S3"])
async def test_at_levels_with_key_holders_a_device_is_told_who_they_are_and_locks_for_exactly_them(
    database: Database, owner: asyncpg.Connection, client: httpx.AsyncClient, level: str
) -> None:
    market = await found_market(database, owner, level)
    committee = await seat(owner, market, level)
    ines = Device(await sign_in(database, client, market.ines))
    asked = await ines.asked()
    roster = parse_roster(canonical(asked["roster"]))
    check_all_signed(roster, asked["signatures"])
    assert (asked["level"], roster) == (level, committee.roster)
    bid = seal(market, market.harbour, lock=lambda e: lock_for(e, market.recipient, roster))
    envelope = parse_envelope(bid.envelope)
    assert code(await ines.start(bid)) == "roster-differs", "a lock of level S1"
    members = {"m": envelope.m, "n": envelope.n, "roster": envelope.roster}
    assert code(await ines.start(bid, **members | {"m": 1})) == "roster-differs"
    assert (await ines.start(bid, **members)).status_code == 200
    assert (await ines.offer("rehearse", bid)).status_code == 200
    for sha256, data in bid.parts.items():
        await ines.put(sha256, data)
    assert (await ines.offer("submit", bid)).status_code == 201
