"""A town whose post lies in a mailbox, and a worker that does what waits."""

from collections.abc import AsyncIterator

import pytest
from tendering import Town, open_tender, settle_town
from told import Work

from procurement.infra import mail
from procurement.infra.mail import Mail
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database
from procurement.notices.service.mailing import BATCH, send_waiting
from procurement.settings import Settings


@pytest.fixture
def post(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """Letters go into this test's own folder."""
    one = Mail.connect(settings)
    monkeypatch.setattr(mail, "outgoing", lambda: one)
    return one


@pytest.fixture
def work(database: Database, post: Mail) -> Work:
    """What a worker would do: everything in the outbox, then every letter that is due."""

    async def do() -> None:
        while await handle_one(database):
            pass
        while await send_waiting(database, post) == BATCH:
            pass

    return do


@pytest.fixture
async def town(database: Database, post: Mail) -> AsyncIterator[Town]:
    yield await settle_town(database)


@pytest.fixture
async def tender(database: Database, town: Town, work: Work) -> str:
    """A published tender whose news are out."""
    one = await open_tender(database, town)
    await work()
    return one
