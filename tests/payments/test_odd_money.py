"""Money that goes another way than usual: below zero, in another currency, taken back while it is looked at."""

from datetime import timedelta

import pytest
from treasuring import CHANNEL, Treasury, approve, ask, asked_back, balances, look, pay, refused, sent

from procurement.infra.payments.stripe_cards import StripeCards
from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.payments import service as payments
from procurement.payments.service.agreement import differences
from procurement.payments.service.cards.looking import send_refund

pytestmark = pytest.mark.anyio


async def agree(database: Database) -> None:
    async with database.begin(CHANNEL) as tx:
        assert await differences(tx) == []


async def test_the_processor_takes_from_the_bank_what_its_balance_lacks(database: Database, treasury: Treasury) -> None:
    """After many refunds and disputes a payout is below zero."""
    for _ in range(2):
        async with database.begin(CHANNEL) as tx:
            await payments.payout(tx, external="po_1", money=Money(-5_00, "EUR"), at=tx.real_now)
    assert await balances(database) == {"card-balance": 5_00, "bank": -5_00}
    async with database.begin(CHANNEL) as tx:
        await payments.payout_failed(tx, external="po_1", money=Money(-5_00, "EUR"), at=tx.real_now)
    assert await balances(database) == {}
    await agree(database)


async def test_a_dispute_in_another_currency_takes_nothing_that_is_held(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00, "pi_1")
    async with database.begin(CHANNEL) as tx:
        at = tx.real_now
        await payments.dispute_opened(tx, external="dp_1", payment="pi_1", money=Money(10_000, "JPY"), reason="", at=at)
        await payments.dispute_closed(tx, external="dp_1", won=False, at=at)
    assert (await look(database, charge.id)).held == Money(100_00, "EUR")
    await agree(database)


async def test_what_the_payers_bank_has_taken_back_is_not_there(database: Database, treasury: Treasury) -> None:
    """Whoever pays by card and has it taken back before the deadline has no deposit at the deadline."""
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00, "pi_1")
    async with database.begin(CHANNEL) as tx:
        before = tx.now
        await payments.dispute_opened(
            tx, external="dp_1", payment="pi_1", money=Money(60_00, "EUR"), reason="", at=tx.real_now
        )
    async with database.begin(CHANNEL) as tx:
        deadline = tx.now
        assert await payments.held_at(tx, [charge.id], before - timedelta(days=1)) == {}
        assert await payments.held_at(tx, [charge.id], deadline) == {charge.id: Money(40_00, "EUR")}
    async with database.begin(CHANNEL) as tx:
        await payments.dispute_closed(tx, external="dp_1", won=True, at=tx.real_now)
    async with database.begin(CHANNEL) as tx:
        assert await payments.held_at(tx, [charge.id], deadline) == {charge.id: Money(40_00, "EUR")}
        assert await payments.held_at(tx, [charge.id], tx.now) == {charge.id: Money(100_00, "EUR")}


@pytest.mark.parametrize("fails", ["while it is open", "not at all"])
async def test_a_refund_that_a_dispute_stops_does_not_leave_the_money_owed(
    database: Database, treasury: Treasury, fails: str
) -> None:
    """The card service sends nothing back of a payment that is disputed: the payer has it by the dispute, and once."""
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00, "pi_1")
    (refund,) = await asked_back(database, treasury.mary, charge.id, 100_00)
    async with database.begin(CHANNEL) as tx:
        await payments.refund_begun(tx, refund.id)
        await payments.dispute_opened(
            tx, external="dp_1", payment="pi_1", money=Money(100_00, "EUR"), reason="", at=tx.real_now
        )
        if fails == "while it is open":
            await payments.refund_failed(tx, refund.id, "The payment is disputed.")
    if fails == "while it is open":
        await refused("refund-too-much", asked_back(database, treasury.mary, charge.id, 100_00))
    else:
        await sent(database, refund.id)
    async with database.begin(CHANNEL) as tx:
        await payments.dispute_closed(tx, external="dp_1", won=False, at=tx.real_now)
    assert (await look(database, charge.id)).held == Money(0, "EUR")
    lost = {"losses": 100_00, "card-balance": -100_00} if fails == "not at all" else {}
    assert await balances(database) == lost
    await agree(database)


