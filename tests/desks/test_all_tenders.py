"""Every tender of a buyer, page by page, for its own people."""

import httpx
import pytest
from tendering import complete_draft, open_tender, settle_town, visitor

from procurement.infra.tx import Database
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio


async def test_drafts_and_published_ones_come_page_by_page(
    database: Database, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenders, "PAGE", 1)
    town = await settle_town(database)
    published = await open_tender(database, town)
    async with database.begin(town.olga) as tx:
        draft = await complete_draft(tx)
    olga = await visitor(database, client, town.olga)
    first = (await olga.get("/desk/tenders")).text
    assert f'href="/tenders/{draft}/draft"' in first and f'href="/tenders/{published}"' not in first
    second = (await olga.get(f"/desk/tenders?before={draft}")).text
    assert f'href="/tenders/{published}"' in second and "Next page" not in second
    assert "Next page" in first
