"""What the log tells of a request, and what it never does."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar.routes import HTTPRoute
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tendering import Keys, Town, complete_draft, program, visitor

from procurement.app import create_app
from procurement.infra import logs
from procurement.infra.tx import Database
from procurement.infra.web import observe
from procurement.kernel.actor import system
from procurement.settings import Settings
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio

SECRET = "canary-7f3b"
WRONG = """INSERT INTO organisation (id, name, kind, identifier_scheme, identifier, country, created_at)
    VALUES (:name, :name, :name, '', '', 'XM', now())"""


class Heard:
    """The lines that were logged since `clear`, as the formatter wrote them."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def answers(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if line["logger"] == "procurement.requests"]


@pytest.fixture
def heard() -> Iterator[Heard]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Lines())
    root, ours = logging.getLogger(), logging.getLogger("procurement")
    before = root.handlers[:], root.level, ours.level
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    ours.setLevel(logging.DEBUG)
    yield Heard(stream)
    root.handlers, root.level, ours.level = before[0], before[1], before[2]


async def test_a_line_names_route_status_actor_and_request(
    heard: Heard, database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    olga = await program(database, client, town.olga)
    answer = await olga.get("/api/v1/me")
    line = heard.answers()[-1]
    assert line["request"] == answer.headers["x-request-id"]
    assert line["actor"] == f"person:{town.olga.person}"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/me", 200)
    assert line["ms"] > 0 and line["at"].endswith("+00:00")


async def test_a_line_names_the_procurement_that_was_changed(
    heard: Heard, database: Database, client: httpx.AsyncClient, town: Town, keys: Keys
) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
        await tenders.submit(tx, keys, tender)
        ocid = (await tenders.tender(tx, tender)).ocid
    pia = await program(database, client, town.pia)
    sent_back = await pia.post(f"/api/v1/tenders/{tender}/return", json={"reason": "Say who pays."})
    assert heard.answers()[-1].get("process") == ocid, sent_back.text


async def test_a_line_about_a_bid_names_nobody_and_no_procurement(
    heard: Heard, database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    ines = await program(database, client, town.ines)
    await ines.get("/api/v1/tenders/2026-0001/bid")
    line = heard.answers()[-1]
    assert line["route"] == "/api/v1/tenders/{tender_id}/bid" and line["status"] == 404
    assert "actor" not in line and "process" not in line and town.ines.person not in heard.text


async def test_a_bidder_that_is_refused_or_reads_its_receipt_is_not_named_and_whoever_cannot_bid_is(
    heard: Heard, database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    olga, ines = await program(database, client, town.olga), await program(database, client, town.ines)
    for path in ("receipts/none", "sealed-bids/none/lost", "tenders/2026-0001/bid/parts"):
        await ines.get(f"/api/v1/{path}")
        assert "actor" not in heard.answers()[-1], path
    await olga.get("/api/v1/receipts/none")
    assert heard.answers()[-1]["actor"] == f"person:{town.olga.person}"
    assert town.ines.person not in heard.text


async def test_every_route_of_bids_keeps_who_asks_to_itself(settings: Settings) -> None:
    routes = [(route.path, handler) for route in create_app(settings).routes if isinstance(route, HTTPRoute)
              for handler in route.route_handlers if handler.opt.get("access")]  # fmt: skip
    own = [(path, one) for path, one in routes if one.opt["access"] != "public" and
           (one.fn.__module__.startswith("procurement.bids.") or path.endswith("/opening/kit"))]  # fmt: skip
    assert len(own) > 30
    assert [path for path, one in own if not observe.about_a_bid(one, path)] == []


async def test_refusals_of_persons_are_warnings(heard: Heard, client: httpx.AsyncClient) -> None:
    await client.get("/api/v1/me")
    assert heard.answers()[-1]["level"] == "warning" and heard.answers()[-1]["status"] == 401


async def test_no_secret_in_any_place_reaches_the_log(
    heard: Heard, database: Database, client: httpx.AsyncClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the path, the query, every header, cookies, forms, JSON, a file, and in what breaks."""
    olga = await visitor(database, client, town.olga)
    headers = {name: SECRET for name in ("authorization", "x-request-id", "user-agent", "referer", "traceparent",
                                         "x-forwarded-for", "x-probe-token", "accept-language")}  # fmt: skip
    headers["cookie"] = f"session={SECRET}; visit={SECRET}; other={SECRET}"
    for path in ("/", "/tenders", f"/invitations/{SECRET}", f"/recover/{SECRET}", f"/{SECRET}", f"/tenders/{SECRET}",
                 "/api/v1/me", f"/api/v1/tenders/{SECRET}", f"/ledger/process/{SECRET}"):  # fmt: skip
        address = f"{path}?token={SECRET}&email={SECRET}@marrow.example"
        await client.get(address, headers=headers)
        await client.post(address, headers=headers, json={SECRET: SECRET})
        await olga.client.post(address, data={"email": f"{SECRET}@marrow.example", "password": SECRET, SECRET: "x"})
        await olga.client.post(address, files={"file": (f"{SECRET}.pdf", SECRET.encode())})

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("procurement.infra.web.about.page", breaks)
    broken = await olga.client.get("/about/privacy")
    assert broken.status_code == 500 and "RuntimeError" in heard.text, "the kind and the place are told"
    assert len(heard.answers()) > 30
    assert SECRET not in heard.text


async def test_a_database_error_is_told_without_its_values(
    heard: Heard, database: Database, client: httpx.AsyncClient
) -> None:
    with pytest.raises(IntegrityError) as failed:
        async with database.begin(system("test")) as tx:
            await tx.session.execute(text(WRONG), {"name": SECRET})
    logging.getLogger("procurement.test").error("fault", exc_info=failed.value)
    assert "IntegrityError 23514" in heard.text and SECRET not in heard.text


async def test_only_the_trusted_proxy_names_requests(settings: Settings, keyholder: object) -> None:
    for trusted, kept in (("127.0.0.1", True), ("10.0.0.1", False)):
        app = create_app(replace(settings, trusted_proxy=trusted))
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 40000))
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=settings.base_url) as one:
            answer = await one.get("/health/live", headers={"x-request-id": "proxy-0001"})
            assert (answer.headers["x-request-id"] == "proxy-0001") == kept
            odd = await one.get("/health/live", headers={"x-request-id": "a b\tc"})
            assert odd.headers["x-request-id"] != "a b\tc"


@pytest.mark.parametrize("form", [logs.Lines(), logs.Words()])
def test_a_message_is_one_line(form: logging.Formatter) -> None:
    record = logging.LogRecord(
        "procurement.x", logging.ERROR, "", 0, "a\r\nERROR forged\x1b[2J\u2028%s", ("b\nc",), None
    )
    assert not any(sign in form.format(record) for sign in "\r\n\x1b")


@pytest.mark.parametrize(("form", "terminal", "expected"), [
    ("json", True, logs.Lines), ("text", False, logs.Words), ("", True, logs.Words), ("", False, logs.Lines),
])  # fmt: skip
def test_the_form_follows_the_setting_else_the_terminal(
    form: str, terminal: bool, expected: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure("info", form)
    assert isinstance(root.handlers[0].formatter, expected) and root.level == logging.WARNING
    root.handlers, root.level = before
