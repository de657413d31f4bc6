"""Money that goes another way than usual: below zero, in another currency, taken back while it is looked at."""

from datetime import timedelta

import pytest
from treasuring import CHANNEL, Treasury, ask, asked_back, balances, look, pay, refused, sent

from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.payments import service as payments
from procurement.payments.service.agreement import differences

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
