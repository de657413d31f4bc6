"""The town, and letters as they arrive."""

from collections.abc import Awaitable, Callable

import pytest
from tendering import Town, settle_town

from procurement.infra import mail, sweep
from procurement.infra.mail import Letter, Mail
from procurement.infra.tx import Database
from procurement.settings import Settings

Letters = Callable[[], Awaitable[list[Letter]]]


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.fixture
def letters(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Letters:
    """Do the queued work, as the worker would, for an operator with an address; then every letter, newest first."""
    post = Mail.connect(settings)
    monkeypatch.setattr(mail, "outgoing", lambda: post)
    monkeypatch.setenv("FEEDBACK_MAIL", "operator@marrow.example")

    async def sent() -> list[Letter]:
        while await sweep.handle_one(database):
            pass
        assert post.mailbox
        return post.mailbox.letters()

    return sent
