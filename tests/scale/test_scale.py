"""Nothing that is read grows with the number of tenders: each page and list, asked in a republic and in a large one.

Every GET of the access matrix is asked by somebody who is let in, so a new route is measured without being named here.
"""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import httpx
import msgspec
import pytest
from dropping import drop
from growing import PROCUREMENTS, grow
from sqlalchemy import event
from sqlalchemy.engine import Engine

from procurement import app as composition
from procurement.infra.services.embedded import Postgres
from procurement.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "access"))
from doors import Undone, Walker
from matrix import COLUMNS, Row, rows

pytestmark = pytest.mark.anyio

COPIES = 50
MOST = 150  # rows of one statement
PAGE = 500  # the same where programs read the log
LOG = {"/ledger/entries", "/api/v1/feed"}
DESKS = {"/desk", "/api/v1/desk", "/api/v1/tenders", "/inbox"}  # another list for everybody
STREAMED = {  # a whole year, or all that is found, by its purpose, in batches and transactions of their own
    "/ocds/bulk/{year:int}", "/tenders/found.csv", "/awards/found.csv", "/buyers-and-suppliers/found.csv",
    "/status/outages.csv",
}  # fmt: skip
COUNTED = {"/retention", "/api/v1/retention"}  # exactly what would end now: an auditor's dry run of the nightly job
BUSY = {"/desk/acts", "/api/v1/desk/acts"}  # who did much is found fastest from the end: tests/desks/test_acts.py
ONCE = ("/", "/api/v1/tenders/{evaluating}/opening/record")  # here a process asks what never changes
ENDLESS = {"/api/v1/feed/stream"}
NOTES = ("UPDATE web_session SET last_seen_at", "UPDATE api_token SET last_used_at")  # once a minute, whatever is asked
BOUNDED = {  # what is read of these ends otherwise
    "notice",  # searched and counted up to a limit: tests/publication/test_search.py
    "score", "consensus", "evaluator",  # of the tenders of one desk, found by their ids
}  # fmt: skip


class Statement(NamedTuple):
    text: str
    rows: int
    values: Any


class Asked(NamedTuple):
    status: int
    statements: list[Statement]


def asked() -> Iterator[tuple[Row, str]]:
    """Each list and page with who asks for it; the desks with everybody who has one."""
    for row in rows():
        inside = [column for column in COLUMNS if row.cells[column] == "in"]
        if row.method == "GET" and row.route not in ENDLESS:
            for column in inside if row.route in DESKS else inside[:1]:
                yield row, column


@contextmanager
def listening(to: list[Statement]) -> Iterator[None]:
    def see(connection: object, cursor: Any, statement: str, values: object, *rest: object) -> None:
        if not statement.startswith(NOTES):
            to.append(Statement(statement, cursor.rowcount, values))

    event.listen(Engine, "after_cursor_execute", see)
    yield
    event.remove(Engine, "after_cursor_execute", see)


async def walked(walker: Walker) -> dict[tuple[str, str], Asked]:
    found = {}
    for row, column in asked():
        seen: list[Statement] = []
        with listening(seen):
            answer = await walker.ask("GET", row.address, "", column)
        found[row.route, column] = Asked(answer.status_code, seen)
    return found


class Measured(NamedTuple):
    few: dict[tuple[str, str], Asked]
    many: dict[tuple[str, str], Asked]
    owner: asyncpg.Connection


@pytest.fixture(scope="module")
async def measured(republic: Settings, admin: asyncpg.Connection, postgres: Postgres) -> AsyncIterator[Measured]:
    small = republic.database_url.split("@/")[1].split("?")[0]
    name = f"large_{small}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {small} STRATEGY FILE_COPY")
    settings = msgspec.structs.replace(republic, database_url=postgres.url("app", name))
    owner = await asyncpg.connect(postgres.url("postgres", name).replace("+asyncpg", ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "Database", Undone)
        app = composition.create_app(settings)
    transport, anew = httpx.ASGITransport(app), {"cache-control": "no-cache"}
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test", headers=anew) as http:
        walker = Walker(settings, http)
        await walker.prepare()
        for path in ONCE:
            await walker.ask("GET", path, "", "nobody")
        few = await walked(walker)
        await grow(owner, COPIES)
        many = await walked(walker)
    yield Measured(few, many, owner)
    await owner.close()
    await drop(admin, name)


@pytest.mark.parametrize("one", [*asked()], ids=lambda one: f"{one[0].route} {one[1]}")
async def test_as_many_statements_of_bounded_length_however_many_tenders_there_are(
    measured: Measured, one: tuple[Row, str]
) -> None:
    row, column = one
    few, many = measured.few[row.route, column], measured.many[row.route, column]
    assert many.status == few.status
    most = PAGE if row.route in LOG | STREAMED else MOST
    assert [said.text for said in many.statements if said.rows > most] == []
    if row.route not in STREAMED:
        assert len(many.statements) <= len(few.statements)  # fewer: a list ends before the only one of its kind


@pytest.mark.parametrize(
    "lists", ["tender GROUP BY buyer_id", "bid GROUP BY supplier_id", "inbox_message GROUP BY organisation", "notice"]
)
async def test_there_is_more_than_a_list_may_show(measured: Measured, lists: str) -> None:
    assert await measured.owner.fetchval(f"SELECT count(*) FROM {lists} ORDER BY 1 DESC LIMIT 1") > MOST


async def test_an_index_serves_every_statement(measured: Measured) -> None:
    """Where there is one PostgreSQL is told to take it, as it would with a hundred thousand rows."""
    texts = {
        said.text: said.values
        for (route, _), found in measured.many.items()
        for said in found.statements
        if route not in COUNTED | BUSY and said.text.lstrip().startswith("SELECT") and "pg_advisory" not in said.text
    }
    through = []
    for text, values in texts.items():
        async with measured.owner.transaction():
            await measured.owner.execute("SET LOCAL enable_seqscan = off")
            plan = json.loads(await measured.owner.fetchval(f"EXPLAIN (FORMAT JSON, ANALYZE) {text}", *(values or ())))
        through += [f"{node}: {text}" for node in nodes(plan[0]["Plan"]) if reads_all(node)]
    assert through == []


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def reads_all(node: dict[str, Any]) -> bool:
    """Whether it goes through a table that grows with the tenders."""
    table = node.get("Relation Name")
    if table not in PROCUREMENTS or table in BOUNDED:
        return False
    if node["Node Type"] == "Seq Scan":
        return True
    return (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] > PAGE
