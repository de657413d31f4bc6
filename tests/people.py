"""People of a test with a browser each: signed in, with the token of the page they are on."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from tendering import SETUP

from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service.sessions import open_session
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor


class Visitor:
    """One person's browser."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.token = client, ""

    async def get(self, path: str) -> httpx.Response:
        answer = await self.client.get(path)
        assert answer.status_code < 500, path
        if found := re.search(r'name="_token" value="(\w*)"', answer.text):
            self.token = found[1]
        return answer

    async def send(self, page: str, to: str = "", **fields: object) -> httpx.Response:
        """Open a page and send a form from it; the answer is not followed."""
        await self.get(page)
        return await self.client.post(to or page, data={"_token": self.token, **fields})


@asynccontextmanager
async def visiting(client: httpx.AsyncClient, database: Database, actor: Actor) -> AsyncIterator[Visitor]:
    """A browser of this person, who has just signed in; NOBODY has one without a session."""
    cookies = {}
    if actor.person:
        async with database.begin(SETUP) as tx:
            cookies["session"] = await open_session(tx, actor.person, "test", proved_by=ProvedBy.CODE)
    transport = client._transport  # httpx has no public name for it
    async with httpx.AsyncClient(transport=transport, base_url=str(client.base_url), cookies=cookies) as own:
        yield Visitor(own)
