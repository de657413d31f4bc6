"""A signed-in browser on the pages of a bid, and a program with a bearer token."""

import re
from collections.abc import AsyncIterator, Iterable

import httpx
from bidding import SETUP, TENDER, Market, item_id

from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import sessions, tokens
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor

BID = f"/tenders/{TENDER}/bid"
API = f"/api/v1{BID}"
BOUNDARY = "----limit-of-the-form"


class Bidder:
    """One person's browser. `get` follows redirects, `send` posts a form with the token of the page it is on."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.token = client, ""

    async def get(self, path: str) -> httpx.Response:
        answer = await self.client.get(path, follow_redirects=True)
        self._learn(answer)
        return answer

    async def send(self, path: str, **fields: object) -> httpx.Response:
        answer = await self.client.post(path, data={"_token": self.token, **fields}, follow_redirects=True)
        self._learn(answer)
        return answer

    async def upload(self, name: str, data: bytes, *, token: str | None = None, **fields: str) -> httpx.Response:
        """Send a document as a browser does: token, fields, file."""
        texts = {"_token": self.token if token is None else token, **fields}
        return await self.post_raw(form(texts, name, data))

    async def post_raw(self, body: bytes | AsyncIterator[bytes]) -> httpx.Response:
        kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        return await self.client.post(f"{BID}/documents", content=body, headers=kind, follow_redirects=True)

    async def prepare(self, document: bytes = b"How we will work") -> None:
        """Everything but the last button."""
        await self.get(BID)
        await self.send(f"{BID}/start")
        page = await self.get(f"{BID}/declarations")
        codes = re.findall(r'name="confirmed" type="checkbox" value="([^"]+)"', page.text)
        assert codes, page.text
        await self.send(f"{BID}/declarations", confirmed=codes)
        await self.send(f"{BID}/prices", **prices("10.00", "20.50"))
        await self.upload("method.pdf", document)

    async def submit(self) -> httpx.Response:
        page = await self.get(f"{BID}/check")
        return await self.send(f"{BID}/submit", **hidden(page.text))

    def _learn(self, answer: httpx.Response) -> None:
        if found := re.search(r'name="_token" value="(\w+)"', answer.text):
            self.token = found[1]


def hidden(page: str) -> dict[str, str]:
    """The idempotency key and the state of the draft that the page was drawn for."""
    return dict(re.findall(r'name="(key|changes)" value="([^"]*)"', page))


def prices(*units: str) -> dict[str, str]:
    return {f"price_{item_id(number)}": unit for number, unit in enumerate(units, start=1)}


def form(texts: dict[str, str], name: str, data: bytes) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n' for key, text in texts.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    return (
        "".join(parts).encode()
        + head.encode()
        + b"Content-Type: application/pdf\r\n\r\n"
        + data
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


async def sign_in(database: Database, client: httpx.AsyncClient, person: str) -> Bidder:
    async with database.begin(SETUP) as tx:
        client.cookies.set("session", await sessions.open_session(tx, person, "test", proved_by=ProvedBy.PASSKEY))
    return Bidder(client)


async def bearer(database: Database, actor: Actor) -> dict[str, str]:
    """Headers of a program that acts for one person and organisation."""
    async with database.begin(actor) as tx:
        fresh = Actor(actor.person, actor.roles, actor.organisation, tx.real_now)
        tx.actor = fresh
        return {"authorization": f"Bearer {await tokens.issue(tx, 'a program', 7)}"}


async def slowly(chunks: Iterable[bytes | Exception]) -> AsyncIterator[bytes]:
    """A body that ends with a disconnect where an exception stands."""
    for chunk in chunks:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk


def people(market: Market) -> dict[str, str]:
    return {"signatory": market.ines, "member": market.tom, "competitor": market.greta, "officer": market.olga}
