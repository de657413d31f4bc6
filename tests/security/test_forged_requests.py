"""What another site makes somebody's browser send changes nothing (ASVS 5.0: 3.5.1, 3.4.2, 4.1.3)."""

import httpx
import pytest
from everybody import address, everybody, routes
from tendering import Town

from procurement.infra.tx import Database
from procurement.infra.web import csrf

pytestmark = pytest.mark.anyio

UNSAFE = [
    (route.method, address(route.path) + ("?award=0" if route.path == "/contracts/new" else ""))
    for route in routes()
    if route.method not in csrf.SAFE and not route.path.startswith("/api/")
]
# Their token is a field of the stream.
STREAMED = {"/receipts/0/lost", "/tenders/0/bid/documents", "/tenders/0/draft/documents", "/treasury/statements"}
# Only JSON is read here, which no form of another site can be; then the token is asked for: tests/bids/test_bid_device.
CALLED = {f"/tenders/0/bid/device/{what}" for what in ("start", "rehearse", "submit")}
SIGNED = {"/webhooks/stripe"}  # no form: its sender signs what it sends
FORM = {"content-type": "application/x-www-form-urlencoded"}
EVIL = "https://evil.example"


def test_there_are_forms_to_forge() -> None:
    assert len(UNSAFE) > 80


async def test_no_form_of_any_route_is_taken_without_its_token(
    client: httpx.AsyncClient, database: Database, town: Town
) -> None:
    somebody = await everybody(database, client, town)
    taken = {}
    for method, path in UNSAFE:
        answer = await somebody.client.request(method, path, content=b"surplus=1", headers=FORM)
        if answer.status_code != 403:
            taken[path] = answer.status_code
    assert {taken.pop(path) for path in CALLED} == {400}
    assert taken.keys() <= STREAMED | SIGNED, taken


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://test.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_another_site_is_refused_at_every_route(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for method, path in UNSAFE:
        answer = await client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/foreign-origin"), path


async def test_no_other_site_may_read_an_answer(client: httpx.AsyncClient) -> None:
    asked = {"origin": EVIL, "access-control-request-method": "POST", "access-control-request-headers": "x-csrf-token"}
    for path in ("/", "/sign-in", "/account", "/tenders", "/api/v1/me", "/api/v1/time", "/nowhere"):
        for method in ("GET", "OPTIONS"):
            answer = await client.request(method, path, headers=asked)
            assert not [name for name in answer.headers if name.startswith("access-control-")], path


async def test_no_host_that_a_request_names_stands_in_an_answer(client: httpx.AsyncClient) -> None:
    lies = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher",
            "forwarded": "host=evil.example"}  # fmt: skip
    for path in ("/", "/tenders", "/tenders/feed.atom", "/account", "/sign-in", "/api/v1/openapi.json", "/nowhere"):
        answer = await client.get(path, headers=lies)
        assert "evil.example" not in answer.text + str(answer.headers), path
        assert "gopher" not in answer.text + str(answer.headers), path


@pytest.mark.parametrize("name", ["visit", "session"])
async def test_a_cookie_that_somebody_planted_is_never_shown(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get("/sign-in", headers={"cookie": f'{name}="><script>alert(1)</script>'})
    assert "<script>alert" not in answer.text and answer.status_code == 200


async def test_another_forwarded_address_on_each_request_gets_round_no_limit(
    client: httpx.AsyncClient, database: Database
) -> None:
    await client.get("/sign-in")
    answers = []
    for number in range(110):
        sent = {"x-forwarded-for": f"198.51.100.{number}", "content-type": FORM["content-type"]}
        token = csrf.token(client.cookies["visit"])
        body = {"_token": token, "email": f"n{number}@marrow.example", "name": "N", "organisation": ""}
        answers.append((await client.post("/register", data=body, headers=sent)).status_code)
    assert 429 in answers
