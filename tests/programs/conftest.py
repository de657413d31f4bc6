"""The town's programs."""

from typing import Any

import httpx
import pytest
from tendering import NEXT_YEAR, Town, program, settle_town

from procurement.infra.tx import Database


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.fixture
async def olga(database: Database, client: httpx.AsyncClient, town: Town) -> httpx.AsyncClient:
    return await program(database, client, town.olga)


@pytest.fixture
async def otto(database: Database, client: httpx.AsyncClient, town: Town) -> httpx.AsyncClient:
    return await program(database, client, town.otto)


@pytest.fixture
def draft() -> dict[str, Any]:
    """A complete draft as programs write it."""
    item = {"description": "Asphalt, laid", "classification_id": "45233222-1", "quantity": "12500.5", "unit": "m2"}
    return {
        "title": "Resurfacing of Harbour Road",
        "category": "works",
        "description": "New asphalt.",
        "value": "1240000",
        "contract_terms": "Done within 90 days.",
        "award_method": "weighted",
        "deadline": f"{NEXT_YEAR}-11-30T21:00:00Z",
        "lots": [{"title": "Road", "items": [item]}],
        "criteria": [
            {"name": "Price", "kind": "price", "weight": "60"},
            {"name": "Method", "kind": "quality", "weight": 40},
        ],
    }
