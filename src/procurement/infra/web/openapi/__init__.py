"""The OpenAPI document: what the framework reads from the handlers, completed by what this service does for all.

The framework knows parameters, bodies and good answers. Which refusals a route can give, whose token it takes, which
headers it reads and sends, and what real answers look like, follow from how the route is declared, so they are written
here once and in no handler.
"""

from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.openapi.plugins import JsonRenderPlugin

from procurement.infra.web.openapi.document import complete


class Document(JsonRenderPlugin):
    """`/openapi.json`, made when it is first asked for."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._body = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if not self._body:
            self._body = msgspec.json.encode(complete(openapi_schema, request.app))
        return self._body


def document(app: Litestar) -> dict[str, Any]:
    """The whole document, as it is served."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(complete(app.openapi_schema.to_schema(), app)))
    return found
