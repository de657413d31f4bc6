"""Completing the document, operation by operation."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.response import ServerSentEvent, Stream
from litestar.routes import HTTPRoute

from procurement.infra.web.openapi import answers, parts
from procurement.infra.web.openapi.answers import Operation
from procurement.infra.web.problems import Problem

PROGRAMS = ("/api/v1", "/ocds")  # what the document speaks of; other paths are pages
PROBLEM = "application/problem+json"
ANY_JSON = {"description": "Any JSON."}


def complete(schema: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """A copy of the framework's document with everything that all routes share."""
    whole = copy.deepcopy(schema)
    handlers = _handlers(app)
    whole["paths"] = {path: item for path, item in whole["paths"].items() if path.startswith(PROGRAMS)}
    components = whole.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = msgspec.json.schema_components([Problem])[1]["Problem"]
    components |= {"parameters": parts.PARAMETERS, "headers": parts.HEADERS}
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            if handler := handlers.get((path, method)):
                _complete(operation, Operation.of(path, method, handler), handler)
    whole["tags"] = [{"name": name} for name in sorted(_tags(whole))]
    return whole


def _complete(described: dict[str, Any], operation: Operation, handler: HTTPRouteHandler) -> None:
    described["description"] = _plain(described.get("description", ""))
    described["security"] = parts.security(operation)
    described["parameters"] = [*described.get("parameters", []), *parts.parameters(operation)]
    if operation.takes_file:
        described["requestBody"] = parts.FILE
    good = {status: answer for status, answer in described["responses"].items() if status.startswith("2")}
    for answer in good.values():
        answer["description"] = parts.GOOD
        answer["headers"] = parts.headers(operation)
        _content(answer, handler)
    described["responses"] = good | {
        str(status): _refusal(status, codes) for status, codes in answers.refusals(operation).items()
    }
    if operation.has_version:
        described["responses"]["304"] = {"description": "You have it: the ETag is that of If-None-Match."}
    _exemplify(described, examples().get(f"{operation.method.upper()} {operation.path}", {}))


def _refusal(status: int, codes: tuple[str, ...]) -> dict[str, Any]:
    words = f"One of these codes: {', '.join(codes)}." if codes else "Refused."
    answer: dict[str, Any] = {
        "description": f"{answers.MEANING[status]} {words}",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return answer


def _content(answer: dict[str, Any], handler: HTTPRouteHandler) -> None:
    """What the framework cannot know of bytes and streams."""
    returned = handler.parsed_fn_signature.return_type
    if returned.is_subclass_of(ServerSentEvent):
        answer["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    elif returned.is_subclass_of(Stream):
        answer["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    elif any(inner.annotation is bytes for inner in returned.inner_types):
        answer["content"] = {media: {"schema": ANY_JSON} for media in answer.get("content", {})}


def _exemplify(described: dict[str, Any], example: dict[str, Any]) -> None:
    """A request and an answer that were really made (tests/access/test_examples.py)."""
    if body := example.get("request"):
        for content in described.get("requestBody", {}).get("content", {}).values():
            content["example"] = body
    answer = described["responses"].get(str(example.get("status")), {})
    for content in answer.get("content", {}).values() if "response" in example else ():
        content["example"] = example["response"]


def _handlers(app: Litestar) -> dict[tuple[str, str], HTTPRouteHandler]:
    return {
        (route.path_format, method.lower()): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    }


def _plain(text: str) -> str:
    """A docstring as one paragraph."""
    return " ".join(text.split())


def _tags(whole: dict[str, Any]) -> set[str]:
    return {tag for item in whole["paths"].values() for one in item.values() for tag in one.get("tags", [])}


@cache
def examples() -> dict[str, Any]:
    """By "METHOD path"."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text())
    return found
