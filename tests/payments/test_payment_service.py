"""From being asked to being given back: each step in the figures, in the books and in the record."""

from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import text
from treasuring import CHANNEL, Treasury, approve, ask, asked_back, balances, fresh, look, pay, refused

from procurement.infra.tx import Database
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.payments import service as payments
from procurement.payments.doctor import books
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

BIG = 6_000_00  # above the limit of the model law's rulebook, 5 000 EUR


async def test_a_charge_is_asked_once_for_each_payer_and_subject(database: Database, treasury: Treasury) -> None:
    first = await ask(database, treasury)
    same = {
        "purpose": first.purpose, "subject": first.subject, "process": "", "title": "Deposit", "payer": first.payer,
        "payee": first.payee,
    }  # fmt: skip
    async with database.begin(treasury.town.ines) as tx:
        again = await payments.ask(tx, **same, amount=first.amount)
    assert again == first and first.state == "asked" and first.reference.startswith("RF")
    async with database.begin(treasury.town.ines) as tx:
        await refused("charge-differs", payments.ask(tx, **same, amount=Money(1, "EUR")))
    async with database.begin(treasury.zeno) as tx:
        await refused("not-permitted", payments.ask(tx, **same, amount=first.amount))
    async with database.begin(treasury.town.ines) as tx:
        await refused("amount-invalid", payments.ask(tx, **same | {"subject": "x"}, amount=Money(0, "EUR")))


