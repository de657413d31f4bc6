"""People as the tour plays them: a browser without scripts, and a program of theirs (`procurement.client`)."""

import re
import secrets
import time
from html.parser import HTMLParser
from typing import Any

import httpx
import msgspec

from procurement.client import Client

PATIENCE = 30.0  # seconds for one answer
LETTER = 30.0  # seconds for a letter to arrive


class Unexpected(Exception):
    """The service answered otherwise than the tour expects. The message says what was asked and what came."""


class Form(msgspec.Struct):
    action: str
    filled: dict[str, str]


class _Forms(HTMLParser):
    """Every form of a page with its hidden fields and what is chosen already: what a browser would send along."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(named.get("action", ""), {}))
        elif tag == "input" and self.forms and (named.get("type") == "hidden" or "checked" in named):
            self.forms[-1].filled[named.get("name", "")] = named.get("value", "")


def forms(html: str) -> list[Form]:
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class Visitor:
    """Anybody: reads pages without an account, and data as `program`."""

    def __init__(self, url: str, name: str = "a reader") -> None:
        self.name = name
        headers = {"origin": url.rstrip("/"), "user-agent": "procurement tour"}
        self.http = httpx.Client(base_url=url, timeout=PATIENCE, headers=headers, follow_redirects=True)
        self.program = Client(url)
        self.page = ""

    def get(self, path: str, status: int = 200) -> httpx.Response:
        return self._kept(self.http.get(path), status)

    def json(self, path: str) -> Any:
        """Data, as it is."""
        return msgspec.json.decode(self.program.fetch(path))

    def reads(self, path: str, *words: str) -> str:
        """Open a page and find every word on it, as text."""
        text = visible(self.get(path).text)
        if missing := [word for word in words if visible(word) not in text]:
            raise Unexpected(f"{self.name} does not find “{missing[0]}” on {path}")
        return text

    def post(
        self, path: str, fields: dict[str, Any] | None = None, status: int = 200, file: Any = None
    ) -> httpx.Response:
        """Send the form of the last page that goes to `path`, with what is filled in already."""
        known = forms(self.page)
        form = next((f for f in known if f.action == path), None) or Form(path, {})
        token = next((f.filled["_token"] for f in known if "_token" in f.filled), "")
        values = {"_token": token, **form.filled, **(fields or {})}
        answer = self.http.post(path, data=values, files={"file": file} if file else None)
        return self._kept(answer, status)

    def _kept(self, answer: httpx.Response, status: int) -> httpx.Response:
        if "html" in answer.headers.get("content-type", ""):
            self.page = answer.text
        if answer.status_code != status:
            said = complaint(answer.text)
            request = answer.request
            raise Unexpected(f"{self.name}: {request.method} {request.url.path} answers {answer.status_code}: {said}")
        return answer

    def close(self) -> None:
        self.program.close()
        self.http.close()


class Person(Visitor):
    """Somebody with an account, whose `program` acts for them once it has a token."""

    def become(self, person: str) -> None:
        """Sign in as a fictional person of the practice republic."""
        self.get("/sign-in")
        self.post("/practice/sign-in", {"person": person, "next": "/account"})

    def register(self, organisation: str) -> None:
        """Register an organisation that did not exist before, by the link in the letter."""
        self.get("/register")
        answers = {
            "name": self.name,
            "email": f"{self.name.split()[-1].lower()}.{secrets.token_hex(4)}@marrow.example",
            "password": secrets.token_urlsafe(18),
            "organisation": organisation,
            "country": "XM",
            "identifier_scheme": "XM-MRW",
            "identifier": f"T-{secrets.token_hex(4).upper()}",
        }
        self.post("/register", answers)
        link = self._letter_to(answers["email"])
        self.get(link)
        self.post(link, {})

    def _letter_to(self, address: str) -> str:
        """The link of registration in the newest letter to an address, from the mailbox of the practice republic."""
        until = time.monotonic() + LETTER
        while time.monotonic() < until:
            for letter in re.findall(r'href="(/practice/mailbox/[\w-]+)"', self.get("/practice/mailbox").text)[:5]:
                text = self.get(letter).text
                if address in text and (found := re.search(r"/register/[\w-]{20,}", text)):
                    return found[0]
            time.sleep(0.1)
        raise Unexpected(f"no letter to {address} within {LETTER} seconds")

    def make_token(self) -> None:
        """A token for everything that its owner may do in the organisation acted for."""
        offered = re.findall(r'name="scopes"[^>]*value="([^"]+)"', self.get("/account/tokens/new").text)
        shown = self.post("/account/tokens", {"label": "tour", "days": "1", "scopes": offered})
        found = re.search(r'class="mono"><bdi>([^<]+)</bdi>', shown.text)
        if not found:
            raise Unexpected("the new token is not on its page")
        self.program.close()
        self.program = Client(str(self.http.base_url), found[1])


def complaint(html: str) -> str:
    """What a page says is wrong: its error summary, or its beginning."""
    text = visible(html)
    return text[max(text.find("There is a problem"), 0) :][:400]


def visible(html: str) -> str:
    """The words of a page, without tags, scripts and doubled spaces."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html, flags=re.S)
    text = re.sub(r"<[^>]+>", " ", body)
    for code, character in (("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(code, character)
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


def fictional(url: str) -> dict[str, str]:
    """The people whom the sign-in page of a practice republic offers: name -> id."""
    visitor = Visitor(url)
    try:
        page = visitor.get("/sign-in").text
    finally:
        visitor.close()
    rows = re.findall(r'<th scope="row">([^<]+)</th>.*?name="person" value="([^"]+)"', page, flags=re.S)
    return {name.strip(): person for name, person in rows}
