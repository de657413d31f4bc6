"""Every answer of every kind carries the headers that tell browsers what is never allowed (ASVS 5.0: 3.3, 3.4)."""

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from everybody import ENDLESS, address, everybody, routes
from tendering import Town, open_tender

from procurement.app import create_app
from procurement.infra.tx import Database
from procurement.infra.web import headers
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio
FORM = {"content-type": "application/x-www-form-urlencoded"}
YEAR = 365 * 86400  # seconds
SANDBOXED = "sandbox; default-src 'none'"  # files that people sent


@pytest.fixture
async def secure(settings: Settings, serve: "Serve") -> AsyncIterator[httpx.AsyncClient]:
    """The service as it is behind HTTPS; what breaks in it is answered, not raised."""
    async with serve(msgspec.structs.replace(settings, base_url="https://test"), raising=False) as client:
        yield client


def must_be_protected(answer: httpx.Response) -> None:
    path = answer.request.url.path
    given = answer.headers
    assert given["x-content-type-options"] == "nosniff", path
    assert given["content-security-policy"] in (headers.CSP, SANDBOXED), path
    assert given["cross-origin-opener-policy"] == "same-origin", path
    assert given["x-frame-options"] == "DENY", path
    assert given["referrer-policy"] == "same-origin", path
    age = re.match(r"max-age=(\d+); includeSubDomains", given["strict-transport-security"])
    assert age and int(age[1]) >= YEAR, path
    for cookie in given.get_list("set-cookie"):
        assert cookie.startswith("__Host-") and "Path=/" in cookie and "Domain" not in cookie, path
        assert {"Secure", "HttpOnly"} <= set(cookie.split("; ")) and "samesite=lax" in cookie.lower(), path


async def test_every_address_answers_with_them(secure: httpx.AsyncClient) -> None:
    kinds = set()
    for route in routes():
        if route.method == "GET" and route.path not in ENDLESS:
            answer = await secure.get(address(route.path))
            must_be_protected(answer)
            kinds.add(answer.status_code)
    assert {200, 303, 401, 404} <= kinds


async def test_so_do_refusals_of_every_kind(secure: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = await secure.get("/tenders")
    monkeypatch.setattr("procurement.infra.web.about.page", lambda _: 1 / 0)
    asked = {
        304: secure.get("/tenders", headers={"if-none-match": kept.headers["etag"]}),
        403: secure.post("/sign-in", headers={"origin": "https://evil.example"}),
        404: secure.get("/no/such/address"),
        405: secure.delete("/sign-in"),
        400: secure.get("/tenders/%00"),
        413: secure.post("/sign-in", content=b"a" * (3 << 20), headers=FORM),
        500: secure.get("/about/privacy"),
    }
    for status, answering in asked.items():
        answer = await answering
        assert answer.status_code == status
        must_be_protected(answer)


async def test_a_file_of_the_pages_has_them_and_may_be_kept(secure: httpx.AsyncClient) -> None:
    page = (await secure.get("/sign-in")).text
    named = set(re.findall(r'(?:src|href)="(/static/[^"?]+)', page))
    assert any(name.endswith(".css") for name in named) and any(name.endswith(".js") for name in named)
    for name in named:
        answer = await secure.get(name)
        must_be_protected(answer)
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]


async def test_nothing_private_stays_in_a_cache(client: httpx.AsyncClient, database: Database, town: Town) -> None:
    somebody = await everybody(database, client, town)
    known = {"tender_id": await open_tender(database, town), "organisation": town.city, "organisation_id": town.city}
    for route in routes():
        if route.method != "GET" or route.path in ENDLESS or route.path.startswith(("/static/", "/ledger/")):
            continue
        answer = await somebody.client.get(address(route.path, **known))
        if route.access == "public" and "public" in answer.headers.get("cache-control", ""):
            assert "Every Body" not in answer.text, route.path
        else:
            assert answer.headers["cache-control"] in ("no-store", "private, no-store", "private, no-cache"), route.path


async def test_pages_take_scripts_styles_and_pictures_from_here_alone(client: httpx.AsyncClient) -> None:
    for path in ("/", "/tenders", "/sign-in", "/about/sealing"):
        page = (await client.get(path)).text
        fetched = re.findall(r'<(?:script|img|source|iframe)\b[^>]*\bsrc="([^"]+)"', page)
        fetched += re.findall(r'<link\b[^>]*rel="(?:stylesheet|icon|preload|manifest)"[^>]*href="([^"]+)"', page)
        assert fetched and all(one.startswith("/static/") for one in fetched), fetched
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page), path


def test_the_policy_lets_nothing_in_that_is_not_ours() -> None:
    rules = dict(rule.split(" ", 1) for rule in headers.CSP.split("; "))
    assert (rules["default-src"], rules["base-uri"], rules["frame-ancestors"]) == ("'none'",) * 3
    assert rules["script-src"] == "'self'" and not re.search(r"unsafe|\*|data:|https?:", headers.CSP)


async def test_debugging_cannot_be_turned_on_from_outside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITESTAR_DEBUG", "1")
    monkeypatch.setenv("LITESTAR_PDB", "1")
    monkeypatch.setattr("procurement.infra.web.about.page", lambda _: 1 / 0)
    app = create_app(settings)
    assert not app.debug and not app.pdb_on_exception
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/about/privacy")
    assert answer.status_code == 500 and "division" not in answer.text and "Traceback" not in answer.text
