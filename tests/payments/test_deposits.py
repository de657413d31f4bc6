"""A deposit from the first question to its return: asked, paid, read by the committee, given back by every event."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest
from depositing import at_the_deadline, contract_of, judged, newcomer, opened
from evaluated import THREE, Scene, bidding
from tendering import SETUP, Keys, open_tender
from treasuring import CHANNEL, balances

from procurement.awards import service as awards
from procurement.awards.service import Choice
from procurement.bids import service as bids
from procurement.bids.service import deposits
from procurement.bids.service.closing import CLOSER
from procurement.contracts import service as contracts
from procurement.contracts.service.deposits import release_when_over
from procurement.infra import sweep
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.money import Money
from procurement.opening import service as opening
from procurement.payments import service as payments
from procurement.payments.service import Charge
from procurement.payments.service.movements import movements
from procurement.tenders import service as tenders
from procurement.tenders.service.deposits import release

pytestmark = pytest.mark.anyio

ASKED = Money(100_000, "EUR")
DAY = timedelta(days=1)


class Clocks:
    """A keyholder that only tells the time."""

    async def clocks(self) -> SimpleNamespace:
        return SimpleNamespace(real=datetime.now(UTC))


@pytest.fixture
async def scene(
    database: Database, owner: asyncpg.Connection, advance: Callable[[timedelta], Awaitable[None]], tmp_path: Path
) -> Scene:
    """Three bidders of a tender that asks 1,000 euros; it is open."""
    return await bidding(database, owner, advance, tmp_path / "data", THREE, deposit="1000")


async def ask(scene: Scene, name: str) -> Charge:
    async with scene.as_(scene.suppliers[name]) as tx:
        return await deposits.ask(tx, scene.tender_id)


async def pay(scene: Scene, name: str, amount: int = ASKED.amount, ago: timedelta = timedelta(0)) -> Charge:
    charge = await ask(scene, name)
    async with scene.database.begin(CHANNEL) as tx:
        await payments.receive(
            tx,
            charge=charge.id,
            money=Money(amount, "EUR"),
            channel="transfer",
            external=f"{charge.id} {tx.real_now}",
            at=tx.real_now - ago,
        )
    return charge


async def states(scene: Scene) -> dict[str, str]:
    """How the deposit of each bidder stands, once every job is done."""
    while await sweep.handle_one(scene.database):
        pass
    async with scene.database.begin(SETUP) as tx:
        found = {charge.payer: charge.state for charge in await payments.of_subject(tx, "deposit", scene.tender_id)}
    return {name: found[actor.organisation] for name, actor in scene.suppliers.items() if actor.organisation in found}


async def close(scene: Scene) -> None:
    """The deadline passes, and the latch falls as the sweep lets it fall; every bid has its receipt."""
    receipts = "INSERT INTO bid_receipt SELECT id, row_number() OVER (), '' FROM bid"
    await scene.owner.execute(receipts)
    await scene.advance(31 * DAY)
    async with scene.database.begin(CLOSER) as tx:
        await bids.close(tx, Clocks(), scene.tender_id)  # type: ignore[arg-type]  # nothing but its clocks is asked


async def test_asking_is_idempotent_and_only_while_bids_are_taken(scene: Scene) -> None:
    first, again = await ask(scene, "adler"), await ask(scene, "adler")
    assert first == again
    assert (first.amount, first.state, first.payee) == (ASKED, "asked", scene.town.city)
    assert first.due == (await scene.tender()).deadline
    other = await ask(scene, "harbour")
    assert other.reference != first.reference
    await close(scene)
    assert await scene.refused(scene.suppliers["brightwater"], deposits.ask, scene.tender_id) == "tender-not-open"


async def test_a_tender_that_asks_none_takes_none(scene: Scene) -> None:
    plain = await open_tender(scene.database, scene.town)
    assert await scene.refused(scene.suppliers["adler"], deposits.ask, plain) == "no-deposit"
    assert await scene.refused(NOBODY, deposits.ask, plain) == "sign-in-needed"
    assert await scene.refused(scene.town.olga, deposits.ask, plain) == "not-permitted"


async def test_a_bid_withdrawn_in_time_has_its_deposit_back_and_alone(scene: Scene) -> None:
    await pay(scene, "adler")
    await pay(scene, "harbour")
    async with scene.as_(scene.suppliers["adler"]) as tx:
        await bids.withdraw(tx, scene.tender_id)
    assert await states(scene) == {"adler": "returning", "harbour": "paid"}
    async with scene.database.begin(CHANNEL) as tx:
        (charge,) = [c for c in await payments.of_subject(tx, "deposit", scene.tender_id) if c.state == "returning"]
        (back,) = [one for one in await movements(tx, charge) if one.kind != "received"]
    assert (back.money, back.basis, back.channel) == (ASKED, "article 17(3)", "transfer")
    assert back.reason == "The bid was withdrawn before the deadline."


async def test_who_bids_again_is_asked_again_and_pays_again(scene: Scene) -> None:
    first = await pay(scene, "adler")
    async with scene.as_(scene.suppliers["adler"]) as tx:
        await bids.withdraw(tx, scene.tender_id)
    assert await states(scene) == {"adler": "returning"}
    again = await ask(scene, "adler")
    assert (again.id, again.owed, again.cancelled_at) == (first.id, ASKED, None)
    async with scene.database.begin(CHANNEL) as tx:
        [refund] = [one.id for one in await movements(tx, again) if one.kind == "returning"]
        await payments.refund_sent(tx, refund, "out-1", tx.real_now)
    assert await states(scene) == {"adler": "asked"}
    await pay(scene, "adler")
    assert await states(scene) == {"adler": "paid"}


async def test_a_withdrawal_that_another_version_overtook_gives_nothing_back(scene: Scene) -> None:
    """The job runs late: the supplier has bid again meanwhile, so its deposit stands."""
    await pay(scene, "adler")
    actor = scene.suppliers["adler"]
    async with scene.as_(actor) as tx:
        await bids.withdraw(tx, scene.tender_id)
    await scene.owner.execute(
        "INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,"
        " envelope, submitted_by) SELECT 'again', tender_id, supplier_id, round, kind, 2, 'again', '',"
        " repeat('e', 64), '', submitted_by FROM bid WHERE supplier_id = $1",
        actor.organisation,
    )
    assert await states(scene) == {"adler": "paid"}


async def test_who_paid_and_sent_no_bid_has_it_back_at_the_deadline(scene: Scene) -> None:
    await pay(scene, "adler")
    scene.suppliers["idle"] = await newcomer(scene, "Idle Works")
    await pay(scene, "idle")
    await close(scene)
    assert await states(scene) == {"adler": "paid", "idle": "returning"}


async def test_a_cancelled_tender_gives_everything_back(scene: Scene) -> None:
    for name in ("adler", "harbour"):
        await pay(scene, name)
    await ask(scene, "brightwater")
    async with scene.as_(scene.town.pia) as tx:
        await tenders.cancel(tx, scene.tender_id, "The road is built by somebody else now.")
    assert await states(scene) == {"adler": "returning", "harbour": "returning", "brightwater": "cancelled"}


async def test_money_that_comes_after_the_end_goes_back_by_itself(scene: Scene) -> None:
    charge = await ask(scene, "adler")
    async with scene.as_(scene.town.pia) as tx:
        await tenders.cancel(tx, scene.tender_id, "The road is built by somebody else now.")
    assert await states(scene) == {"adler": "cancelled"}
    async with scene.database.begin(CHANNEL) as tx:
        of = {"channel": "transfer", "external": "late", "at": tx.real_now}
        await payments.receive(tx, charge=charge.id, money=ASKED, **of)
    assert await states(scene) == {"adler": "returning"}


async def test_a_later_deadline_is_later_for_deposits_too(scene: Scene) -> None:
    charge = await ask(scene, "adler")
    later = (await scene.tender()).deadline + 7 * DAY
    async with scene.as_(scene.town.olga) as tx:
        await tenders.propose_extension(tx, scene.tender_id, later, "More time for the survey.")
    async with scene.as_(scene.town.pia) as tx:
        await tenders.approve_extension(tx, Keys(), scene.tender_id)
    await states(scene)
    async with scene.database.begin(CHANNEL) as tx:
        assert (await payments.charge(tx, charge.id)).due == later


async def test_when_the_contract_is_signed_all_have_it_back_and_once(scene: Scene) -> None:
    for name in ("adler", "harbour"):
        await pay(scene, name)
    contract = await contract_of(scene)
    async with scene.as_(scene.town.pia) as tx:
        await contracts.sign_for_buyer(tx, contract.id, contract.document_sha256)
    assert await states(scene) == {"adler": "paid", "harbour": "paid"}
    async with scene.as_(scene.suppliers["harbour"]) as tx:
        await contracts.sign_for_supplier(tx, contract.id, contract.document_sha256)
    assert await states(scene) == {"adler": "returning", "harbour": "returning"}
    for _ in range(2):
        async with scene.database.begin(CHANNEL) as tx:
            await release_when_over(tx, scene.tender_id)
    assert await balances(scene.database) == {"bank": 200_000, "refunds-under-way": -200_000}


async def test_when_no_bid_is_acceptable_all_have_it_back(scene: Scene) -> None:
    await pay(scene, "adler")
    await judged(scene, "adler", "harbour", "brightwater")
    lot = (await scene.tender()).lots[0].id
    async with scene.as_(scene.town.olga) as tx:
        award = await awards.propose(tx, scene.tender_id, Choice(lot), "No bid meets what was asked.")
    async with scene.as_(scene.town.pia) as tx:
        await awards.approve(tx, award)
    assert await states(scene) == {"adler": "returning"}


async def test_two_workers_give_a_deposit_back_once(scene: Scene) -> None:
    await pay(scene, "adler")
    async with scene.as_(scene.town.pia) as tx:
        await tenders.cancel(tx, scene.tender_id, "The road is built by somebody else now.")

    async def work() -> None:
        async with scene.database.begin(CHANNEL) as tx:
            await release(tx, scene.tender_id, "The tender was cancelled.")

    await asyncio.gather(*(work() for _ in range(4)))
    assert await states(scene) == {"adler": "returning"}
    assert await balances(scene.database) == {"bank": 100_000, "refunds-under-way": -100_000}


async def test_after_the_opening_each_deposit_is_as_it_was_at_the_deadline(scene: Scene) -> None:
    """In full and in time, in part, booked in time but told later, and too late."""
    await pay(scene, "adler")
    await pay(scene, "harbour", amount=40_000)
    charge = await ask(scene, "brightwater")
    assert await scene.refused(SETUP, opening.deposits, await scene.tender()) == "not-opened"
    await opened(scene)
    for days, external in ((0, "late"), (2, "in time")):
        seen = await at_the_deadline(scene)
        assert (seen["adler"], seen["harbour"], seen["brightwater"]) == (100_000, 40_000, 0)
        async with scene.database.begin(CHANNEL) as tx:
            of = {"channel": "transfer", "external": external, "at": tx.real_now - days * DAY}
            await payments.receive(tx, charge=charge.id, money=Money(50_000, "EUR"), **of)
    assert (await at_the_deadline(scene))["brightwater"] == 50_000
    async with scene.as_(scene.town.olga) as tx:
        found = await opening.deposits(tx, await scene.tender())
    assert found
    assert (found.asked, found.article) == (ASKED, "article 17(1)")
    assert found.there(scene.suppliers["adler"].organisation)
    assert not found.there(scene.suppliers["harbour"].organisation)


async def test_what_was_there_at_the_deadline_is_not_changed_by_its_return(scene: Scene) -> None:
    await pay(scene, "adler")
    await opened(scene)
    async with scene.database.begin(CHANNEL) as tx:
        await release(tx, scene.tender_id, "For the test.")
    assert await states(scene) == {"adler": "returning"}
    assert (await at_the_deadline(scene))["adler"] == 100_000
