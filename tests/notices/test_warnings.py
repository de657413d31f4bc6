"""A draft that was not submitted warns its owner: in time, once, again when the deadline moves, and nobody else."""

from datetime import timedelta

import asyncpg
import pytest
from evaluated import Advance
from tendering import Town
from told import Work, draft, extend, letters

from procurement.bids.service.due import concerned, unsubmitted
from procurement.infra import mode
from procurement.infra.mail import Mail
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.notices.jobs import clock
from procurement.notices.service import inbox
from procurement.notices.service.warning import warn
from procurement.settings import Settings
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
HOURS = (72, 6)


async def warned(database: Database) -> int:
    async with database.begin(system("notices")) as tx:
        return await warn(tx, HOURS)


async def until(database: Database, tender: str) -> timedelta:
    async with database.begin(system("notices")) as tx:
        found = await tenders.tender(tx, tender)
        assert found.deadline
        return found.deadline - tx.now


async def test_it_is_warned_of_three_days_and_six_hours_before_and_after_a_move_again(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection, advance: Advance, post: Mail
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    assert await warned(database) == 0
    await advance(await until(database, tender) - timedelta(hours=70))
    assert [await warned(database), await warned(database)] == [1, 0]
    await extend(database, town, tender)  # three days more: the warning is as far away as it was
    assert await warned(database) == 0
    await advance(await until(database, tender) - timedelta(hours=5))
    assert [await warned(database), await warned(database)] == [1, 0]
    await work()
    async with database.begin(town.ines) as tx:
        found, _ = await inbox.inbox(tx)
        drafts = [one for one in found if one.kind == "draft"]
        assert len(drafts) == 2 and drafts[0].due_at and drafts[0].sender == ""
    hurried = [one for one in letters(post) if "Read it today" in one.text]
    assert len(hurried) == 2 and not any("Resurfacing" in one.subject + one.text for one in hurried)
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'NoticesDelivered'") == 1  # the move


async def test_whoever_begins_late_gets_one_warning_and_who_submitted_or_is_too_late_none(
    database: Database, town: Town, tender: str, owner: asyncpg.Connection, advance: Advance
) -> None:
    await advance(await until(database, tender) - timedelta(hours=2))
    await draft(owner, tender, town.harbour, town.ines.person)
    await owner.execute("UPDATE bid_draft SET bid_id = 'x'")
    assert await warned(database) == 0
    await owner.execute("UPDATE bid_draft SET bid_id = NULL")
    assert [await warned(database), await warned(database)] == [1, 0]
    await owner.execute("DELETE FROM draft_warning")
    await advance(timedelta(hours=2))
    assert await warned(database) == 0


async def test_only_jobs_may_ask_who_prepares_a_bid(database: Database, town: Town, tender: str) -> None:
    for actor in (town.olga, town.audun, town.ada):
        async with database.begin(actor) as tx:
            for asking in (concerned(tx, tender), unsubmitted(tx, [tender])):
                with pytest.raises(Refused, match="before the opening"):
                    await asking


async def test_a_warning_waits_while_nobody_could_do_what_it_asks_for(
    database: Database,
    town: Town,
    tender: str,
    settings: Settings,
    owner: asyncpg.Connection,
    advance: Advance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in settings.environ().items():
        monkeypatch.setenv(name, value)
    clock._settings.cache_clear()
    await draft(owner, tender, town.harbour, town.ines.person)
    await advance(await until(database, tender) - timedelta(hours=5))
    operator, count = system("installation"), "SELECT count(*) FROM draft_warning"
    async with database.begin(operator) as tx:
        await mode.switch_on(tx, "The disks are exchanged", None)
    await clock.remind(database)
    assert await owner.fetchval(count) == 0
    async with database.begin(operator) as tx:
        await mode.switch_off(tx)
    await clock.remind(database)
    assert await owner.fetchval(count) == 1
