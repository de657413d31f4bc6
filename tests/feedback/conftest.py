"""The town, and letters as they arrive."""

import pytest
from tendering import Town, settle_town
from waiting import Letters, letters_of

from procurement.infra.tx import Database
from procurement.settings import Settings


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.fixture
def letters(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Letters:
    """For an operator with an address."""
    monkeypatch.setenv("FEEDBACK_MAIL", "operator@marrow.example")
    return letters_of(settings, database, monkeypatch)
