"""The scene of a procurement from publication to contract, and a worker that follows its facts."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from evaluated import THREE, Scene, opened
from waiting import Work

from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database


@pytest.fixture
def work(database: Database, owner: asyncpg.Connection) -> Work:
    """Do every waiting job; one that fails fails the test."""

    async def all_of_it() -> None:
        while await handle_one(database):
            pass
        assert await owner.fetch("SELECT topic, problem FROM outbox WHERE problem <> ''") == []

    return all_of_it


@pytest.fixture
async def scene(
    database: Database,
    owner: asyncpg.Connection,
    advance: Callable[[timedelta], Awaitable[None]],
    tmp_path: Path,
) -> Scene:
    return await opened(database, owner, advance, tmp_path / "data", THREE)
