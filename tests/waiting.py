"""What a worker would do with what waits, and the letters that people get of it."""

import asyncio
import time
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


async def early_in_a_minute() -> None:
    """At least ten seconds before the next one begins, when every page of a sandbox changes."""
    if (left := 60 - time.time() % 60) < 10:
        await asyncio.sleep(left)