async def test_a_payment_is_booked_once_however_often_it_is_told(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    first = await pay(database, charge.id, 100_00, "pi_1")
    again = await pay(database, charge.id, 100_00, "pi_1")
    assert (first.again, again.again, again.payment) == (False, True, first.payment)
    async with database.begin(CHANNEL) as tx:
        other = {"charge": charge.id, "money": Money(1, "EUR"), "channel": "card", "external": "pi_1"}
        await refused("payment-differs", payments.receive(tx, **other, at=tx.real_now))  # type: ignore[arg-type]  # fields by name
    assert (await look(database, charge.id)).state == "paid"
    assert await balances(database) == {"card-balance": 100_00, "held": -100_00}


async def test_what_is_paid_too_much_goes_back_by_itself(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 70_00)
    assert (await look(database, charge.id)).owed == Money(30_00, "EUR")
    await pay(database, charge.id, 50_00)
    after = await look(database, charge.id)
    assert (after.promised.amount, after.held.amount, after.state) == (20_00, 120_00, "returning")
    assert await balances(database) == {"card-balance": 120_00, "held": -100_00, "refunds-under-way": -20_00}


async def test_money_without_a_charge_waits_for_a_person(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    stray = await pay(database, None, 100_00, channel="transfer")
    foreign = await pay(database, charge.id, 100_00, currency="JPY")
    assert stray.charge == foreign.charge == "", "another currency pays nothing"
    async with database.begin(treasury.mary) as tx:
        await refused("currency-differs", payments.match(tx, foreign.payment, charge.id))
    async with database.begin(treasury.mary) as tx:
        await payments.match(tx, stray.payment, charge.id)
    async with database.begin(treasury.noor) as tx:
        await refused("payment-matched", payments.match(tx, stray.payment, charge.id))
    assert (await look(database, charge.id)).state == "paid"
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        back = await payments.return_payment(tx, foreign.payment, "We do not know whose it is.")
    assert back.state == "waiting", "another currency than the rulebook's has no limit there"
    assert (await approve(database, treasury.noor, back.id)).state == "approved"


async def test_nobody_else_moves_money(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    paid = await pay(database, charge.id, 100_00)
    town = treasury.town
    for who in (town.olga, town.pia, town.ada, town.audun, town.ines, treasury.zeno):
        async with database.begin(who) as tx:
            tx.actor = fresh(who, tx)
            money = Money(1, "EUR")
            for trying in (
                payments.ask_refund(tx, charge.id, money, "Mine."),
                payments.return_payment(tx, paid.payment, "Mine."),
                payments.match(tx, paid.payment, charge.id),
                payments.approve_refund(tx, "none"),
                payments.refund_sent(tx, "none", "x", tx.real_now),
                payments.ask_forfeiture(tx, charge.id, money, "Mine.", "article 17"),
                payments.release(tx, purpose="deposit", subject=charge.subject, reason="x", basis="y"),
                payments.receive(tx, charge=None, money=money, channel="card", external="x", at=tx.real_now),
                payments.payout(tx, external="x", money=money, at=tx.real_now),
            ):
                await refused("not-permitted", trying)


async def test_a_fee_is_held_until_it_is_earned(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, purpose="challenge-fee")
    await pay(database, charge.id, 100_00)
    for _ in range(2):
        async with database.begin(CHANNEL) as tx:
            earned = await payments.earn(tx, charge.id, basis="the challenge was dismissed")
    assert earned.state == "kept"
    assert await balances(database) == {"card-balance": 100_00, "fees": -100_00}
    deposit = await ask(database, treasury)
    async with database.begin(CHANNEL) as tx:
        await refused("not-a-fee", payments.earn(tx, deposit.id, basis="x"))


async def test_the_processor_pays_out_and_takes_its_costs(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    for _ in range(2):
        async with database.begin(CHANNEL) as tx:
            await payments.fee(tx, external="txn_1", money=Money(1_75, "EUR"), at=tx.real_now)
            await payments.payout(tx, external="po_1", money=Money(98_25, "EUR"), at=tx.real_now)
            await payments.payout_failed(tx, external="po_2", money=Money(5_00, "EUR"), at=tx.real_now)
    assert await balances(database) == {"bank": 98_25, "held": -100_00, "processing-costs": 1_75}


async def test_what_was_there_at_a_moment_counts_from_when_it_came(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    async with database.begin(CHANNEL) as tx:
        earlier = tx.now - timedelta(days=2)
        stray = await payments.receive(
            tx, charge=None, money=charge.amount, channel="transfer", external="b1", at=tx.real_now - timedelta(days=2)
        )
    async with database.begin(treasury.mary) as tx:
        await payments.match(tx, stray.payment, charge.id)
    async with database.begin(CHANNEL) as tx:
        before = await payments.held_at(tx, [charge.id], earlier - timedelta(hours=1))
        after = await payments.held_at(tx, [charge.id], earlier + timedelta(hours=1))
    assert (before, after) == ({}, {charge.id: charge.amount})


async def test_the_database_refuses_an_entry_that_leans(
    database: Database, treasury: Treasury, owner: asyncpg.Connection
) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    record = await owner.fetchval(
        "SELECT max(id) FROM ledger_record WHERE id NOT IN (SELECT record_id FROM book_entry)"
    )
    made = "INSERT INTO book_entry (key, at, record_id) VALUES ($1, now(), $2) RETURNING id"
    posted = "INSERT INTO book_posting VALUES ($1, 'held', $2, $3, $4)"
    for postings in ([], [(5, "EUR")], [(5, "EUR"), (-5, "JPY")]):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="sum to zero"):
            async with owner.transaction():
                entry = await owner.fetchval(made, new_id(), record)
                for number, (amount, currency) in enumerate(postings):
                    await owner.execute(posted, entry, str(number), amount, currency)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="sum to zero"):
        await owner.execute(posted, await owner.fetchval("SELECT max(id) FROM book_entry"), "x", 5, "EUR")
    for statement in ("UPDATE book_posting SET amount = 1", "DELETE FROM book_entry", "TRUNCATE book_posting"):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(statement)


async def test_the_doctor_tells_what_somebody_changed_behind_our_back(
    database: Database, settings: Settings, treasury: Treasury, owner: asyncpg.Connection
) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    await asked_back(database, treasury.mary, charge.id, 40_00)
    assert [one.state for one in await books(settings)] == ["ok"]
    await owner.execute("UPDATE charge SET returned = 5")
    assert [one.state for one in await books(settings)] == ["broken"]
    await owner.execute("UPDATE charge SET returned = 0")
    await owner.execute("UPDATE payment SET charge_id = NULL")
    assert "Unmatched" in (await books(settings))[0].text
    await owner.execute("UPDATE payment SET charge_id = $1", charge.id)
    await owner.execute("ALTER TABLE book_posting DISABLE TRIGGER USER")
    await owner.execute("UPDATE book_posting SET amount = amount + 1 WHERE account = 'card-balance'")
    told = " ".join(one.text for one in await books(settings))
    assert "Record" in told and "lean by 1 in EUR" in told


async def test_nothing_of_it_can_be_read_in_the_record(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    await asked_back(database, treasury.mary, charge.id, 10_00)
    async with database.begin(CHANNEL) as tx:
        kinds = await tx.session.execute(
            text("SELECT type, visible FROM ledger_record WHERE convert_from(body, 'UTF8') LIKE :id"),
            {"id": f"%{charge.id}%"},
        )
        seen = {row.type: row.visible for row in kinds}
    assert seen == dict.fromkeys(("ChargeAsked", "PaymentReceived", "RefundAsked", "RefundApproved"), "parties")
