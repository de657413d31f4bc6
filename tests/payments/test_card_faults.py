"""The card service dies at every point of paying and giving back: nothing twice, nothing lost, and all catches up."""

from datetime import timedelta

import pytest
from carding import follow, open_page, pay_page
from sqlalchemy import text
from stripe_double.double import Double
from treasuring import CHANNEL, Treasury, ask, asked_back, balances, look, refused

from procurement.infra.payments.stripe_cards import StripeCards
from procurement.infra.tx import Database
from procurement.payments.jobs import cards as jobs
from procurement.payments.service import cards as by_card

pytestmark = pytest.mark.anyio

DEATHS = ("before", "die", "drop drop", "error error")


def _strike(double: Double, how: str) -> None:
    """Killed before it is asked; or after its work was done, with the answer unsent, lost or turned into a 500."""
    if how == "before":
        double.kill()
    else:
        double.does("faults", next=how)


def _revive(double: Double, cards: StripeCards, how: str) -> None:
    if how in ("before", "die"):
        double.again()
    cards.breaker.worked()  # its pause is over


async def _at_once(database: Database) -> None:
    """The pauses between two tries are over."""
    async with database.begin(CHANNEL) as tx:
        await tx.session.execute(text("UPDATE card_work SET due_at = clock_timestamp()"))


@pytest.mark.parametrize("how", DEATHS)
async def test_paying_survives(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, how: str
) -> None:
    charge = await ask(database, treasury)
    _strike(double, how)
    await refused("card-unreachable", open_page(database, treasury, cards, charge.id))
    _revive(double, cards, how)
    url = await open_page(database, treasury, cards, charge.id)
    _strike(double, how)
    await refused("card-unreachable", open_page(database, treasury, cards, charge.id))
    _revive(double, cards, how)
    assert await open_page(database, treasury, cards, charge.id) == url
    pay_page(double, url)
    _strike(double, how)
    await refused("card-unreachable", by_card.come_back(database, cards, charge.id))
    _revive(double, cards, how)
    await by_card.come_back(database, cards, charge.id)
    await follow(database, cards)
    assert await balances(database) == {"card-balance": 100_00, "held": -100_00}


@pytest.mark.parametrize("how", DEATHS)
@pytest.mark.parametrize("asked_before", [0, 1])
async def test_giving_back_survives(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double, how: str, asked_before: int
) -> None:
    """Struck at the first question (is it there already?) or at the second (send it)."""
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await by_card.come_back(database, cards, charge.id)
    await asked_back(database, treasury.mary, charge.id, 40_00)
    if how == "before":
        double.kill()
    else:
        double.does("faults", next=" ".join(["none"] * asked_before + [how]))
    await follow(database, cards)
    _revive(double, cards, how)
    for _ in range(3):
        await _at_once(database)
        await follow(database, cards)
    assert [one["amount"] for one in double.objects("refund")] == [40_00]
    assert (await look(database, charge.id)).returned.amount == 40_00
    assert await balances(database) == {"card-balance": 60_00, "held": -60_00}


async def test_what_the_comparison_finds_missing_here_is_booked_and_listed(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    """No notice ever arrived."""
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    foreign = double.forged(7_00, "eur")
    double.does("payout", amount=50_00, currency="eur", status="paid")
    for _ in range(2):  # made again after it died at its end
        async with database.begin(CHANNEL) as tx:
            now = tx.real_now
        await by_card.reconcile(database, cards, now - timedelta(hours=1), now + timedelta(minutes=1))
    await jobs.follow(database, cards)
    async with database.begin(treasury.mary) as tx:
        found = {one.kind: (one.object, one.healed) for one in await by_card.listed(tx)}
        last = await by_card.last(tx)
    assert found["not-ours"] == (foreign["id"], False)
    assert found["missing-here"][1] is True and set(found) == {"not-ours", "missing-here"}
    assert last and last.differences == 0 and last.compared == 5
    # Two payments of the double cost 30 each, also the one that is not ours: they left the balance there.
    assert await balances(database) == {
        "bank": 50_00,
        "card-balance": 100_00 - 50_00 - 60,
        "held": -100_00,
        "processing-costs": 60,
    }


async def test_what_is_booked_here_and_not_there_is_listed_until_somebody_looked(
    database: Database, treasury: Treasury, cards: StripeCards, double: Double
) -> None:
    charge = await ask(database, treasury)
    pay_page(double, await open_page(database, treasury, cards, charge.id))
    await by_card.come_back(database, cards, charge.id)
    double.does("forget")
    async with database.begin(CHANNEL) as tx:
        now = tx.real_now
    done = await by_card.reconcile(database, cards, now - timedelta(hours=1), now + timedelta(minutes=1))
    assert done.differences == 1
    async with database.begin(treasury.mary) as tx:
        (one,) = await by_card.listed(tx)
        assert one.kind == "missing-there"
        await by_card.close(tx, one.kind, one.object)
        await refused("difference-unknown", by_card.close(tx, one.kind, one.object))
        assert await by_card.listed(tx) == []
    async with database.begin(treasury.town.olga) as tx:
        await refused("not-permitted", by_card.listed(tx))
