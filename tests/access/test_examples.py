"""The examples of the OpenAPI document are real calls: each is made again, and still looks so.

Whatever somebody of the republic may do with the object of the access matrix is done, changes as a rehearsal, and the
first good answer is the example. `UPDATE_EXAMPLES=1` writes them anew.
"""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import Undone, Walker
from matrix import COLUMNS, Row, rows

from procurement import app as composition
from procurement.infra.web import openapi
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
FILE = Path(openapi.__file__).with_name("examples.json")
FEW = 2  # entries of a list that are shown


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


def asked() -> list[Row]:
    return [row for row in rows() if row.route.startswith(("/api/v1", "/ocds")) and "stream" not in row.route]


def short(value: Any) -> Any:
    """The same with few entries of each list."""
    if isinstance(value, dict):
        return {key: short(inner) for key, inner in value.items()}
    return [short(inner) for inner in value[:FEW]] if isinstance(value, list) else value


def same_shape(one: Any, other: Any) -> bool:
    """Whether two answers have the same fields of the same kinds; what may be empty or null says nothing."""
    if one is None or other is None or one == [] or other == []:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(same_shape(one[key], other[key]) for key in one.keys() & other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return same_shape(one[0], other[0])
    return isinstance(one, type(other)) or {type(one), type(other)} == {int, float}


async def example(walker: Walker, row: Row) -> dict[str, Any] | None:
    """The first good answer to somebody."""
    for column in (column for column in COLUMNS if row.cells[column] == "in"):
        answer = await walker.ask(row.method, row.address, row.form, column)
        if answer.status_code < 300:
            body = json.loads(walker.filled(row.form)) if row.form else {}
            request = {"request": body} if body else {}
            as_json = answer.headers.get("content-type", "").partition(";")[0] == "application/json"
            response = {"response": short(answer.json())} if as_json and len(answer.content) < 200_000 else {}
            return {"status": answer.status_code, **request, **response}
    return None


async def test_the_examples_are_what_the_service_answers(walker: Walker) -> None:
    made = {}
    for row in asked():
        if (found := await example(walker, row)) and ("response" in found or "request" in found):
            path = "/".join(part.partition(":")[0] + "}" if ":" in part else part for part in row.route.split("/"))
            made[f"{row.method} {path}"] = found
    if os.environ.get("UPDATE_EXAMPLES"):
        FILE.write_text(json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    kept = json.loads(FILE.read_text())
    advice = "run UPDATE_EXAMPLES=1 .venv/bin/pytest tests/access/test_examples.py -n 0 and read the difference"
    assert kept.keys() == made.keys(), advice
    assert [name for name in made if made[name]["status"] != kept[name]["status"]] == [], advice
    assert [name for name in made if not same_shape(made[name], kept[name])] == [], advice
