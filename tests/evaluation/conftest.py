"""The scene of every test here: three opened bids."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from evaluated import THREE, Scene, opened

from procurement.infra.tx import Database


@pytest.fixture
async def scene(
    database: Database,
    owner: asyncpg.Connection,
    advance: Callable[[timedelta], Awaitable[None]],
    tmp_path: Path,
) -> Scene:
    return await opened(database, owner, advance, tmp_path / "data", THREE)
