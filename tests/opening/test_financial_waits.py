"""Prices that were asked for and wait: for codes that are fresh, for a keyholder that forgot, or for ever."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from doubling import facts
from opening_day import Day
from rewinding import Machine, confirm, remember
from tendering import TWO_ENVELOPES, settle_town
from two_envelopes import CANARY, bid_two, confirm_prices, decide, request_prices, standing

from procurement.infra.tx import Database
from procurement.keyholder.backup import STORE
from procurement.opening import jobs
from procurement.opening.rules import FinancialState
from procurement.opening.service import each
from procurement.opening.service.financial import steps
from procurement.opening.service.financial.reading import prices_in_progress
from procurement.settings import Settings
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


@pytest.fixture
async def proposals(database: Database, settings: Settings, machine: Machine) -> AsyncIterator[Day]:
    """A request for proposals, with a keyholder whose store can be put back."""
    machine.start()
    town = await settle_town(database, rules=TWO_ENVELOPES)
    one = Day(database, machine.socket, settings.sequencer_database_url, Path(settings.data), town)
    await one.prepare(procedure="request-for-proposals")
    yield one
    await one.close()


async def sweep(day: Day) -> FinancialState:
    await jobs.sweep_prices(day.database, day.keyholder, day.files)
    return (await standing(day)).state


async def test_codes_that_are_a_day_old_are_given_again_for_the_same_decision(
    proposals: Day, machine: Machine, advance: Advance
) -> None:
    _, good = await bid_two(proposals, "Adler Strassenbau")
    await proposals.close_bidding(advance)
    await proposals.open()
    await decide(proposals, good)
    await request_prices(proposals, proposals.town.otto)
    await confirm_prices(proposals, proposals.town.omar)
    with sqlite3.connect(machine.store / STORE) as store:
        store.execute("UPDATE code SET at = '2020-01-01T00:00:00.000000+00:00'")
    assert await sweep(proposals) is FinancialState.OPENING
    assert "Two different persons" in (await standing(proposals)).problem
    for ask, who in ((request_prices, proposals.town.otto), (confirm_prices, proposals.town.omar)):
        await ask(proposals, who, await proposals.code(who, drift=1))
    assert await sweep(proposals) is FinancialState.SHOWN
    assert len(await facts(proposals, "PricesConfirmed")) == 1
    again = [one["asked_by"] for one in await facts(proposals, "PricesAskedAgain")]
    assert again == [proposals.town.otto.person, proposals.town.omar.person]


async def test_a_keyholder_that_forgot_the_first_opening_takes_codes_for_that_first(
    proposals: Day, machine: Machine, advance: Advance, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    _, good = await bid_two(proposals, "Adler Strassenbau")
    await proposals.close_bidding(advance)
    old = machine.snapshot()
    await proposals.open()
    await remember(proposals)
    await decide(proposals, good)
    machine.put_back(old)
    await remember(proposals)
    confirm(machine, monkeypatch, capsys)
    await remember(proposals)
    town = proposals.town
    await request_prices(proposals, town.otto)
    await confirm_prices(proposals, town.omar)
    assert await sweep(proposals) is FinancialState.OPENING
    assert "made before the first opening" in (await standing(proposals)).problem
    await request_prices(proposals, town.olga)
    assert await sweep(proposals) is FinancialState.OPENING
    await confirm_prices(proposals, town.pia)
    assert await sweep(proposals) is FinancialState.SHOWN, "the two codes for the prices were fresh already"
    assert [bid.priced for bid in await proposals.opened()] == [True]


async def test_of_a_tender_that_is_cancelled_before_prices_are_shown_no_price_stays(
    two: Day, advance: Advance, monkeypatch: pytest.MonkeyPatch, owner: asyncpg.Connection
) -> None:
    _, good = await bid_two(two, "Adler Strassenbau", CANARY)
    await two.close_bidding(advance)
    await two.open()
    await decide(two, good)
    await request_prices(two, two.town.otto)
    await confirm_prices(two, two.town.omar)

    async def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as dying:
        dying.setattr(steps, "_show", killed)
        await sweep(two)
    staged = "SELECT count(*) FROM opened_price"
    assert await owner.fetchval(staged) == 1
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute("DELETE FROM opened_price")
    async with two.as_(two.town.pia) as tx:
        await tenders.cancel(tx, two.tender_id, "The road is closed for good.")
    await sweep(two)
    assert await owner.fetchval(staged) == 0
    assert len(await facts(two, "StagedRemoved")) == 1
    async with two.database.begin(each.OPENER) as tx:
        assert await prices_in_progress(tx) == []
    await sweep(two)
    assert len(await facts(two, "StagedRemoved")) == 1 and not await facts(two, "PricesOpened")
