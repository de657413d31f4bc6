"""Cover entries: from outside nobody tells them from what a bid leaves; years later their type is told."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from statistics import mean
from typing import ClassVar

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement import stages
from procurement.infra.ledger import cover, telling
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.facts import CoverFollowed, CoverRecorded
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.outbox import Handlers
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.fact import Fact, Visible

pytestmark = pytest.mark.anyio

MEAN = 12
HOURS = 40_000


class PriceWhispered(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_OPENING
    price: int


@pytest.fixture
def sequencer(ordering: async_sessionmaker[AsyncSession]) -> Sequencer:
    return Sequencer(ordering, SignerKey("test.example/record", bytes(32)))


@pytest.fixture(scope="module")
def hours() -> list[int]:
    """How many covers each of many hours had."""
    chance = random.Random(418)
    return [len(list(cover.waits(cover.HOUR, cover.rate(MEAN, chance), chance))) for _ in range(HOURS)]


def test_the_number_in_an_hour_is_geometric(hours: list[int]) -> None:
    assert abs(mean(hours) - MEAN) < 0.25
    for count in (0, 1, 5, 20, 40):
        expected = (1 / (MEAN + 1)) * (MEAN / (MEAN + 1)) ** count
        assert abs(hours.count(count) / HOURS - expected) < 0.004


@pytest.mark.parametrize(("bids", "right"), [(1, 0.538), (5, 0.665), (20, 0.899)])
def test_an_observer_guesses_hardly_better_than_chance_about_one_bid_and_well_about_many(
    hours: list[int], bids: int, right: float
) -> None:
    """The best rule there is: with fewer hidden entries than bids there were none, else nobody knows. docs/ledger.md
    gives these figures."""
    without, with_bids = hours[: HOURS // 2], [count + bids for count in hours[HOURS // 2 :]]
    says_none = sum(count < bids for count in without)
    says_some = sum(count >= bids for count in with_bids)
    assert abs((says_none + says_some) / HOURS - right) < 0.01


async def test_a_cover_leaves_what_a_bid_leaves_two_hidden_entries_of_which_nothing_is_said(
    database: Database, sequencer: Sequencer
) -> None:
    recorded = asyncio.Event()
    covering = asyncio.create_task(cover.keep_covering(database, 3_600_000, recorded.set))
    for _ in range(3):
        await recorded.wait()
        recorded.clear()
    covering.cancel()
    with suppress(asyncio.CancelledError):
        await covering
    while await handle_one(database):
        pass
    async with database.begin(system("test")) as tx:
        await tx.record(PriceWhispered(price=7), process="ocds-1")
    await sequencer.run_once()
    async with database.begin(NOBODY) as tx:
        found = await ledger.entries(tx.session, 0, 100)
    assert len(found) >= 7 and len(found) % 2 == 1
    assert {(one.salt, one.record, len(one.entry)) for one in found} == {("", "", 64)}
    assert len({one.entry for one in found}) == len(found), "each has a salt of its own"


async def test_without_a_mean_there_are_none(database: Database) -> None:
    idle = asyncio.create_task(cover.keep_covering(database, 0, lambda: pytest.fail("a cover")))
    await asyncio.sleep(0.05)
    assert not idle.done()
    idle.cancel()


async def test_the_worker_knows_the_job_that_follows() -> None:
    assert Handlers(stages.HANDLERS).of[CoverRecorded.__name__] == ["infra.follow_cover"]


async def test_years_later_covers_are_shown_and_the_types_of_others_are_told(
    database: Database, sequencer: Sequencer, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PAGE", 3)
    async with database.begin(system("test")) as tx:
        for fact in (CoverRecorded(), PriceWhispered(price=7), CoverFollowed(), PriceWhispered(price=8)):
            await tx.record(fact)
    await sequencer.run_once()
    assert await tells(database) == 0, "it is too early"
    await owner.execute("ALTER TABLE ledger_record DISABLE TRIGGER USER")
    await owner.execute("UPDATE ledger_record SET at = at - $1::interval", telling.AFTER + timedelta(hours=1))
    assert (await tells(database), await tells(database)) == (3, 0), "a page, and then what is not one yet waits"
    await sequencer.run_once()
    async with database.begin(NOBODY) as tx:
        found = await ledger.entries(tx.session, 0, 100)
    assert ["CoverRecorded" in found[0].record, found[1].record, "CoverFollowed" in found[2].record] == [True, "", True]
    told = next(one.record for one in found if '"type":"TypesTold"' in one.record)
    assert '"entries":[{"index":1,"type":"PriceWhispered"}]' in told and '"until":2' in told


async def tells(database: Database) -> int:
    async with database.begin(system("ledger")) as tx:
        return await telling.tell(tx)
