"""A document is sealed while it arrives; what breaks leaves nothing behind and nothing waiting."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from bidding import TENDER, Market, open_envelope
from browsing_bids import BID, BOUNDARY, Bidder, bearer, form, sign_in, slowly

from procurement.bids.rules import limits
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.infra.web import pace
from procurement.kernel.sealing import PART
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ines(database: Database, client: httpx.AsyncClient, market: Market) -> Bidder:
    bidder = await sign_in(database, client, market.ines)
    await bidder.get(BID)
    await bidder.send(f"{BID}/start")
    return bidder


def stored(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.data, "files").rglob("*") if path.is_file()]


async def test_a_document_of_many_parts_opens_byte_for_byte(
    ines: Bidder, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    big = bytes(range(256)) * (PART // 256) * 2 + b"and a rest"
    await ines.prepare(big)
    await ines.submit()
    manifest, contents = await open_envelope(files, market, await owner.fetchval("SELECT envelope FROM bid"))
    assert contents["method.pdf"] == big
    assert [len(file.parts) for file in manifest.files if file.name == "method.pdf"] == [3]


async def test_a_document_of_the_same_name_replaces_and_one_can_be_removed(
    ines: Bidder, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    await ines.upload("plan.pdf", b"one")
    page = await ines.upload("plan.pdf", b"two", confidential="Trade secret, page 2")
    assert page.text.count("plan.pdf") == 1 and "Trade secret, page 2" in page.text
    remove = page.text.split('/remove"')[0].split('action="')[-1] + "/remove"
    assert "plan.pdf" not in (await ines.send(remove)).text


TOKEN_FIELD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="_token"\r\n\r\n'.encode()
MALFORMED = {
    "cut short": form({"_token": "TOKEN"}, "a.pdf", b"x" * 5000)[:-40],
    "without a boundary": b"just bytes",
    "without a file": TOKEN_FIELD + f"TOKEN\r\n--{BOUNDARY}--\r\n".encode(),
    "with two files": form({"_token": "TOKEN"}, "a.pdf", b"x")[: -len(BOUNDARY) - 6] + form({}, "b.pdf", b"y"),
    "with a header that never ends": f"--{BOUNDARY}\r\n".encode() + b"X-Long: " + b"a" * 10_000,
    "with a field too long": form({"_token": "TOKEN", "confidential": "a" * 10_000}, "a.pdf", b"x"),
    "with a name that has a folder": form({"_token": "TOKEN"}, "../../etc/passwd", b"x"),
    "with a name the bid uses itself": form({"_token": "TOKEN"}, "prices.json", b"{}"),
    "without a name": form({"_token": "TOKEN"}, "", b"x"),
    "that is not text": TOKEN_FIELD + b"\xff\xfe" + form({}, "a.pdf", b"x"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MALFORMED)
async def test_a_malformed_form_is_refused_and_leaves_nothing(
    kind: str, ines: Bidder, settings: Settings, owner: asyncpg.Connection
) -> None:
    async with asyncio.timeout(10):
        answer = await ines.post_raw(MALFORMED[kind].replace(b"TOKEN", ines.token.encode()))
    assert 400 <= answer.status_code < 500
    assert (stored(settings), await owner.fetchval("SELECT count(*) FROM bid_part")) == ([], 0)


async def test_a_file_before_its_token_or_with_a_foreign_one_is_not_taken(ines: Bidder, settings: Settings) -> None:
    for texts in ({}, {"_token": "0" * 64}):
        answer = await ines.post_raw(form(texts, "a.pdf", b"x" * 100))
        assert answer.status_code == 403
    assert stored(settings) == []


async def test_a_disconnect_in_the_middle_leaves_nothing_and_nobody_waiting(
    ines: Bidder, settings: Settings, owner: asyncpg.Connection, client: httpx.AsyncClient
) -> None:
    """Two parts are already stored when the line breaks; the server takes them back."""
    whole = form({"_token": ines.token}, "a.pdf", b"x" * (2 * PART + 100))
    messages = [
        {"type": "http.request", "body": whole[: 2 * PART + 500], "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        answers.append(message)

    headers = [(b"cookie", f"{name}={value}".encode()) for name, value in client.cookies.items()]
    cookie = b"; ".join(value for _, value in headers)
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": f"{BID}/documents", "query_string": b"",
        "raw_path": f"{BID}/documents".encode(), "scheme": "http", "server": ("test", 80), "client": ("test", 1),
        "root_path": "", "extensions": {}, "state": {},
        "headers": [
            (b"host", b"test"), (b"cookie", cookie),
            (b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode()),
        ],
    }  # fmt: skip
    async with asyncio.timeout(20):
        await client._transport.app(scope, receive, send)  # httpx has no public name for it
    assert (stored(settings), await owner.fetchval("SELECT count(*) FROM bid_part")) == ([], 0)
    assert answers[0]["status"] == 400


async def test_a_file_beyond_the_limit_is_refused_with_the_limit_and_leaves_nothing(
    ines: Bidder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FILE_LIMIT", PART + 1000)
    answer = await ines.upload("big.pdf", b"x" * (PART + 5000))
    assert answer.status_code == 413 and "Nothing of it was kept" in answer.text
    assert stored(settings) == []


async def test_a_slow_body_is_taken_as_it_comes(ines: Bidder, owner: asyncpg.Connection) -> None:
    whole = form({"_token": ines.token}, "a.pdf", b"y" * 3000)
    answer = await ines.post_raw(slowly(whole[at : at + 7] for at in range(0, len(whole), 7)))
    assert answer.status_code == 200 and "a.pdf" in answer.text


async def test_who_sends_more_slowly_than_the_pace_is_told_so_and_holds_nothing(
    ines: Bidder, settings: Settings, owner: asyncpg.Connection, database: Database, client: httpx.AsyncClient,
    market: Market, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """By a form, and by a program; what came at once does not excuse what never comes."""
    monkeypatch.setattr(pace, "PAUSE", 0.5)
    whole = form({"_token": ines.token}, "a.pdf", b"x" * (PART + 1000))
    headers = await bearer(database, market.harbour_signs)
    async with asyncio.timeout(10):
        by_form = await ines.post_raw(halting(whole[:2000]))
        address = f"/api/v1/tenders/{TENDER}/bid/parts/{'0' * 64}"
        by_program = await client.put(address, content=halting(b"age-encryption.org/v1\n"), headers=headers)
    assert by_form.status_code == by_program.status_code == 408
    assert by_program.json()["type"] == "/problems/upload-slow" and "4096 bytes a second" in by_form.text
    assert stored(settings) == []
    assert await owner.fetchval("SELECT count(*) FROM upload_reservation") == 0


async def halting(first: bytes) -> AsyncIterator[bytes]:
    """Some bytes, and then one at a time, for as long as anybody listens."""
    yield first
    while True:
        await asyncio.sleep(0.2)
        yield b"x"
