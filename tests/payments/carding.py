"""Scenes of paying by card: somebody pays on the double's page, its notices are delivered, the worker follows."""

import json
import time
from collections.abc import Iterable
from typing import Any

import httpx
from stripe import WebhookSignature
from stripe_double.double import Double
from treasuring import Treasury

from procurement.infra.payments import Cards
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database
from procurement.payments.jobs import cards as jobs
from procurement.payments.service import cards as by_card

SECRET = "whsec_test"
HOOK = "/webhooks/stripe"


async def open_page(database: Database, treasury: Treasury, cards: Cards | None, charge: str) -> str:
    """Ines of Harbour Paving presses the button; the address she is led to."""
    return await by_card.open_page(database, treasury.town.ines, cards, charge, "http://test/back")


async def follow(database: Database, cards: Cards) -> None:
    """What the worker does: jobs of facts, and everything that is to be asked for, until nothing is."""
    while await handle_one(database):
        pass
    await jobs.follow(database, cards)
    while await handle_one(database):
        pass
    await jobs.follow(database, cards)


def pay_page(double: Double, url: str, card: str = "good") -> dict[str, Any]:
    """Somebody types a card there."""
    return dict(double.does("pay-session", id=url.rpartition("/")[2], card=card))


def signed(event: dict[str, Any], secret: str = SECRET, at: int | None = None) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event)
    header = WebhookSignature.generate_signature_header(body, secret, at or int(time.time()))
    return body.encode(), {"stripe-signature": header, "content-type": "application/json"}


async def deliver(client: httpx.AsyncClient, events: Iterable[dict[str, Any]]) -> list[int]:
    """Each event at the door, as Stripe sends it; the statuses."""
    answers = []
    for event in events:
        body, headers = signed(event)
        answer = await client.post(HOOK, content=body, headers=headers)
        answers.append(answer.status_code)
    return answers


def event(type_: str, name: str, **more: Any) -> dict[str, Any]:
    """One that the double did not send."""
    base = {"id": f"evt_{name}_{type_}", "object": "event", "type": type_, "created": int(time.time())}
    return {**base, "livemode": False, "data": {"object": {"id": name}}, **more}
