"""A bid made with `procurement seal` for a tender with a double lock: fetched, proved, sealed, submitted, opened."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from anyio import to_thread
from doubling import released
from opening_day import Day
from tendering import SETUP

from procurement.client import Client
from procurement.client.offline import Cannot, folder, making, opening, sending
from procurement.client.offline.fetching import fetch
from procurement.client.offline.package import Package
from procurement.client.offline.proving import prove
from procurement.client.offline.tender_file import TenderFile
from procurement.identity.service import tokens
from procurement.infra.ledger.facts import KeyPublished
from procurement.kernel.actor import Actor
from procurement.kernel.checkpoint import SignerKey

if TYPE_CHECKING:
    from conftest import Advance

    from procurement.app import Parts

pytestmark = pytest.mark.anyio
SERVICE = "http://marrow.example"


class Through(httpx.BaseTransport):
    """The client that blocks, in a thread, to the application in this test's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, app: httpx.AsyncClient) -> None:
        self.loop, self.app = loop, app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content, kept = request.read(), ("authorization", "content-type", "idempotency-key")
        headers = {name: value for name, value in request.headers.items() if name in kept}
        path = request.url.raw_path.decode()
        asked = self.app.request(request.method, path, content=content, headers=headers)
        answer = asyncio.run_coroutine_threadsafe(asked, self.loop).result(60)
        return httpx.Response(answer.status_code, headers={"content-type": answer.headers.get("content-type", "")},
                              content=answer.content)  # fmt: skip


async def token(day: Day, bidder: Actor) -> str:
    async with day.database.begin(bidder) as tx:
        tx.actor = Actor(bidder.person, bidder.roles, bidder.organisation, tx.real_now)
        return await tokens.issue(tx, "seal", 7)


def filled(place: Path, file: TenderFile) -> None:
    """What the bidder does."""
    folder.begin(place, file)
    (place / folder.PRICES_JSON).write_bytes(msgspec.json.encode({item.id: "100.00" for item in file.items}))
    rows = [f"{one.code},as it says,yes" for one in file.declarations]
    (place / folder.CONFIRMED).write_text("\n".join(["code,statement,confirmed", *rows]))
    (place / folder.DOCUMENTS / "Offer.txt").write_text("We offer asphalt.")


async def publish_keys(day: Day, receipts: SignerKey) -> None:
    async with day.database.begin(SETUP) as tx:
        for purpose, key in (("checkpoints", day.ledger), ("receipts", receipts)):
            await tx.record(KeyPublished(purpose=purpose, verifier=str(key.verifier)))
    await day.sequence()


async def test_what_the_tool_sealed_is_opened_by_the_keyholder_and_two_of_three(
    double: Day, client: httpx.AsyncClient, parts: "Parts", advance: "Advance", tmp_path: Path
) -> None:
    await publish_keys(double, await parts.receipt_key())
    adler = await double.bidder("Adler Strassenbau")
    through = Through(asyncio.get_running_loop(), client)
    with Client(SERVICE, await token(double, adler), transport=through) as program:
        file = await to_thread.run_sync(fetch, program, SERVICE, double.tender_id)
        assert len(prove(file, str(double.ledger.verifier))) == 4 and (file.level, len(file.signatures)) == ("S2", 3)
        with pytest.raises(Cannot, match="not signed by the log"):
            prove(file, str(SignerKey(double.ledger.verifier.name, b"x" * 32).verifier))
        filled(tmp_path / "bid", file)
        package, kit = tmp_path / "package", tmp_path / "kit.json"
        making.seal(file, folder.read(tmp_path / "bid", file), package, kit)
        held = Package.open(package)
        await to_thread.run_sync(sending.must_still_fit, program, held)
        assert await to_thread.run_sync(sending.upload, program, held, lambda done, whole: None) == 4
        receipt = await to_thread.run_sync(sending.submit, program, held)
    assert receipt.receipt.digest == opening.read_kit(kit).digest
    await released(double, advance)
    for holder in double.holders[1:]:
        await double.give(holder)
    await double.sweep()
    (bid,) = await double.opened()
    assert bid.valid and bid.digest == receipt.receipt.digest
    assert [one.name for one in bid.documents] == ["declarations.json", "Offer.txt"]
