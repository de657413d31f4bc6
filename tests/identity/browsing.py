"""A browser that fills in forms, the people of the fictional republic, and reading what was recorded."""

import re

import httpx
import pyotp
from sqlalchemy import text

from procurement.infra.mail import Letter
from procurement.infra.tx import Database
from procurement.kernel.actor import system

PASSWORD = "quiet lamp over gravel"
SETUP = system("setup")


class Browser:
    """Opens pages and sends their forms, with the token of the page it is on."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.token = client, ""
        self.codes: list[str] = []  # recovery codes that were shown

    async def get(self, path: str) -> httpx.Response:
        answer = await self.client.get(path, follow_redirects=True)
        if found := re.search(r'name="_token" value="(\w*)"', answer.text):
            self.token = found[1]
        return answer

    async def send(self, page: str, to: str = "", **fields: object) -> httpx.Response:
        """Open a page and send a form from it; the answer is not followed."""
        await self.get(page)
        data = {"_token": self.token, **fields}
        return await self.client.post(to or page, data=data)

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.send("/sign-in", email=email, password=password)

    async def prove_more(self) -> None:
        """Set up an authenticator app, signed in as somebody: this session has shown more than a password then."""
        await self.send("/account", "/account/app")
        page = (await self.get("/account/app")).text
        secret = page.split('class="mono">')[1].split("<")[0].replace(" ", "")
        answer = await self.send("/account/app", "/account/app/confirm", code=pyotp.TOTP(secret).now())
        assert answer.status_code == 200, answer.text

    async def make_token(self, organisation: str, label: str, days: object) -> httpx.Response:
        """Ask for a token that may read, and prepare bids, for an organisation of theirs."""
        chosen = {"organisation": organisation, "scopes": ["read", "bid"]}
        return await self.send("/account/tokens/new", "/account/tokens", label=label, days=days, **chosen)

    @property
    def session(self) -> str | None:
        return self.client.cookies.get("session")


class Republic:
    """Ids of who exists at the start of a test."""

    harbour: str
    city: str
    ines: str  # owner and signatory of Harbour Paving
    tom: str  # member of Harbour Paving
    olga: str  # officer of the city
    pia: str  # fictional approver of the city


def link_in(letter: Letter, path: str) -> str:
    found = re.search(rf"http://test({path}/[\w-]+)", letter.text)
    assert found, letter.text
    return found[1]


async def facts(database: Database) -> list[str]:
    """The types of what was recorded, in order."""
    async with database.begin(SETUP) as tx:
        return list(await tx.session.scalars(text("SELECT type FROM ledger_record ORDER BY id")))
