"""Before an opening the holders prove anew that they have their keys; the buyer is told of too few in good time."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from holding import KeyHolder, prove
from sqlalchemy import text
from tendering import SETUP, Keys, Town

from procurement.desks.rules.model import What
from procurement.desks.service import desk
from procurement.holders import jobs, service
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def _calls(database: Database) -> list[str]:
    """The clock strikes; what has been recorded by it so far."""
    await jobs.sweep(database)
    async with database.begin(SETUP) as tx:
        types = "SELECT type FROM ledger_record WHERE type IN ('ProofsAsked', 'HoldersShort') ORDER BY id"
        return list(await tx.session.scalars(text(types)))


async def _duties(database: Database, actor: Actor) -> set[What]:
    async with database.begin(actor) as tx:
        return {duty.what for duty in (await desk(tx)).duties}


async def test_each_round_asks_once_and_warns_once_when_too_few_have_answered(
    database: Database, town: Town, three: list[KeyHolder], tender: str, advance: "Advance"
) -> None:
    assert await _calls(database) == []
    await advance(23 * DAY + timedelta(hours=1))
    assert await _calls(database) == await _calls(database) == ["ProofsAsked"]
    assert What.KEY_PROVE in await _duties(database, three[0].actor)
    await prove(database, three[0], tender)
    assert What.KEY_PROVE not in await _duties(database, three[0].actor)
    await advance(2 * DAY)
    assert await _calls(database) == await _calls(database) == ["ProofsAsked", "HoldersShort"]
    assert What.HOLDERS_SHORT in await _duties(database, town.olga)
    for one in three[1:]:
        await prove(database, one, tender)
    assert What.HOLDERS_SHORT not in await _duties(database, town.olga)
    await advance(4 * DAY)
    assert await _calls(database) == ["ProofsAsked", "HoldersShort", "ProofsAsked"]
    for one in three:
        await prove(database, one, tender)
    await advance(timedelta(hours=7))
    assert (await _calls(database))[3:] == [] and await _duties(database, town.olga) == set()


async def test_a_lost_key_is_told_at_once_however_far_the_opening_is(
    database: Database, town: Town, three: list[KeyHolder], tender: str
) -> None:
    async with database.begin(three[2].actor) as tx:
        await service.end(tx, three[2].id, "The file is lost.")
    assert await _calls(database) == await _calls(database) == ["HoldersShort"]
    assert What.HOLDERS_SHORT in await _duties(database, town.olga)


async def test_a_moved_opening_is_called_for_anew(
    database: Database, town: Town, keys: Keys, three: list[KeyHolder], tender: str, advance: "Advance"
) -> None:
    await advance(24 * DAY)
    assert await _calls(database) == ["ProofsAsked"]
    async with database.begin(town.olga) as tx:
        deadline = (await tenders.tender(tx, tender)).deadline
        assert deadline
        await tenders.propose_extension(tx, tender, deadline + 10 * DAY, "Holders are away.")
    async with database.begin(town.pia) as tx:
        await tenders.approve_extension(tx, keys, tender)  # type: ignore[arg-type]
    assert await _calls(database) == ["ProofsAsked"]
    await advance(10 * DAY)
    assert await _calls(database) == ["ProofsAsked", "ProofsAsked"]


async def test_nobody_is_asked_after_the_end(
    database: Database, tender: str, three: list[KeyHolder], advance: "Advance"
) -> None:
    async with database.begin(SETUP) as tx:
        await service.finish(tx, tender)
    await advance(25 * DAY)
    assert await _calls(database) == []
