"""Nobody but its buyer learns that there is a draft: every route answers as if there were none."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from doors import TENDERS, Undone, Walker
from matrix import Row, rows

from procurement import app as composition
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

OUTSIDE = ("nobody", "other_officer", "bidder")
NEVER = "2026-9999"  # shaped like the number of a tender, and of none


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


def of_a_tender() -> list[Row]:
    return [row for row in rows() if "{tender_id:str}" in row.route]


@pytest.mark.parametrize("row", of_a_tender(), ids=lambda row: f"{row.method} {row.route}")
async def test_a_draft_is_answered_as_no_tender_at_all(walker: Walker, row: Row) -> None:
    address = re.sub("{(" + "|".join(TENDERS) + ")}", "{draft}", row.address, count=1)
    for column in OUTSIDE:
        answers = [await told(walker, row, address, column)]
        draft = walker.objects["draft"]
        with pytest.MonkeyPatch.context() as patch:
            for key in [key for key in walker.staff if key[0] == draft]:
                patch.setitem(walker.staff, (NEVER, key[1]), walker.staff[key])
            patch.setitem(walker.objects, "draft", NEVER)
            answers.append(await told(walker, row, address, column))
        assert answers[0] == answers[1], f"{column} learns of the draft"


async def told(walker: Walker, row: Row, address: str, column: str) -> tuple[int, str]:
    """Status and what is said, without the number itself."""
    answer = await walker.ask(row.method, address, row.form, column)
    said = re.search(r'"code":"([a-z-]+)"|/problems/([a-z-]+)|<h1[^>]*>(.*?)</h1>', answer.text)
    return answer.status_code, said[0] if said else ""
