"""The keys that bids were sealed to end with their time of keeping, and the record says when."""

from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest
from bids_to_open import seal
from doubling import facts
from opening_day import Day
from tendering import SETUP

from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import Opening
from procurement.keyholder.rules import ENDING_STANDS
from procurement.opening import jobs
from procurement.opening.service.ending import end_keys
from procurement.retention import service as retention
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio
YEAR = timedelta(days=366)


async def passes(day: Day, advance: "Advance", by: timedelta) -> None:
    """Time, on the clocks of database and keyholder."""
    async with day.database.begin(SETUP) as tx:
        then = tx.now + by
    await day.move_to(then, advance)


async def erased(day: Day) -> None:
    async with day.database.begin(SETUP) as tx:
        await retention.erase_next(tx)
    await day.sequence()


async def destroyed(day: Day) -> bool:
    """Whether the keyholder has destroyed the key, asked as it asks itself."""
    await jobs.destroy_keys(day.database, day.keyholder)
    tender = await day.tender()
    assert tender.opening_at
    try:
        await day.keyholder.postpone(Opening(day.tender_id), tender.opening_at)
    except Refused as no:
        assert no.code == "opening-unknown"
        return True
    return False


async def test_the_key_of_a_cancelled_tender_is_destroyed_after_a_year_and_thirty_days(
    day: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    async with day.as_(day.town.pia) as tx:
        await tenders.cancel(tx, day.tender_id, "The road is closed for good.")
    await erased(day)
    assert not await facts(day, "SealKeysEnded"), "not before its time of keeping"
    await passes(day, advance, YEAR)
    for _ in range(2):
        await erased(day)
    assert len(await facts(day, "SealKeysEnded")) == 1
    assert not await destroyed(day), "it has to have stood in the record"
    await passes(day, advance, ENDING_STANDS + timedelta(minutes=1))
    assert await destroyed(day)
    assert await destroyed(day)
    assert [one["tender"] for one in await facts(day, "SealKeysDestroyed")] == [day.tender_id]
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute("UPDATE seal_key_end SET destroyed_at = NULL")


async def test_the_key_of_an_opened_tender_is_destroyed_when_the_record_says_that_it_is_over(
    day: Day, advance: "Advance"
) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    await day.open()
    async with day.database.begin(SETUP) as tx:
        await end_keys(tx, [day.tender_id])
    await day.sequence()
    assert not await destroyed(day)
    await passes(day, advance, ENDING_STANDS + timedelta(minutes=1))
    assert await destroyed(day)


async def test_a_key_that_the_keyholder_does_not_give_up_is_asked_for_again_in_an_hour(
    day: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    async with day.database.begin(SETUP) as tx:
        await end_keys(tx, [day.tender_id])  # of a tender that was neither opened nor cancelled
    await day.sequence()
    await passes(day, advance, ENDING_STANDS + timedelta(minutes=1))
    assert not await destroyed(day)
    tried = await owner.fetchval("SELECT tried_at FROM seal_key_end")
    assert not await destroyed(day)
    assert await owner.fetchval("SELECT tried_at FROM seal_key_end") == tried
    await passes(day, advance, timedelta(hours=2))
    assert not await destroyed(day)
    assert await owner.fetchval("SELECT tried_at FROM seal_key_end") > tried
