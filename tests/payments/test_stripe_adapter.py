"""The adapter over real HTTP: against localstripe, and against a double that looks at every parameter."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from stripe_double.double import Double, localstripe

from procurement.infra.payments import Order, amounts
from procurement.infra.payments.keys import must_be_stripes
from procurement.infra.payments.stripe_cards import StripeCards
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio

DEPOSIT = Money(120_000, "EUR")
SINCE, UNTIL = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)


def order(charge: str = "charge1", attempt: int = 1, money: Money = DEPOSIT) -> Order:
    until = datetime.fromtimestamp(int(time.time()) // 60 * 60 + 7200, UTC)
    return Order(charge=charge, attempt=attempt, money=money, said="RF18", back="http://test/payments/x", until=until)


async def test_a_session_is_opened_once_for_each_attempt(cards: StripeCards, double: Double) -> None:
    first, again, next_one = [await cards.open_session(order(attempt=n)) for n in (1, 1, 2)]
    assert first == again != next_one
    assert (first.state, first.charge, first.attempt, first.intent) == ("open", "charge1", 1, "")
    told = double.objects("checkout.session")[0]
    assert (told["amount_total"], told["currency"]) == (120_000, "eur")


async def test_what_is_paid_on_the_page_is_found_in_the_intent(cards: StripeCards, double: Double) -> None:
    session = await cards.open_session(order())
    async with httpx.AsyncClient() as payer:
        answer = await payer.post(session.url, data={"card": "good"})
    assert answer.headers["location"] == "http://test/payments/x"
    paid = await cards.session(session.id)
    assert paid and paid.state == "complete"
    intent = await cards.intent(paid.intent)
    assert intent and (intent.state, intent.money, intent.charge, intent.attempt) == ("paid", DEPOSIT, "charge1", 1)


async def test_what_counts_is_when_the_card_was_charged(cards: StripeCards, double: Double) -> None:
    made = await cards.open_intent(order())
    double.does("long-ago", id=made.id)
    double.does("pay", id=made.id)
    paid = await cards.intent(made.id)
    assert paid and paid.at > SINCE


async def test_a_page_that_was_closed_takes_nothing_and_may_be_closed_again(cards: StripeCards, double: Double) -> None:
    session = await cards.open_session(order())
    await cards.close_session(session.id)
    await cards.close_session(session.id)
    found = await cards.session(session.id)
    assert found and found.state == "expired"


async def test_a_refund_is_sent_once_and_found_again(cards: StripeCards, double: Double) -> None:
    paid = double.forged(120_000, "eur")
    sent, again = [await cards.send_refund("refund1", paid["id"], Money(20_000, "EUR")) for _ in range(2)]
    assert sent == again == (await cards.refunds_of(paid["id"]))[0] == await cards.refund(sent.id)
    assert (sent.state, sent.refund, sent.money) == ("sent", "refund1", Money(20_000, "EUR"))
    with pytest.raises(Refused, match="did not take") as too_much:
        await cards.send_refund("refund2", paid["id"], Money(100_001, "EUR"))
    assert too_much.value.code == "card-refused"


async def test_every_page_of_a_list_is_read(cards: StripeCards, double: Double) -> None:
    made = double.does("many", count=105)
    assert [one.id async for one in cards.intents(SINCE, UNTIL)] == made[::-1]
    lines = [one async for one in cards.movements(SINCE, UNTIL)]
    assert [line.source for line in lines] == made[::-1]
    assert {(line.kind, line.fee) for line in lines} == {("charge", Money(30, "EUR"))}
    assert [one async for one in cards.intents(UNTIL, UNTIL + timedelta(hours=1))] == []


async def test_disputes_and_payouts_are_read(cards: StripeCards, double: Double) -> None:
    paid = double.forged(5_000, "eur")
    opened = double.does("dispute", id=paid["id"])
    found = await cards.dispute(opened["id"])
    assert found and (found.state, found.taken, found.intent, found.money.amount) == ("open", True, paid["id"], 5_000)
    double.does("end-dispute", id=opened["id"], outcome="won")
    won = await cards.dispute(opened["id"])
    assert won and won.state == "won"
    sent = double.does("payout", amount=4_000, currency="eur", status="paid")
    payout = await cards.payout(sent["id"])
    assert payout and (payout.state, payout.money) == ("paid", Money(4_000, "EUR"))


async def test_what_is_not_there_is_none(cards: StripeCards) -> None:
    assert await cards.session("cs_no") is await cards.intent("pi_no") is await cards.refund("re_no") is None
    assert await cards.dispute("dp_no") is await cards.payout("po_no") is None


async def test_an_answer_that_is_lost_was_still_given_once(cards: StripeCards, double: Double) -> None:
    double.does("faults", next="drop")
    assert (await cards.open_session(order())).state == "open"  # the client itself asks again, with the same key
    assert len(double.objects("checkout.session")) == 1


@pytest.mark.parametrize("fault", ["error error", "hang"])
async def test_nobody_waits_long_and_the_next_not_at_all(cards: StripeCards, double: Double, fault: str) -> None:
    double.does("faults", next=fault)
    for longest in (3.0, 0.05):
        began = time.monotonic()
        with pytest.raises(Refused) as no:
            await cards.open_session(order())
        assert (no.value.code, no.value.status) == ("card-unreachable", 503)
        assert time.monotonic() - began < longest
    cards.breaker._until = 0.0  # its pause is over
    assert await cards.intent("pi_no") is None


async def test_a_wrong_key_is_no_answer_for_people(double: Double) -> None:
    cards = StripeCards("sk_live_x", address=double.url)
    with pytest.raises(Refused) as no:
        await cards.open_session(order())
    assert cards.live and no.value.code == "card-unreachable"
    await cards.close()


@pytest.mark.parametrize(
    ("money", "told"),
    [
        (Money(1050, "EUR"), (1050, "eur")),
        (Money(500, "JPY"), (500, "jpy")),
        (Money(500, "ISK"), (50_000, "isk")),
        (Money(5_120, "KWD"), (5_120, "kwd")),
        (Money(12_300, "MGA"), (123, "mga")),
    ],
)
def test_amounts_are_told_in_stripes_own_units_and_back(money: Money, told: tuple[int, str]) -> None:
    assert amounts.to_stripe(money) == told
    assert amounts.from_stripe(*told) == money


@pytest.mark.parametrize(
    "money", [Money(5_124, "KWD"), Money(12_345, "MGA"), Money(500, "UGX"), Money(1_000, "IQD"), Money(0, "EUR")]
)
def test_what_cannot_be_told_exactly_is_refused(money: Money) -> None:
    with pytest.raises(Refused) as no:
        amounts.to_stripe(money)
    assert (no.value.code, no.value.status) == ("card-currency-unsupported", 422)


async def test_every_currency_that_is_told_is_taken_by_the_double(cards: StripeCards) -> None:
    for money in (Money(1050, "EUR"), Money(500, "JPY"), Money(500, "ISK"), Money(5_120, "KWD")):
        assert (await cards.open_intent(order(f"c{money.currency}", money=money))).money == money


@pytest.mark.parametrize("address", ["https://api.stripe.example", "http://10.0.0.1", "ftp://localhost"])
def test_the_key_is_told_to_nobody_else(address: str) -> None:
    with pytest.raises(ValueError, match="STRIPE_URL"):
        must_be_stripes(address)


async def test_localstripe_takes_an_intent_and_gives_it_back(tmp_path: Path) -> None:
    with localstripe(tmp_path) as address:
        cards = StripeCards("sk_test_x", address=address)
        made = await cards.open_intent(order())
        assert made.secret and made.state == "waiting"
        async with httpx.AsyncClient(base_url=address, auth=("sk_test_x", "")) as payer:
            await payer.post(f"/v1/payment_intents/{made.id}", data={"payment_method": "pm_card_visa"})
            answer = await payer.post(f"/v1/payment_intents/{made.id}/confirm")
            assert answer.status_code == 200, answer.text
        paid = await cards.intent(made.id)
        assert paid and (paid.state, paid.money, paid.secret) == ("paid", DEPOSIT, "")
        sent = await cards.send_refund("refund1", made.id, DEPOSIT)
        assert (sent.state, sent.refund) == ("sent", "refund1")
        assert [one.id for one in await cards.refunds_of(made.id)] == [sent.id]
        await cards.close()
