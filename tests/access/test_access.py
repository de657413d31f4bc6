"""Every route as everybody: the doors of the service, walked one by one on a republic full of objects."""

from collections.abc import AsyncIterator

import httpx
import pytest
from doors import Undone, Walker
from matrix import rows
from routed_once import routes

from procurement import app as composition
from procurement.infra.web.routes import listed
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

OUTSIDE = {"/api/v1", "/api/v1/{path:str}", "/api/v1/openapi.json", "/static/{file_path:path}"}  # they know no person


@pytest.fixture(scope="module")
async def walker(republic: Settings) -> AsyncIterator[Walker]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "Database", Undone)
        app = composition.create_app(republic)
    transport = httpx.ASGITransport(app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=republic.base_url) as http:
        one = Walker(republic, http)
        await one.prepare()
        yield one


def test_every_route_has_a_row() -> None:
    found = {(route.method, route.path) for route in listed(routes()) if route.path not in OUTSIDE}
    known = {(row.method, row.route) for row in rows()}
    assert found - known == set(), "add a row to tests/access/access.csv, thinking about every column"
    assert known - found == set(), "remove the rows of routes that are gone"


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.method} {row.address}")
async def test_the_door_answers_as_the_matrix_says(walker: Walker, row: object) -> None:
    assert await walker.row(row.method, row.address, row.form) == row.cells  # type: ignore[attr-defined]  # a Row
