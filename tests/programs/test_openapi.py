"""The description of the interface is one that tools can read, and says what routes declare."""

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from openapi_spec_validator import validate
from routed_once import document, routes

from procurement.infra.web.problem_pages import codes
from procurement.infra.web.versions import Resource

APP, DOCUMENT = routes(), document()
OPERATIONS = {
    f"{method.upper()} {path}": one for path, item in DOCUMENT["paths"].items() for method, one in item.items()
}
UNVERSIONED = {
    "DELETE /api/v1/following/{follow_id}": "ending twice is ending once",
    "DELETE /api/v1/me/tokens/{token_id}": "ending twice is ending once",
    "PATCH /api/v1/following/{follow_id}": "one's own choice, one field, seen by nobody else: the last word counts",
    "POST /api/v1/key-holders/me/challenges/{challenge_id}": "a challenge never changes; answered once, by its holder",
    "POST /api/v1/key-holders/me/rosters/{tender_id}/signature": "names the hash of what is signed",
    "POST /api/v1/inbox/{message_id}/opening": "a message never changes; opened once, by whoever is first",
    "POST /api/v1/tenders/{tender_id}/bid/deposit": "asked once, however often it is pressed",
    "POST /api/v1/tenders/{tender_id}/evaluation/low-prices/answers": "answered once; the bidder cannot read the rest",
    "POST /api/v1/charges/{charge_id}/payment-intent": "begins anew, and closes what was begun before",
    "POST /api/v1/tenders/{tender_id}/opening/kit": "given once, for one's own bid, and it names that bid's digest",
    "POST /api/v1/tenders/{tender_id}/opening/shares": "given once, and each names the digest of its bid",
    "POST /api/v1/tenders/{tender_id}/questions": "makes a new one",
    "POST /api/v1/unsubscribe/{letter_id}": "ending twice is ending once",
    "PUT /api/v1/sealed-bids/{digest}/parts/{sha256}": "named by what is in it",
    "PUT /api/v1/tenders/{tender_id}/bid/parts/{sha256}": "named by what is in it",
}


def handlers() -> dict[str, HTTPRouteHandler]:
    return {
        f"{method} {route.path_format}": handler
        for route in APP.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/v1/")
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in ("HEAD", "OPTIONS")
    }


def test_it_is_openapi_3_1() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_answers_and_whom_it_asks(name: str) -> None:
    answers = OPERATIONS[name]["responses"]
    assert any(status.startswith("2") for status in answers)
    for status, answer in answers.items():
        if status[0] in "45":
            assert list(answer["content"]) == ["application/problem+json"]
    if name.partition(" ")[2].startswith("/api/"):
        assert {"401", "429", "503"} <= answers.keys()
        assert {"bearer": []} in OPERATIONS[name]["security"]


def test_every_version_is_that_of_an_address_that_can_be_read() -> None:
    found = {name: handler.opt["changes"] for name, handler in handlers().items() if "changes" in handler.opt}
    for name, resource in found.items():
        assert isinstance(resource, Resource)
        read = handlers().get(f"GET {resource.address}")
        assert read, f"{name}: nothing is read at {resource.address}"
        assert read.parsed_fn_signature.return_type.annotation == resource.answers, f"{name}: {resource.address}"


def test_every_change_of_something_names_what_its_version_is() -> None:
    silent = {
        name
        for name, handler in handlers().items()
        if "{" in name and not name.startswith("GET ") and "changes" not in handler.opt
    }
    assert silent == UNVERSIONED.keys(), "add changes(...) to their opt, so that If-Match is honoured, or say why not"


def test_every_code_that_is_named_has_a_page() -> None:
    described = " ".join(str(one["responses"]) for one in OPERATIONS.values())
    assert "deadline-too-early" in described and "changed-meanwhile" in codes()