@pytest.mark.parametrize(("amount", "state"), [(100_00, "failed"), (6_000_00, "refused")])
@pytest.mark.parametrize("channel", ["card", "transfer"])
async def test_money_that_the_payers_bank_took_back_does_not_leave_by_a_refund_that_waits(
    database: Database, treasury: Treasury, channel: str, amount: int, state: str
) -> None:
    """Approved and not begun, or waiting for a second person: the payer would have it twice."""
    charge = await ask(database, treasury, amount)
    await pay(database, charge.id, amount, "paid-1", channel=channel)
    (refund,) = await asked_back(database, treasury.mary, charge.id, amount)
    async with database.begin(CHANNEL) as tx:
        deadline, about = tx.now, {"external": "dp_1", "at": tx.real_now, "channel": channel}
        await payments.dispute_opened(tx, payment="paid-1", money=Money(amount, "EUR"), reason="", **about)
        assert (await payments.held_at(tx, [charge.id], deadline))[charge.id] == Money(0, "EUR")
        assert (await payments.refund(tx, refund.id)).state == state
    await refused("refund-decided", approve(database, treasury.noor, refund.id))
    await refused("refund-too-much", asked_back(database, treasury.mary, charge.id, amount))
    async with database.begin(CHANNEL) as tx:
        await payments.dispute_closed(tx, won=False, **about)
    assert (await balances(database), (await look(database, charge.id)).held.amount) == ({}, 0)
    await agree(database)


async def test_of_a_refund_only_what_the_payers_bank_took_back_is_kept_here(
    database: Database, treasury: Treasury
) -> None:
    charge = await ask(database, treasury, 6_000_00)
    await pay(database, charge.id, 6_000_00, "pi_1")
    async with database.begin(CHANNEL) as tx:
        await payments.release(tx, purpose="deposit", subject=charge.subject, reason="Withdrawn.", basis="17(3)")
    async with database.begin(CHANNEL) as tx:
        await payments.dispute_opened(
            tx, external="dp_1", payment="pi_1", money=Money(1_000_00, "EUR"), reason="", at=tx.real_now
        )
    now = await look(database, charge.id)
    assert (now.promised.amount, now.disputed.amount) == (5_000_00, 1_000_00)
    await agree(database)


async def test_a_refund_that_was_called_off_is_nothing_to_send(
    database: Database, treasury: Treasury, cards: StripeCards
) -> None:
    """It would be asked for again for ever."""
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00, "pi_1")
    (refund,) = await asked_back(database, treasury.mary, charge.id, 100_00)
    async with database.begin(CHANNEL) as tx:
        await payments.refund_failed(tx, refund.id, "The payer's bank took it back.")
    await send_refund(database, cards, refund.id)
    async with database.begin(CHANNEL) as tx:
        assert (await payments.refund(tx, refund.id)).state == "failed"


@pytest.mark.parametrize("had_gone", [False, True])
async def test_what_comes_back_after_a_lost_dispute_is_no_longer_owed(
    database: Database, treasury: Treasury, had_gone: bool
) -> None:
    """The bank took the payment back while the refund was on its way, and that then failed: the payer has it once."""
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00, "line-1", channel="transfer")
    (refund,) = await asked_back(database, treasury.mary, charge.id, 100_00)
    async with database.begin(CHANNEL) as tx:
        await payments.refund_begun(tx, refund.id)
    if had_gone:
        await sent(database, refund.id)
    async with database.begin(CHANNEL) as tx:
        about = {"external": "line-2", "at": tx.real_now, "channel": "transfer"}
        await payments.dispute_opened(tx, payment="line-1", money=Money(100_00, "EUR"), reason="", **about)
        await payments.dispute_closed(tx, won=False, **about)
    assert (await balances(database))["losses"] == 100_00
    async with database.begin(CHANNEL) as tx:
        await payments.refund_failed(tx, refund.id, "The account is closed.")
    assert (await balances(database), (await look(database, charge.id)).held.amount) == ({}, 0)
    await refused("refund-too-much", asked_back(database, treasury.mary, charge.id, 100_00))
    await agree(database)
