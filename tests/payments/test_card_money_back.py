"""Refunds and disputes by card."""

import httpx
import pytest
from carding import deliver, follow, open_page, pay_page
from stripe_double.double import Double
from treasuring import Treasury, approve, ask, asked_back, balances, look

from procurement.infra.payments.stripe_cards import StripeCards
from procurement.infra.tx import Database
from procurement.payments.service import cards as by_card

pytestmark = pytest.mark.anyio


async def test_a_refund_goes_back_by_card_once(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await by_card.come_back(database, cards, charge.id)
    await asked_back(database, treasury.mary, charge.id, 40_00)
    await follow(database, cards)
    await follow(database, cards)
    after = await look(database, charge.id)
    assert (after.returned.amount, after.held.amount) == (40_00, 60_00)
    assert [one["amount"] for one in double.objects("refund")] == [40_00]
    assert await balances(database) == {"card-balance": 60_00, "held": -60_00}


async def test_a_large_refund_waits_for_the_second_person(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury, 6_000_00)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await by_card.come_back(database, cards, charge.id)
    (asked,) = await asked_back(database, treasury.mary, charge.id, 6_000_00)
    await follow(database, cards)
    assert double.objects("refund") == []
    await approve(database, treasury.noor, asked.id)
    await follow(database, cards)
    assert (await look(database, charge.id)).returned.amount == 6_000_00


async def test_a_refund_that_the_bank_of_the_card_gives_back_is_owed_again(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, paying: httpx.AsyncClient
) -> None:
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await by_card.come_back(database, cards, charge.id)
    await asked_back(database, treasury.mary, charge.id, 100_00)
    await follow(database, cards)
    double.does("fail-refund", id=double.objects("refund")[0]["id"])
    assert set(await deliver(paying, double.does("events"))) == {200}
    await follow(database, cards)
    after = await look(database, charge.id)
    assert (after.returned.amount, after.held.amount) == (0, 100_00)


async def test_a_dispute_and_its_end_are_booked_whatever_is_told_first(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, paying: httpx.AsyncClient
) -> None:
    charge = await ask(database, treasury)
    url = await open_page(database, treasury, cards, charge.id)
    intent = pay_page(double, url)["payment_intent"]
    opened = double.does("dispute", id=intent)
    assert await deliver(paying, [double.does("events")[-1]]) == [200]  # of the payment nobody has told yet
    await follow(database, cards)
    assert (await look(database, charge.id)).state == "disputed"
    double.does("end-dispute", id=opened["id"], outcome="won")
    await deliver(paying, double.does("events")[::-1])
    await follow(database, cards)
    assert (await look(database, charge.id)).state == "paid"
    assert await balances(database) == {"card-balance": 100_00, "held": -100_00}
