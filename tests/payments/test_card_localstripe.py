"""The whole way against localstripe: an intent, its signed notice over HTTP, the books, and a refund."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx
import msgspec
import pytest
from aiohttp import web
from carding import HOOK, SECRET, follow
from stripe_double.double import localstripe
from treasuring import CHANNEL, Treasury, ask, asked_back, balances, look
from whole_service import free_port

from procurement.infra.payments.stripe_cards import StripeCards
from procurement.infra.tx import Database
from procurement.payments.service import cards as by_card
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def door(client: httpx.AsyncClient, told: anyio.Event) -> AsyncIterator[str]:
    """The address of our door on a port of this machine: bytes and headers as they come."""

    async def pass_on(request: web.Request) -> web.Response:
        body = await request.read()
        signature = {"stripe-signature": request.headers["Stripe-Signature"]}
        answer = await client.post(HOOK, content=body, headers=signature)
        if answer.json() == {"outcome": "taken"}:
            told.set()
        return web.Response(status=answer.status_code)

    app, port = web.Application(), free_port()
    app.router.add_post("/", pass_on)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/"
    await runner.cleanup()


async def test_an_intent_is_paid_told_booked_and_given_back(
    database: Database, treasury: Treasury, settings: Settings, serve: "Serve", tmp_path: Path
) -> None:
    charge = await ask(database, treasury)
    told = anyio.Event()
    with localstripe(tmp_path) as address:
        keys = {"stripe_secret_key": "sk_test_x", "stripe_webhook_secret": SECRET, "stripe_url": address}
        cards = StripeCards("sk_test_x", address=address)
        async with (
            serve(msgspec.structs.replace(settings, **keys)) as client,
            door(client, told) as here,
            httpx.AsyncClient(base_url=address, auth=("sk_test_x", "")) as payer,
        ):
            hook = {"url": here, "secret": SECRET}
            (await payer.post("/_config/webhooks/ours", json=hook)).raise_for_status()
            intent, _ = await by_card.ask_intent(database, treasury.town.ines, cards, charge.id)
            await payer.post(f"/v1/payment_intents/{intent.id}", data={"payment_method": "pm_card_visa"})
            (await payer.post(f"/v1/payment_intents/{intent.id}/confirm")).raise_for_status()
            with anyio.fail_after(20):
                await told.wait()
        await follow(database, cards)
        assert (await look(database, charge.id)).state == "paid"
        await asked_back(database, treasury.mary, charge.id, 40_00)
        await follow(database, cards)
        await cards.close()
    assert await balances(database) == {"card-balance": 60_00, "held": -60_00}
    async with database.begin(CHANNEL) as tx:
        attempt = await by_card.newest(tx, charge.id)
    assert attempt and attempt.state == "paid"
