"""A receipt is a right to deposit bytes that match its digest: what our storage lost comes back, also long after."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from bidding import OPEN_FOR, TENDER, Clocks, Market, SealedBid, seal, upload
from browsing_bids import API, BOUNDARY, bearer, form, sign_in

from procurement.bids import service
from procurement.bids.service.closing import CLOSER, FinalEnvelope
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


class Loss:
    """A closed tender with a bid, of which one part is gone and another one damaged."""

    def __init__(self, database: Database, files: Files, settings: Settings, bid: SealedBid, final: FinalEnvelope):
        self.database, self.files, self.bid, self.final = database, files, bid, final
        self.sealed = Path(settings.data) / "files" / "sealed"
        self.gone, self.damaged, self.whole = bid.parts

    async def happen(self) -> None:
        await self.files.forget("sealed", self.gone)
        file = self.sealed / self.damaged[:2] / self.damaged
        file.write_bytes(file.read_bytes()[:-1] + b"!")

    async def note(self) -> None:
        await service.note_lost(self.database, self.files, self.final)

    async def missing(self, actor: Actor) -> set[str]:
        async with self.database.begin(actor) as tx:
            found = await service.losses(tx, self.final.digest)
        return {one.blob.sha256 for one in found if one.deposited_at is None}


@pytest.fixture
async def loss(
    client: httpx.AsyncClient,
    database: Database,
    files: Files,
    settings: Settings,
    market: Market,
    clocks: Clocks,
    advance: Advance,
) -> Loss:
    bid = seal(market, market.harbour)
    await upload(database, files, market.harbour_signs, bid)
    headers = {**await bearer(database, market.harbour_signs), "content-type": "application/json"}
    sent = await client.post(API, content=b'{"envelope":%s,"version":1}' % bid.envelope,
                             headers={**headers, "idempotency-key": "once"})  # fmt: skip
    assert sent.status_code == 201
    await advance(OPEN_FOR + timedelta(seconds=1))
    async with database.begin(CLOSER) as tx:
        await service.close(tx, clocks, TENDER)  # type: ignore[arg-type]  # it only tells the time
        (final,) = await service.final_envelopes(tx, TENDER)
    loss = Loss(database, files, settings, bid, final)
    await loss.happen()
    return loss


async def put(
    client: httpx.AsyncClient, loss: Loss, sha256: str, data: bytes, headers: dict[str, str]
) -> httpx.Response:
    address = f"/api/v1/sealed-bids/{loss.final.digest}/parts/{sha256}"
    return await client.put(address, content=data, headers=headers)


async def test_what_is_lost_is_told_to_its_bidder_and_comes_back_byte_for_byte(
    client: httpx.AsyncClient, database: Database, loss: Loss, market: Market, owner: asyncpg.Connection
) -> None:
    headers = await bearer(database, market.harbour_prepares)
    address = f"/api/v1/sealed-bids/{loss.final.digest}/lost"
    assert (await client.get(address, headers=headers)).json() == {"parts": []}, "nobody has looked yet"
    await loss.note()
    await loss.note()
    told = (await client.get(address, headers=headers)).json()["parts"]
    assert {part["sha256"] for part in told} == {loss.gone, loss.damaged}
    for sha256 in (loss.gone, loss.damaged, loss.damaged):
        assert (await put(client, loss, sha256, loss.bid.parts[sha256], headers)).status_code == 200
    assert await loss.missing(market.harbour_signs) == set()
    held = b"".join([chunk async for chunk in await service.blob(loss.files, loss.damaged)])
    assert held == loss.bid.parts[loss.damaged]
    types = await owner.fetch("SELECT type FROM ledger_record WHERE type LIKE 'SealedParts%' ORDER BY id")
    assert [row["type"] for row in types] == ["SealedPartsLost", "SealedPartsDeposited"]


async def test_nothing_but_the_lost_bytes_themselves_is_taken(
    client: httpx.AsyncClient, database: Database, loss: Loss, market: Market
) -> None:
    await loss.note()
    headers, theirs = await bearer(database, market.harbour_signs), await bearer(database, market.adler_signs)
    other = seal(market, market.harbour)
    data = loss.bid.parts[loss.gone]
    for sha256, sent, by, status, code in (
        (loss.gone, loss.bid.parts[loss.whole], headers, 422, "hash-mismatch"),
        (loss.gone, b"plain text", headers, 422, "seal-malformed"),
        (next(iter(other.parts)), next(iter(other.parts.values())), headers, 404, "part-unknown"),
        (loss.gone, data, theirs, 404, "bid-unknown"),
    ):
        answer = await put(client, loss, sha256, sent, by)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
    assert await loss.missing(market.harbour_signs) == {loss.gone, loss.damaged}
    assert not await loss.files.has("sealed", next(iter(other.parts)))


async def test_a_part_that_is_lost_twice_is_asked_for_twice(
    loss: Loss, market: Market, owner: asyncpg.Connection
) -> None:
    await loss.note()
    for sha256 in (loss.gone, loss.damaged):
        async with loss.database.begin(market.harbour_signs) as tx:
            blob = await service.depositable(tx, loss.final.digest, sha256)
            await service.deposited(tx, loss.final.digest, blob)
    await loss.note()
    assert await loss.missing(market.harbour_signs) == {loss.gone, loss.damaged}
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'SealedPartsLost'") == 2


async def test_without_scripts_the_bidder_gives_one_part_after_the_other(
    client: httpx.AsyncClient, database: Database, loss: Loss, market: Market
) -> None:
    ines = await sign_in(database, client, market.ines)
    address = f"/receipts/{loss.final.bid_id}/lost"
    assert "Nothing is missing" in (await ines.get(address)).text
    await loss.note()
    page = await ines.get(address)
    assert loss.gone in page.text and "The fault is ours" in page.text
    assert f'href="{address}"' in (await ines.get(f"/receipts/{loss.final.bid_id}")).text
    await ines.get(address)

    async def give(name: str, data: bytes) -> str:
        kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        body = form({"_token": ines.token}, name, data)
        return (await client.post(address, content=body, headers=kind, follow_redirects=True)).text

    assert "Choose a file whose name is in the list" in await give("offer.pdf", b"x")
    assert "not the file that was announced" in await give(loss.gone, loss.bid.parts[loss.whole])
    assert loss.damaged in await give(loss.gone, loss.bid.parts[loss.gone])
    assert "Your bid is whole" in await give(loss.damaged, loss.bid.parts[loss.damaged])


async def test_once_the_files_of_bids_were_erased_nothing_is_taken_back(
    client: httpx.AsyncClient, database: Database, loss: Loss, market: Market, owner: asyncpg.Connection
) -> None:
    keeper = f"{TENDER}/{market.harbour}"
    await owner.execute(
        "INSERT INTO erased_file VALUES ('sealed', $1, $2, 'bid-files', now(), NULL)", loss.gone, keeper
    )
    headers = await bearer(database, market.harbour_signs)
    answer = await put(client, loss, loss.gone, loss.bid.parts[loss.gone], headers)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/bid-ended")
