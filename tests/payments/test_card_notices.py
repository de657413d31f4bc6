"""Notices of the card service: believed by their signature alone, and only as a hint where to look."""

import json
import os
import random
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from carding import HOOK, deliver, event, follow, open_page, pay_page, signed
from sqlalchemy import text
from stripe_double.double import Double
from treasuring import CHANNEL, Treasury, ask, asked_back, balances, look

from procurement.infra.payments.stripe_cards import StripeCards
from procurement.infra.tx import Database
from procurement.kernel.money import Money

pytestmark = pytest.mark.anyio

GOOD = event("payment_intent.succeeded", "pi_1")
MANY = int(os.environ.get("NOTICES", "100"))  # `make cards` is the long form


async def told(client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    answer = await client.post(HOOK, content=body, headers=headers)
    return answer.status_code, answer.json()["outcome"]


async def counted(database: Database, table: str) -> int:
    async with database.begin(CHANNEL) as tx:
        return int(await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


NOT_OURS: dict[str, tuple[Callable[[], tuple[bytes, dict[str, str]]], str]] = {  # signed when sent: a notice grows old
    "another secret": (lambda: signed(GOOD, secret="whsec_other"), "webhook-signature"),
    "no signature": (lambda: (signed(GOOD)[0], {}), "webhook-signature"),
    "an empty one": (lambda: (signed(GOOD)[0], {"stripe-signature": "t=1,v1="}), "webhook-signature"),
    "another body": (lambda: (signed(GOOD)[0] + b" ", signed(GOOD)[1]), "webhook-signature"),
    "too old": (lambda: signed(GOOD, at=int(time.time()) - 301), "webhook-signature"),
    "another account": (lambda: signed({**GOOD, "account": "acct_other"}), "webhook-foreign"),
    "of real money": (lambda: signed({**GOOD, "livemode": True}), "webhook-foreign"),
    "no event": (lambda: signed({"id": 5}), "webhook-unreadable"),
    "no text": (lambda: (b"\xff\xfe", {"stripe-signature": "t=1,v1=00"}), "webhook-unreadable"),
}


@pytest.mark.parametrize(("notice", "outcome"), NOT_OURS.values(), ids=NOT_OURS)
async def test_what_is_not_ours_is_refused_and_leaves_nothing(
    database: Database,
    paying: httpx.AsyncClient,
    notice: Callable[[], tuple[bytes, dict[str, str]]],
    outcome: str,
) -> None:
    assert await told(paying, *notice()) == (400, outcome)
    assert await counted(database, "card_event") == await counted(database, "card_work") == 0


async def test_not_json_and_huge_are_refused(paying: httpx.AsyncClient) -> None:
    huge = json.dumps({**GOOD, "more": "x" * 300_000})
    assert (await paying.post(HOOK, content=huge, headers=signed(GOOD)[1])).status_code == 413
    from stripe import WebhookSignature

    header = {"stripe-signature": WebhookSignature.generate_signature_header("no json", "whsec_test")}
    assert await told(paying, b"no json", header) == (400, "webhook-unreadable")


async def test_a_good_notice_is_taken_once_and_other_kinds_are_acknowledged(
    database: Database, paying: httpx.AsyncClient
) -> None:
    other_version = {**GOOD, "api_version": "2019-02-11"}
    assert [await told(paying, *signed(one)) for one in (other_version, other_version)] == [
        (200, "taken"),
        (200, "ignored"),
    ]
    assert await told(paying, *signed(event("customer.created", "cus_1"))) == (200, "ignored")
    assert await counted(database, "card_event") == await counted(database, "card_work") == 1


async def test_a_notice_of_what_is_not_there_or_was_never_paid_books_nothing(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, paying: httpx.AsyncClient
) -> None:
    charge = await ask(database, treasury)
    await open_page(database, treasury, cards, charge.id)
    unpaid = double.does("intent", amount=100_00, currency="eur", **{"metadata[charge]": charge.id})
    lies = {"data": {"object": {"id": unpaid["id"], "status": "succeeded", "amount_received": 100_00}}}
    names = ("pi_none", "cs_none", "re_none", "dp_none", "po_none")
    kinds = ("payment_intent.succeeded", "checkout.session.completed", "refund.updated", "charge.dispute.created")
    unknown = [event(kind, name) for kind, name in zip((*kinds, "payout.paid"), names, strict=True)]
    lie = {**event("payment_intent.succeeded", unpaid["id"]), **lies}
    assert set(await deliver(paying, [*unknown, lie])) == {200}
    await follow(database, cards)
    assert await balances(database) == {} and await counted(database, "card_work") == 0


@pytest.mark.parametrize(("amount", "currency"), [(100_00, "eur"), (1_00, "eur"), (100_00, "usd")])
async def test_what_somebody_wrote_beside_a_payment_pays_nobodys_charge(
    database: Database,
    treasury: Treasury,
    cards: StripeCards,
    double: Double,
    paying: httpx.AsyncClient,
    amount: int,
    currency: str,
) -> None:
    charge = await ask(database, treasury)
    await open_page(database, treasury, cards, charge.id)
    double.forged(amount, currency, charge=charge.id, attempt="1")
    double.forged(amount, currency, charge="nobodys", attempt="7")
    double.forged(amount, currency)
    await deliver(paying, double.does("events"))
    await follow(database, cards)
    assert (await look(database, charge.id)).paid == Money(0, "EUR")
    assert await balances(database) == {"card-balance": 2 * amount, "unmatched": -2 * amount}


async def _story(database: Database, treasury: Treasury, cards: StripeCards, double: Double, many: int) -> None:
    """Charges paid by card, every third of them given back in part, every fifth disputed."""
    for number in range(many):
        charge = await ask(database, treasury)
        intent = pay_page(double, await open_page(database, treasury, cards, charge.id))["payment_intent"]
        if number % 3 == 0:
            double.does("refund", payment_intent=intent, amount=1_00)  # on the card service's own pages: not ours
        if number % 5 == 0:
            dispute = double.does("dispute", id=intent)
            double.does("end-dispute", id=dispute["id"], outcome="won" if number % 2 else "lost")
    double.does("payout", amount=many, currency="eur", status="paid")


async def test_notices_in_any_order_and_number_end_in_the_same_books(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, paying: httpx.AsyncClient
) -> None:
    many = max(10, MANY // 16)
    await _story(database, treasury, cards, double, many)
    events: list[dict[str, Any]] = double.does("events")
    sent = events * max(2, MANY // len(events))
    random.Random(4).shuffle(sent)
    half = len(sent) // 2
    assert set(await deliver(paying, sent[:half])) == {200}
    await follow(database, cards)
    assert set(await deliver(paying, sent[half:])) == {200}
    await follow(database, cards)
    disputed = len(range(0, many, 5))
    won = len([one for one in range(0, many, 5) if one % 2])
    assert await balances(database) == {
        "bank": many,
        "card-balance": (many - disputed + won) * 100_00 - many,
        "held": -(many - disputed + won) * 100_00,
    }
    assert await counted(database, "payment") == many and await counted(database, "card_event") <= len(events)
    assert await counted(database, "card_difference") == len(range(0, many, 3))


async def test_a_refund_and_its_notices_race_and_it_is_sent_once(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, paying: httpx.AsyncClient
) -> None:
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await deliver(paying, double.does("events"))
    await follow(database, cards)
    await asked_back(database, treasury.mary, charge.id, 30_00)
    double.does("faults", next="error")  # the client asks again, and is told the same
    for _ in range(3):
        await follow(database, cards)
        await deliver(paying, double.does("events")[::-1])
        cards.breaker.worked()
        async with database.begin(CHANNEL) as tx:
            await tx.session.execute(text("UPDATE card_work SET due_at = clock_timestamp()"))
    await follow(database, cards)
    assert [one["amount"] for one in double.objects("refund")] == [30_00]
    assert (await look(database, charge.id)).returned.amount == 30_00
