"""What was decrypted of a tender that is cancelled before anybody saw it goes, with files, rows and what was given."""

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from bids_to_open import seal
from doubling import bidders, facts, kit, lost_bid, refused, released
from opening_day import Day

from procurement.infra.files import Files
from procurement.opening import service
from procurement.opening.service import removing, steps
from procurement.retention import jobs as retention
from procurement.settings import Settings
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio
STAGED = ("opened_bid", "opened_document", "document_scan")


def stored(settings: Settings) -> list[Path]:
    """Every opened file."""
    return [path for path in (Path(settings.data) / "files" / "opened").rglob("*") if path.is_file()]


def aged(files: Sequence[Path], by: timedelta) -> None:
    for file in files:
        then = file.stat().st_mtime - by.total_seconds()
        os.utime(file, (then, then))


async def cancel(day: Day) -> None:
    async with day.as_(day.town.pia) as tx:
        await tenders.cancel(tx, day.tender_id, "The road is closed for good.")


async def counted(owner: asyncpg.Connection) -> list[int]:
    return [await owner.fetchval(f"SELECT count(*) FROM {table}") for table in STAGED]


@pytest.fixture
async def staged(day: Day, advance: "Advance", monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Day:
    """Two bids are decrypted and scanned, nobody has seen them, and the tender is cancelled."""
    for name, offer in (("Adler Strassenbau", b"Our secret method."), ("Brightwater Civil Ltd", b"Another.")):
        bidder = await day.bidder(name)
        await day.submit(bidder, seal(await day.tender(), bidder.organisation, offer=offer))
    await day.close_bidding(advance)

    async def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as dying:
        dying.setattr(steps, "show", killed)
        await day.open()
    assert len(stored(settings)) == 2
    await cancel(day)
    return day


async def test_a_cancelled_tender_leaves_nothing_of_what_was_staged(
    staged: Day, owner: asyncpg.Connection, settings: Settings
) -> None:
    assert await counted(owner) == [2, 2, 2]
    await staged.sweep()
    assert len(stored(settings)) == 2, "written this moment: another opening may be about to name the same bytes"
    aged(stored(settings), removing.JUST_NOW)
    await staged.sweep()
    assert stored(settings) == [] and await counted(owner) == [0, 0, 0]
    assert len(await facts(staged, "StagedRemoved")) == 1 and not await facts(staged, "BidsOpened")
    async with staged.database.begin(steps.OPENER) as tx:
        assert await steps.in_progress(tx) == []
    await staged.sweep()
    assert len(await facts(staged, "StagedRemoved")) == 1


async def test_killed_while_it_removes_it_goes_on(
    staged: Day, owner: asyncpg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(stored(settings), removing.JUST_NOW)
    real, done = Files.forget, 0

    async def dies(*given: object, **named: object) -> None:
        nonlocal done
        await real(*given, **named)  # type: ignore[arg-type]  # passed through
        done += 1
        raise RuntimeError("killed")

    with monkeypatch.context() as dying:
        dying.setattr(Files, "forget", dies)
        await staged.sweep()
    assert len(stored(settings)) == 1 and await counted(owner) == [2, 2, 2]
    await staged.sweep()
    assert stored(settings) == [] and await counted(owner) == [0, 0, 0]
    assert len(await facts(staged, "StagedRemoved")) == 1


async def test_the_database_lets_nobody_remove_what_may_be_shown(staged: Day, owner: asyncpg.Connection) -> None:
    for trigger in ("DISABLE", "ENABLE"):
        if trigger == "ENABLE":
            await owner.execute("UPDATE tender SET cancelled_at = NULL, state = 'open'")
        await owner.execute(f"ALTER TABLE tender {trigger} TRIGGER USER")
    for table in STAGED:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(f"DELETE FROM {table}")


async def test_who_gives_or_brings_a_kit_after_the_cancellation_is_refused(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    who, bid, digest = await lost_bid(double, advance)
    await cancel(double)
    await double.sweep()
    no = await refused(double, who, lambda tx: service.give_kit(tx, double.tender_id, kit(double, who, bid, digest)))
    assert no.code == "tender-cancelled"
    assert await owner.fetchval("SELECT count(*) FROM bid_recovery WHERE identity IS NOT NULL") == 0


async def test_shares_are_gone_once_their_bid_is_decrypted_and_late_ones_are_not_kept(
    double: Day, advance: "Advance", owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bidders(double, "Adler Strassenbau")
    await released(double, advance)
    first, second, third = double.holders
    late = await double.shares(third)

    async def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as dying:
        dying.setattr(steps, "show", killed)
        for one in (first, second):
            await double.give(one)
            await double.sweep()
        assert await owner.fetchval("SELECT count(*) FROM opened_bid") == 1
        assert await owner.fetchval("SELECT count(*) FROM released_share WHERE given IS NOT NULL") == 0
        await double.give(third, late)
        assert await owner.fetchval("SELECT count(*) FROM released_share WHERE given IS NOT NULL") == 0
    assert [one["unreadable"] for one in await facts(double, "SharesCounted")] == [0, 0, 0]
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True]


async def test_decrypted_files_that_nothing_names_go_after_a_day(staged: Day, settings: Settings) -> None:
    kept, lost = stored(settings), Path(settings.data) / "files" / "opened" / "ab" / ("ab" * 32)
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(b"written by a child that died")
    await retention.sweep_unnamed(staged.database, staged.files)
    assert lost.exists(), "somebody may be about to name it"
    aged([*kept, lost], timedelta(days=1, minutes=1))
    await retention.sweep_unnamed(staged.database, staged.files)
    assert not lost.exists() and stored(settings) == kept
