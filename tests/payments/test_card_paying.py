"""Paying by card, from the button to the books and back: every step over HTTP to a double that can be told to fail."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from carding import follow, open_page, pay_page
from people import visiting
from stripe_double.double import Double
from treasuring import Treasury, ask, balances, look, pay, refused

from procurement.infra.payments.keys import must_fit
from procurement.infra.payments.stripe_cards import StripeCards
from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.payments.jobs import cards as jobs
from procurement.payments.service import cards as by_card
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio


async def test_a_deposit_is_paid_on_the_page_and_held(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    url = await open_page(database, treasury, cards, charge.id)
    told = double.objects("checkout.session")[0]
    assert told["metadata"] == told["_intent"] == {"charge": charge.id, "attempt": "1"}
    pay_page(double, url)
    await by_card.come_back(database, cards, charge.id)
    assert (await look(database, charge.id)).state == "paid"
    assert await balances(database) == {"card-balance": 100_00, "held": -100_00}
    await follow(database, cards)
    await refused("charge-paid", open_page(database, treasury, cards, charge.id))


async def test_two_clicks_and_two_tabs_lead_to_one_page(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    both = await asyncio.gather(*(open_page(database, treasury, cards, charge.id) for _ in range(3)))
    assert set(both) == {await open_page(database, treasury, cards, charge.id)}
    assert len(double.objects("checkout.session")) == 1


async def test_coming_back_without_having_paid_changes_nothing(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    url = await open_page(database, treasury, cards, charge.id)
    pay_page(double, url, card="declined")
    await by_card.come_back(database, cards, charge.id)
    async with database.begin(treasury.town.ines) as tx:
        attempt = await by_card.newest(tx, charge.id)
    assert attempt and (attempt.state, attempt.problem) == ("open", "card_declined")
    assert (await look(database, charge.id)).state == "asked" and await balances(database) == {}
    pay_page(double, url)
    await by_card.come_back(database, cards, charge.id)
    assert (await look(database, charge.id)).state == "paid"


async def test_who_paid_a_moment_ago_is_not_asked_again(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await refused("card-processing", open_page(database, treasury, cards, charge.id))
    assert (await look(database, charge.id)).state == "paid"  # it was looked at, and booked


async def test_a_page_that_ran_out_is_replaced(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    url = await open_page(database, treasury, cards, charge.id)
    await cards.close_session(url.rpartition("/")[2])
    assert await open_page(database, treasury, cards, charge.id) != url


async def test_who_paid_by_bank_meanwhile_cannot_pay_by_card_and_gets_back_what_came_twice(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    first, second = await ask(database, treasury), await ask(database, treasury)
    pages = [await open_page(database, treasury, cards, one.id) for one in (first, second)]
    pay_page(double, pages[1])  # at the same moment, before anybody could close it
    for one in (first, second):
        await pay(database, one.id, 100_00, channel="transfer")
    await follow(database, cards)
    assert [one["status"] for one in double.objects("checkout.session")] == ["complete", "expired"]
    twice = await look(database, second.id)
    assert (twice.paid.amount, twice.returned.amount, twice.held.amount) == (200_00, 100_00, 100_00)
    assert [one["amount"] for one in double.objects("refund")] == [100_00]


async def test_a_program_is_told_the_secret_once_and_the_payment_before_it_is_closed(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    first, _ = await by_card.ask_intent(database, treasury.town.ines, cards, charge.id)
    second, _ = await by_card.ask_intent(database, treasury.town.ines, cards, charge.id)
    assert first.secret and second.secret and first.id != second.id
    await follow(database, cards)
    states = {one["id"]: one["status"] for one in double.objects("payment_intent")}
    assert states == {first.id: "canceled", second.id: "requires_payment_method"}
    double.does("pay", id=second.id)
    await by_card.come_back(database, cards, charge.id)
    assert (await look(database, charge.id)).state == "paid"
    again = await cards.intent(second.id)
    assert again and again.secret == ""


async def test_what_is_lost_on_the_way_is_begun_anew_and_charged_once(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    double.does("faults", next="error error")
    await refused("card-unreachable", open_page(database, treasury, cards, charge.id))
    cards.breaker.worked()
    url = await open_page(database, treasury, cards, charge.id)
    pay_page(double, url)
    await by_card.come_back(database, cards, charge.id)
    assert (await look(database, charge.id)).paid.amount == 100_00


async def test_an_attempt_that_ran_out_with_nobody_telling_is_looked_at(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, owner: object
) -> None:
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await owner.execute(  # type: ignore[attr-defined]  # a connection
        "UPDATE card_attempt SET begun_at = begun_at - interval '2 hours', until = until - interval '2 hours'"
    )
    await jobs.look_at_late(database)
    await follow(database, cards)
    assert (await look(database, charge.id)).state == "paid"


async def test_other_people_neither_pay_nor_learn_of_it(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    for stranger in (treasury.zeno, treasury.town.olga, treasury.town.audun):
        opening = by_card.open_page(database, stranger, cards, charge.id, "http://test/back")
        await refused("charge-unknown", opening)
    await refused("card-absent", open_page(database, treasury, None, charge.id))
    assert double.objects("checkout.session") == []


async def test_currencies_are_asked_in_their_own_units_or_not_at_all(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    for amount, currency, told in ((500, "JPY", 500), (5_120, "KWD", 5_120), (500, "ISK", 50_000)):
        charge = await ask(database, treasury, amount, currency=currency)
        pay_page(double, await open_page(database, treasury, cards, charge.id))
        assert double.objects("checkout.session")[0]["amount_total"] == told
        await by_card.come_back(database, cards, charge.id)
        assert (await look(database, charge.id)).held == Money(amount, currency)
    odd = await ask(database, treasury, 5_124, currency="KWD")
    await refused("card-currency-unsupported", open_page(database, treasury, cards, odd.id))


async def test_the_button_leads_there_and_back_again(
    database: Database, treasury: Treasury, paying: httpx.AsyncClient, double: Double
) -> None:
    charge = await ask(database, treasury)
    page = f"/payments/{charge.id}"
    async with visiting(paying, database, treasury.town.ines) as ines:
        shown = await ines.get(page)
        assert f"form-action 'self' {double.url};" in shown.headers["content-security-policy"]
        assert f'action="{page}/card"' in shown.text
        led = await ines.send(page, f"{page}/card")
        assert led.status_code == 303 and led.headers["location"].startswith(f"{double.url}/pay/cs_test_")
        pay_page(double, led.headers["location"])
        back = await ines.get(f"{page}/card?redirect_status=failed")  # what the address says counts for nothing
        assert (back.status_code, back.headers["location"]) == (303, page)
        assert f'action="{page}/card"' not in (await ines.get(page)).text
    assert (await look(database, charge.id)).state == "paid"


async def test_pages_answer_at_once_while_the_card_service_is_dead(
    database: Database, treasury: Treasury, paying: httpx.AsyncClient, double: Double
) -> None:
    charge = await ask(database, treasury)
    page = f"/payments/{charge.id}"
    async with visiting(paying, database, treasury.town.ines) as ines:
        await ines.send(page, f"{page}/card")
        double.kill()
        try:
            for path in (page, "/payments/", "/"):
                assert (await ines.get(path)).status_code == 200
            pressed = await ines.send(page, f"{page}/card")
            assert pressed.status_code == 503 and "Nothing was charged" in pressed.text
            came = await ines.client.get(f"{page}/card")
            assert came.status_code == 503 and "Do not pay again" in came.text
        finally:
            double.start()


async def test_without_keys_nothing_of_cards_is_anywhere(
    database: Database, treasury: Treasury, client: httpx.AsyncClient
) -> None:
    charge = await ask(database, treasury)
    page = f"/payments/{charge.id}"
    async with visiting(client, database, treasury.town.ines) as ines:
        shown = await ines.get(page)
        assert f"{page}/card" not in shown.text and "form-action 'self';" in shown.headers["content-security-policy"]
        assert (await ines.send(page, f"{page}/card")).status_code == 404
    assert (await client.post("/webhooks/stripe", content=b"{}")).status_code == 404


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
async def test_a_sandbox_does_not_start_with_a_live_key(settings: Settings, serve: "Serve", key: str) -> None:
    with pytest.raises(ValueError, match="live key and this is a sandbox"):
        async with serve(msgspec.structs.replace(settings, stripe_secret_key=key)):
            pass


def test_a_real_installation_takes_no_practice_money() -> None:
    with pytest.raises(ValueError, match="test key and this is a real installation"):
        must_fit(live=False, sandbox=False)


async def test_treasurers_see_what_differs_and_say_that_they_looked(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, paying: httpx.AsyncClient
) -> None:
    foreign = double.forged(7_00, "eur")
    async with database.begin(treasury.mary) as tx:
        now = tx.real_now
    await by_card.reconcile(database, cards, now - timedelta(hours=1), now + timedelta(minutes=1))
    async with visiting(paying, database, treasury.mary) as mary:
        assert 'href="/treasury/cards"' in (await mary.get("/treasury")).text
        assert foreign["id"] in (await mary.get("/treasury/cards")).text
        closed = await mary.send("/treasury/cards", f"/treasury/cards/not-ours/{foreign['id']}")
        assert closed.status_code == 303
        assert foreign["id"] not in (await mary.get("/treasury/cards")).text
