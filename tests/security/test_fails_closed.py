"""Where a part does not answer nothing is let through; where somebody adds something nothing is taken (ASVS 5.0:
6.3.8, 15.3.3, 16.5.3)."""

import ast
import hashlib
import statistics
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar.routes import HTTPRoute
from people import visiting
from pwdlib import PasswordHash
from routed_once import routes
from sqlalchemy import event
from tendering import Town, program, visitor

from procurement import app as composition
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
SRC = Path(composition.__file__).parent
PASSWORD = "quiet lamp over gravel"


def structs_in(type_: Any) -> set[type]:
    """Every struct that a body of this type holds, at any depth."""
    found: set[type] = set()
    waiting = [msgspec.inspect.type_info(type_)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, msgspec.inspect.StructType):
            if one.cls not in found:
                found.add(one.cls)
                waiting += [field.type for field in one.fields]
            continue
        for name in ("types", "item_types", "item_type", "key_type", "value_type"):
            inside = getattr(one, name, ())
            waiting += inside if isinstance(inside, tuple) else [inside]
    return found


def test_no_body_of_any_program_has_room_for_a_field_of_its_own() -> None:
    app = routes()
    handlers = [one for route in app.routes if isinstance(route, HTTPRoute) for one in route.route_handlers]
    bodies = [handler.parsed_data_field.annotation for handler in handlers if handler.parsed_data_field]
    structs = set[type]().union(*(structs_in(body) for body in bodies))
    assert len(bodies) > 20 and len(structs) > 20
    assert [one.__name__ for one in structs if not one.__struct_config__.forbid_unknown_fields] == []  # type: ignore[attr-defined]  # each is a Struct


def test_every_form_is_read_by_the_one_reader_that_refuses_unknown_fields() -> None:
    """`read_form` refuses them; where a receipt is checked one file is taken by its name, and nothing is kept."""
    inside = {SRC / "infra" / "web" / name for name in ("door.py", "fields.py", "forms.py", "upload.py")}
    inside.add(SRC / "bids" / "pages" / "receipts.py")
    for source in set(SRC.rglob("*.py")) - inside:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                asked = ast.unparse(node.func)
                assert asked not in ("request.form", "request.json"), f"{source.name}: use read_form"


async def test_a_field_too_many_changes_nothing(client: httpx.AsyncClient, database: Database, town: Town) -> None:
    olga = await visitor(database, client, town.olga)
    answer = await olga.send("/tenders/new", title="School meals", category="services", state="open")
    assert answer.status_code == 422 and "no field “state”" in answer.text
    program_ = await program(database, client, town.olga)
    answer = await program_.post("/api/v1/tenders", json={"title": "Meals", "category": "services", "state": "open"})
    assert answer.status_code in (400, 422) and "state" in answer.text


async def test_an_unknown_address_and_a_wrong_password_are_answered_after_the_same_work(
    client: httpx.AsyncClient, parts: composition.Parts, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same hash (tests/identity/test_sign_in.py), the same statements, the same words, and no telling time."""
    monkeypatch.setattr(PasswordHash, "verify", lambda *_: False)
    made: list[str] = []
    event.listen(parts.database.engine.sync_engine, "after_cursor_execute", lambda *given: made.append(given[2]))
    seen: dict[str, list[tuple[float, list[str], str]]] = {"known": [], "unknown": []}
    async with visiting(client, parts.database, NOBODY) as browser:
        await browser.get("/sign-in")
        for number in range(16):
            for kind, email in (("known", "olga@marrow.example"), ("unknown", f"n{number:02}@marrow.example")):
                made.clear()
                began = time.perf_counter()
                data = {"_token": browser.token, "email": email, "password": PASSWORD}
                answer = await browser.client.post("/sign-in", data=data)
                took = time.perf_counter() - began
                words = answer.text.replace(email, "").replace(answer.text.split('_token" value="')[1][:96], "")
                assert answer.status_code == 422
                seen[kind].append((took, list(made), hashlib.sha256(words.encode()).hexdigest()))
    known, unknown = seen["known"][2:], seen["unknown"][2:]
    assert [one[1] for one in known] == [one[1] for one in unknown]
    medians = [statistics.median(one[0] for one in some) for some in (known, unknown)]
    assert abs(medians[0] - medians[1]) < 0.2, "no more than hides behind the hash, which takes longer"


async def test_without_its_database_the_service_takes_nothing(settings: Settings) -> None:
    gone = msgspec.structs.replace(settings, database_url="postgresql+asyncpg://x:x@127.0.0.1:9/x")
    app = composition.create_app(gone)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    bearer = {"authorization": "Bearer any", "idempotency-key": "k"}
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = [
            await client.get("/api/v1/me", headers=bearer),
            await client.post("/sign-in", data={"email": "olga@marrow.example", "password": PASSWORD}),
            await client.post("/tenders/2026-0001/bid/submit", data={}),
            await client.get("/account", headers={"cookie": "session=any"}),
        ]
    assert {answer.status_code for answer in answers} == {503}
    assert all("set-cookie" not in answer.headers and answer.headers["retry-after"] for answer in answers)


def test_nothing_of_what_people_send_is_unpacked() -> None:
    """A bomb is stored as the bytes that it is: nothing of ours reads archives that others made (ASVS 5.0: 5.2.3)."""
    readers = ("ZipFile(", "tarfile.open", "gzip.open", "zlib.decompress", "shutil.unpack_archive", "lzma.", "bz2.")
    known = {
        "client/offline/package.py",  # the bidder's own, on the bidder's machine
        "identity/pages/personal.py",
        "identity/service/personal.py",
        "infra/web/shelf.py",
        "payments/service/export_files.py",
    }  # what we made ourselves
    for source in SRC.rglob("*.py"):
        name = source.relative_to(SRC).as_posix()
        if not name.startswith(("backup/", "publication/imports")) and name not in known:
            text = source.read_text()
            assert not [reader for reader in readers if reader in text], name


def test_no_store_of_the_framework_keeps_anything() -> None:
    """Its FileStore mixes up keys; its rate limit believes any X-Forwarded-For."""
    for source in SRC.rglob("*.py"):
        text = source.read_text()
        assert "litestar.stores" not in text and "litestar.middleware.rate_limit" not in text, source.name
        assert "CORSConfig" not in text and "AllowedHostsConfig" not in text and "CSRFConfig" not in text, source.name
