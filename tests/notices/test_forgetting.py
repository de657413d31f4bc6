"""What somebody follows, was told and was written is in the copy they ask for, and goes with their account."""

import asyncpg
import msgspec
import pytest
from tendering import SETUP, Town
from told import Work, extend

from procurement.identity.service import accounts
from procurement.infra.about_person import rows_about
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.ids import new_id
from procurement.notices.service import calendars, following
from procurement.retention.service import erase_next

pytestmark = pytest.mark.anyio
TABLES = ("follow", "news", "mail_copy", "mail_bounce", "calendar_feed")


async def test_it_is_in_the_copy_and_goes_with_the_account(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    for actor in (town.otto, town.rosa):
        async with database.begin(actor) as tx:
            await following.follow(tx, "tender", tender, "at-once")
            await calendars.make(tx)
            row = new_id(), actor.person, b"x" * 32
        await owner.execute("INSERT INTO mail_bounce VALUES ($1, $2, $3, '550', now())", *row)
    await extend(database, town, tender)
    await work()
    async with database.begin(SETUP) as tx:
        about = await rows_about(tx, town.otto.person)
        assert {f"{table}.person" for table in TABLES} <= about.keys()
        assert not any("sha256" in column for rows in about.values() for row in rows for column in row)
        leaving = msgspec.structs.replace(town.otto, stepped_up_at=tx.real_now)
    async with database.begin(leaving) as tx:
        await accounts.close_account(tx)
    await work()
    for table in TABLES:
        left = await owner.fetch(f'SELECT person FROM "{table}"')
        people = {row["person"] for row in left}
        assert town.otto.person not in people and town.rosa.person in people, table


async def test_news_letters_and_what_was_revoked_end_when_their_time_is_over(
    database: Database, town: Town, tender: str, work: Work, owner: asyncpg.Connection
) -> None:
    async with database.begin(town.otto) as tx:
        await following.follow(tx, "tender", tender, "at-once")
        await calendars.make(tx)
        await calendars.revoke(tx, (await calendars.mine(tx))[0].id)
    bounce = new_id(), town.otto.person, b"x" * 32
    await owner.execute("INSERT INTO mail_bounce VALUES ($1, $2, $3, '550', now(), now())", *bounce)
    await extend(database, town, tender)
    await work()
    assert await ended(database) == 0
    for aged in (
        "news SET at = at - interval '366 days'",
        "mail_copy SET sent_at = sent_at - interval '366 days'",
        "mail_bounce SET ended_at = ended_at - interval '91 days'",
        "calendar_feed SET revoked_at = revoked_at - interval '91 days'",
    ):
        await owner.execute(f"UPDATE {aged}")  # one of the four above
    assert await ended(database) == 4, "a letter stays for as long as news name it, which end first here"
    assert await owner.fetchval("SELECT count(*) FROM follow") == 1


async def ended(database: Database) -> int:
    async with database.begin(system("retention")) as tx:
        return await erase_next(tx)
