"""The key of a fictional holder, which everybody may take to practise an opening."""

from pathlib import Path

import httpx
import pytest
from holding import KeyHolder
from people import visiting

from procurement.holders import offline, practice
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def test_the_page_offers_the_file_of_a_fictional_holder_and_of_nobody_else(
    database: Database, settings: Settings, client: httpx.AsyncClient, three: list[KeyHolder]
) -> None:
    fictional, real = three[:2]
    practice.save(Path(settings.data), fictional.key)
    async with visiting(client, database, fictional.actor) as one, visiting(client, database, real.actor) as other:
        assert practice.PASSPHRASE in (await one.get("/key-holder")).text
        file = await one.get("/practice/holder-key")
        assert offline.unlock(file.content, practice.PASSPHRASE) == fictional.key
        assert practice.PASSPHRASE not in (await other.get("/key-holder")).text
        assert (await other.get("/practice/holder-key")).status_code == 404


async def test_outside_of_a_sandbox_there_is_none(
    database: Database, settings: Settings, three: list[KeyHolder]
) -> None:
    practice.save(Path(settings.data), three[0].key)
    async with database.begin(NOBODY) as tx:
        assert practice.key_file(tx, settings.data, three[0].id)
        tx.sandbox = False
        assert practice.key_file(tx, settings.data, three[0].id) is None
