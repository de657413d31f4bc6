"""A technical decision that is repeated in an open entry while its prices are opened keeps the name of the release."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest
from doubling import facts
from opening_day import Day
from two_envelopes import asked_for_prices, confirm_prices, request_prices, standing

from procurement.infra.ledger import repeating
from procurement.infra.ledger.service import RecordsRepeated
from procurement.infra.ledger.tables import LedgerDisclosure
from procurement.opening import jobs
from procurement.opening.rules import FinancialState
from procurement.opening.service.financial import steps
from procurement.opening.service.steps import OPENER
from procurement.opening.tables import FinancialOpeningRow

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def released(day: Day, advance: Advance) -> None:
    """The keyholder released the prices of who passed, and the worker was killed."""
    await asked_for_prices(day, advance)
    async with day.database.begin(OPENER) as tx:
        await steps._release(tx, day.keyholder, await day.tender())


async def repeat(day: Day) -> None:
    """As the upgrade to open entries repeats what a decision was before."""
    async with day.database.begin(OPENER) as tx:
        row = await tx.session.get_one(FinancialOpeningRow, day.tender_id)
        records = await repeating._shown(tx.session, [row.record_id])
        by = await tx.record(RecordsRepeated(records=records), process=(await day.tender()).ocid)
        tx.session.add(LedgerDisclosure(record_id=row.record_id, by=by))
    await day.sequence()


@pytest.mark.parametrize("kept", [pytest.param(True, id="by this release"), pytest.param(False, id="by an older one")])
async def test_prices_that_were_released_are_shown_though_their_decision_was_repeated(
    two: Day, advance: Advance, owner: asyncpg.Connection, kept: bool
) -> None:
    await released(two, advance)
    if not kept:
        await owner.execute("UPDATE financial_opening SET leaf = NULL")
    await repeat(two)
    await jobs.sweep_prices(two.database, two.keyholder, two.files)
    held = await standing(two)
    assert (held.state, held.problem) == (FinancialState.SHOWN, "")
    [confirmed], [opened] = await facts(two, "PricesConfirmed"), await facts(two, "PricesOpened")
    assert confirmed["decision"] == opened["decision"]


async def test_a_decision_that_is_repeated_before_the_release_takes_codes_once_more(two: Day, advance: Advance) -> None:
    await asked_for_prices(two, advance)
    await repeat(two)
    await jobs.sweep_prices(two.database, two.keyholder, two.files)
    assert "Two different persons" in (await standing(two)).problem
    for ask, who in ((request_prices, two.town.otto), (confirm_prices, two.town.omar)):
        await ask(two, who, await two.code(who, drift=1))
    await jobs.sweep_prices(two.database, two.keyholder, two.files)
    assert (await standing(two)).state is FinancialState.SHOWN
