"""Money that goes back: released, refunded, refused, forfeited, disputed."""

import pytest
from treasuring import CHANNEL, Treasury, approve, ask, asked_back, balances, fresh, look, pay, refused, sent

from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.payments import service as payments

pytestmark = pytest.mark.anyio


BIG = 6_000_00  # above the limit of the model law's rulebook, 5 000 EUR


async def test_a_small_refund_takes_one_person_and_a_large_one_two(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, BIG)
    await pay(database, charge.id, BIG)
    [small] = await asked_back(database, treasury.mary, charge.id, 10_00)
    assert small.state == "approved"
    [large] = await asked_back(database, treasury.mary, charge.id, BIG - 10_00)
    assert (large.state, large.missing) == ("waiting", 1), "what went back already counts towards the limit"
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await refused("same-person", payments.approve_refund(tx, large.id))
    async with database.begin(treasury.noor) as tx:
        await refused("step-up-needed", payments.approve_refund(tx, large.id))
    assert (await approve(database, treasury.noor, large.id)).state == "approved"
    await sent(database, small.id)
    await sent(database, large.id)
    after = await look(database, charge.id)
    assert (after.returned, after.state) == (charge.amount, "asked"), "as long as it is asked it can be paid again"
    assert await balances(database) == {}


async def test_a_release_ends_the_charge_and_gives_back_what_is_held(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    released = {"purpose": "deposit", "subject": charge.subject, "reason": "The bid was withdrawn in time."}
    async with database.begin(CHANNEL) as tx:
        [refund] = await payments.release(tx, **released, basis="article 17(3)")  # type: ignore[arg-type]  # by name
    async with database.begin(CHANNEL) as tx:
        assert await payments.release(tx, **released, basis="article 17(3)") == []  # type: ignore[arg-type]  # by name
    assert (refund.state, refund.people, refund.asked_by) == ("approved", 0, "")
    await sent(database, refund.id)
    late = await pay(database, charge.id, 100_00)
    after = await look(database, charge.id)
    assert late.charge == charge.id and after.promised.amount == 100_00, "what comes after the end goes back as well"


async def test_two_people_confirm_a_large_release(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, BIG)
    await pay(database, charge.id, BIG)
    async with database.begin(CHANNEL) as tx:
        [refund] = await payments.release(
            tx, purpose="deposit", subject=charge.subject, reason="Contract signed.", basis="article 17(3)(c)"
        )
    assert refund.missing == 2
    first = await approve(database, treasury.mary, refund.id)
    assert (first.state, first.missing) == ("waiting", 1)
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await refused("same-person", payments.approve_refund(tx, refund.id))
    assert (await approve(database, treasury.noor, refund.id)).state == "approved"


async def test_a_refused_refund_is_held_on(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, BIG)
    await pay(database, charge.id, BIG)
    [refund] = await asked_back(database, treasury.mary, charge.id, BIG)
    async with database.begin(treasury.noor) as tx:
        await refused("form-invalid", payments.refuse_refund(tx, refund.id, " "))
    async with database.begin(treasury.noor) as tx:
        assert (await payments.refuse_refund(tx, refund.id, "It is still needed.")).state == "refused"
    async with database.begin(treasury.noor) as tx:
        tx.actor = fresh(treasury.noor, tx)
        await refused("refund-decided", payments.approve_refund(tx, refund.id))
    assert (await look(database, charge.id)).state == "paid"


async def test_no_more_goes_back_than_is_held(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 60_00)
    await pay(database, charge.id, 40_00)
    refunds = await asked_back(database, treasury.mary, charge.id, 70_00)
    assert [one.money.amount for one in refunds] == [40_00, 30_00], "the newest payment first"
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await refused("refund-too-much", payments.ask_refund(tx, charge.id, Money(30_01, "EUR"), "More."))


@pytest.mark.parametrize("gone", [False, True])
async def test_a_failed_refund_is_owed_again(database: Database, treasury: Treasury, gone: bool) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    [refund] = await asked_back(database, treasury.mary, charge.id, 100_00)
    if gone:
        await sent(database, refund.id)
        await sent(database, refund.id)
    for _ in range(2):
        async with database.begin(CHANNEL) as tx:
            await payments.refund_failed(tx, refund.id, "The card is closed.")
    async with database.begin(CHANNEL) as tx:
        await refused("refund-failed", payments.refund_sent(tx, refund.id, "re_late", tx.real_now))
    assert (await look(database, charge.id)).state == "paid"
    assert await balances(database) == {"card-balance": 100_00, "held": -100_00}


async def test_nothing_is_sent_before_it_is_approved(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, BIG)
    await pay(database, charge.id, BIG)
    [refund] = await asked_back(database, treasury.mary, charge.id, BIG)
    async with database.begin(CHANNEL) as tx:
        await refused("refund-not-approved", payments.refund_begun(tx, refund.id))
        await refused("refund-not-approved", payments.refund_sent(tx, refund.id, "re_1", tx.real_now))


async def test_two_people_forfeit_a_deposit(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        kept = await payments.ask_forfeiture(tx, charge.id, charge.amount, "It refused to sign.", "article 17(1)(f)")
    async with database.begin(CHANNEL) as tx:
        freed = await payments.release(tx, purpose="deposit", subject=charge.subject, reason="Over.", basis="17(3)")
    assert freed == [], "what one person wants to keep stays until it is decided"
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await refused("same-person", payments.approve_forfeiture(tx, kept.id))
    async with database.begin(treasury.noor) as tx:
        tx.actor = fresh(treasury.noor, tx)
        await payments.approve_forfeiture(tx, kept.id)
    assert (await look(database, charge.id)).state == "kept"
    assert await balances(database) == {"card-balance": 100_00, "forfeited": -100_00}


async def test_what_is_not_forfeited_goes_back_once_the_charge_has_ended(
    database: Database, treasury: Treasury
) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        kept = await payments.ask_forfeiture(tx, charge.id, charge.amount, "It refused to sign.", "article 17(1)(f)")
    async with database.begin(CHANNEL) as tx:
        await payments.release(tx, purpose="deposit", subject=charge.subject, reason="Over.", basis="17(3)")
    async with database.begin(treasury.noor) as tx:
        await payments.refuse_forfeiture(tx, kept.id, "It signed after all.")
    assert (await look(database, charge.id)).state == "returning"


@pytest.mark.parametrize(
    ("won", "state", "books"),
    [
        (True, "paid", {"card-balance": 100_00, "held": -100_00}),
        (False, "asked", {}),
    ],
)
async def test_a_dispute_keeps_the_money_from_going_back_twice(
    database: Database, treasury: Treasury, won: bool, state: str, books: dict[str, int]
) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00, "pi_1")
    for _ in range(2):
        async with database.begin(CHANNEL) as tx:
            opened = {"external": "dp_1", "payment": "pi_1", "money": charge.amount, "reason": "fraudulent"}
            await payments.dispute_opened(tx, **opened, at=tx.real_now)  # type: ignore[arg-type]  # fields by name
    assert (await look(database, charge.id)).state == "disputed"
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await refused("refund-too-much", payments.ask_refund(tx, charge.id, Money(1, "EUR"), "Hm."))
    for _ in range(2):
        async with database.begin(CHANNEL) as tx:
            await payments.dispute_closed(tx, external="dp_1", won=won, at=tx.real_now)
    assert ((await look(database, charge.id)).state, await balances(database)) == (state, books)


async def test_a_dispute_lost_over_money_that_had_left_is_a_loss(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00, "pi_1")
    [refund] = await asked_back(database, treasury.mary, charge.id, 70_00)
    await sent(database, refund.id)
    async with database.begin(CHANNEL) as tx:
        opened = {"external": "dp_1", "payment": "pi_1", "money": charge.amount, "reason": "fraudulent"}
        await payments.dispute_opened(tx, **opened, at=tx.real_now)  # type: ignore[arg-type]  # fields by name
        await payments.dispute_closed(tx, external="dp_1", won=False, at=tx.real_now)
    assert await balances(database) == {"card-balance": -70_00, "losses": 70_00}
