"""A roster of tests, and what refuses or records."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from holding import KeyHolder
from sqlalchemy import text
from tendering import SETUP, Town

from procurement.holders import service
from procurement.holders.service import About, Asked, Level
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor
from procurement.kernel.refusal import Refused

S1 = Asked(level="S1")
TENDER = "2026-0001"


async def facts(database: Database, *types: str) -> list[dict[str, Any]]:
    """The contents of the ledger's records of these types, in order."""
    async with database.begin(SETUP) as tx:
        rows = await tx.session.execute(
            text("SELECT body FROM ledger_record WHERE type = ANY(:types) ORDER BY id"), {"types": list(types)}
        )
        return [msgspec.json.decode(row.body)["fact"] for row in rows]


async def refused(database: Database, actor: Actor, act: Callable[[Tx], Awaitable[object]]) -> Refused:
    with pytest.raises(Refused) as no:
        async with database.begin(actor) as tx:
            await act(tx)
    return no.value


async def choose(database: Database, town: Town, three: list[KeyHolder], m: int = 2, level: Level = "S2") -> str:
    about = About(subject="2026-0001", process="ocds-1", buyer=town.city, title="Harbour Road")
    async with database.begin(SETUP) as tx:
        found = await service.choose(tx, about, level, m, [one.id for one in three], S1)
    assert found
    return found.sha256
