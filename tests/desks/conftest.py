"""A town with a tender whose bids are opened, and a counter of queries."""

from collections.abc import Iterator

import pytest
from evaluated import Scene
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tendering import Town, settle_town

from procurement.infra.tx import Database


@pytest.fixture
def scene(opened_scene: Scene) -> Scene:
    return opened_scene


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """Every statement that any engine of this process executes, as it happens."""
    seen: list[str] = []

    def see(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)
