"""Whoever comes at the same time: money is booked, given back and kept once."""

import asyncio
from collections.abc import Awaitable

import pytest
from treasuring import CHANNEL, Treasury, ask, asked_back, balances, fresh, look, pay

from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments import service as payments
from procurement.payments.service.cards import attempts, work

pytestmark = pytest.mark.anyio

BIG = 6_000_00


async def codes(*acts: Awaitable[object]) -> list[str]:
    """What became of acts that began together: "" for done, else the code with which it was refused."""
    found = await asyncio.gather(*acts, return_exceptions=True)
    wrong = [one for one in found if isinstance(one, BaseException) and not isinstance(one, Refused)]
    assert not wrong, wrong
    return sorted(one.code if isinstance(one, Refused) else "" for one in found)


async def test_one_payment_told_by_many_at_once_is_booked_once(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    got = await asyncio.gather(*(pay(database, charge.id, 100_00, "pi_1") for _ in range(8)))
    assert len({one.payment for one in got}) == 1 and sum(not one.again for one in got) == 1
    assert await balances(database) == {"card-balance": 100_00, "held": -100_00}


async def test_two_payments_at_once_leave_what_is_too_much_to_go_back(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await asyncio.gather(*(pay(database, charge.id, 100_00) for _ in range(4)))
    after = await look(database, charge.id)
    assert (after.paid.amount, after.promised.amount) == (400_00, 300_00)


async def test_many_ask_the_whole_back_and_one_has_it(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    people = (treasury.mary, treasury.noor) * 3
    assert (
        await codes(*(asked_back(database, who, charge.id, 100_00) for who in people)) == [""] + ["refund-too-much"] * 5
    )


async def test_a_refund_is_decided_once(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, BIG)
    await pay(database, charge.id, BIG)
    [refund] = await asked_back(database, treasury.mary, charge.id, BIG)

    async def approve() -> None:
        async with database.begin(treasury.noor) as tx:
            tx.actor = fresh(treasury.noor, tx)
            await payments.approve_refund(tx, refund.id)

    async def refuse() -> None:
        async with database.begin(treasury.noor) as tx:
            await payments.refuse_refund(tx, refund.id, "No.")

    assert await codes(approve(), approve(), refuse(), refuse()) == ["", *["refund-decided"] * 3]


async def test_sent_and_failed_at_once_end_in_books_that_agree(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)
    [refund] = await asked_back(database, treasury.mary, charge.id, 100_00)

    async def sent() -> None:
        async with database.begin(CHANNEL) as tx:
            await payments.refund_sent(tx, refund.id, "re_1", tx.real_now)

    async def failed() -> None:
        async with database.begin(CHANNEL) as tx:
            await payments.refund_failed(tx, refund.id, "Closed.")

    told = await codes(sent(), failed(), sent(), failed())
    assert set(told) <= {"", "refund-failed"}
    assert await balances(database) == {"card-balance": 100_00, "held": -100_00}


async def test_a_release_and_a_forfeiture_share_no_money(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    await pay(database, charge.id, 100_00)

    async def release() -> None:
        async with database.begin(CHANNEL) as tx:
            await payments.release(tx, purpose="deposit", subject=charge.subject, reason="Over.", basis="17(3)")

    async def keep() -> None:
        async with database.begin(treasury.mary) as tx:
            tx.actor = fresh(treasury.mary, tx)
            await payments.ask_forfeiture(tx, charge.id, Money(100_00, "EUR"), "Unsigned.", "17(1)")

    told = await codes(release(), keep(), release())
    after = await look(database, charge.id)
    assert after.promised.amount + after.keeping.amount == 100_00 and told in (
        ["", "", ""],
        ["", "", "refund-too-much"],
    )


async def test_one_payout_told_by_many_at_once_is_booked_once(database: Database, treasury: Treasury) -> None:
    async def tell() -> None:
        async with database.begin(CHANNEL) as tx:
            await payments.payout(tx, external="po_1", money=Money(5_00, "EUR"), at=tx.real_now)

    assert await codes(*(tell() for _ in range(6))) == [""] * 6
    assert await balances(database) == {"card-balance": -5_00, "bank": 5_00}


async def test_people_who_match_and_return_at_once_do_one_of_both(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury)
    stray = await pay(database, None, 100_00, channel="transfer")

    async def as_(who: Actor, act: str) -> None:
        async with database.begin(who) as tx:
            tx.actor = fresh(who, tx)
            await _do(tx, act)

    async def _do(tx: Tx, act: str) -> None:
        if act == "match":
            await payments.match(tx, stray.payment, charge.id)
        else:
            await payments.return_payment(tx, stray.payment, "Whose?")

    told = await codes(as_(treasury.mary, "match"), as_(treasury.noor, "return"), as_(treasury.noor, "match"))
    assert told[0] == "" and "" not in told[1:]


async def test_a_page_that_is_opened_while_its_attempt_ends_stays_over(database: Database, treasury: Treasury) -> None:
    """Paid by transfer in the same moment: the page of the card service must be closed, not handed out."""
    charge = await ask(database, treasury)
    async with database.begin(treasury.town.ines) as tx:
        attempt = await attempts.begin(tx, charge.id, "page")

    async def opened() -> bool:
        async with database.begin(treasury.town.ines) as tx:
            return await attempts.opened(tx, attempt, "cs_1")

    async with database.begin(CHANNEL) as tx:
        await attempts.end(tx, attempt)
        late = asyncio.create_task(opened())
        await asyncio.wait([late], timeout=0.5)
    assert not await late
    async with database.begin(CHANNEL) as tx:
        found = await attempts.newest(tx, charge.id)
        assert found and (found.state, (await work.take(tx, 1))[0].object) == ("over", "cs_1")
