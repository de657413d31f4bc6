"""What a worker would do with what waits, and the letters that people get of it."""

from collections.abc import Awaitable, Callable

import pytest

from procurement.infra import mail, sweep
from procurement.infra.mail import Letter, Mail
from procurement.infra.tx import Database
from procurement.settings import Settings

Work = Callable[[], Awaitable[None]]
Letters = Callable[[], Awaitable[list[Letter]]]


def letters_of(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Letters:
    """Do every waiting job; then all letters in the mailbox, newest first."""
    post = Mail.connect(settings)
    monkeypatch.setattr(mail, "outgoing", lambda: post)

    async def sent() -> list[Letter]:
        while await sweep.handle_one(database):
            pass
        assert post.mailbox
        return post.mailbox.letters()

    return sent
