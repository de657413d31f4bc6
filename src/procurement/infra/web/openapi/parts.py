"""Parameters, headers and bodies that many operations share."""

from typing import Any

from procurement.infra.web import rehearsal
from procurement.infra.web.openapi.answers import Operation

GOOD = "Done."
BINARY = {"type": "string", "format": "binary"}
FILE = {"required": True, "content": {"application/octet-stream": {"schema": BINARY}}}

PARAMETERS: dict[str, Any] = {
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of what you read: the change is made only if it still is so (RFC 9110).",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag that you have: nothing is sent again while it is the same (RFC 9110).",
        "schema": {"type": "string"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A repeated request with its key is done once, and answered as the first time.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "dry_run": {
        "name": rehearsal.PARAMETER,
        "in": "query",
        "description": "`true`: everything is done, answered and undone. Nothing is recorded.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
}
HEADERS: dict[str, Any] = {
    "ETag": {"description": "The version of what was read or made, for If-Match.", "schema": {"type": "string"}},
    "Dry-Run": {"description": "`true` where nothing of this has happened.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "How much may be asked in how many seconds.", "schema": {"type": "string"}},
    "RateLimit": {"description": "How much of it is left, for how many seconds.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds until it may be tried again.", "schema": {"type": "integer"}},
}


def security(operation: Operation) -> list[dict[str, list[str]]]:
    """A token may be sent to what is public, and must be elsewhere."""
    if not operation.api:
        return []
    bearer: dict[str, list[str]] = {"bearer": []}
    return [{}, bearer] if operation.access == "public" else [bearer]


def parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.has_version:
        return [_ref("parameters", "If-None-Match")]
    if not operation.unsafe:
        return []
    found = []
    if operation.changes:
        words = f"{PARAMETERS['If-Match']['description']} It is the ETag of GET {operation.changes}."
        found.append(PARAMETERS["If-Match"] | {"description": words, "required": operation.must_be_known})
    if operation.key == "needed":
        found.append(PARAMETERS["Idempotency-Key"] | {"required": True})
    elif not operation.key and not operation.takes_file and operation.access != "public":
        found.append(_ref("parameters", "Idempotency-Key"))
    if operation.rehearsed and not operation.reads:
        found.append(_ref("parameters", "dry_run"))
    return found


def headers(operation: Operation) -> dict[str, Any]:
    """Of a good answer."""
    names = ["RateLimit-Policy", "RateLimit"] if operation.api else []
    if operation.has_version or operation.changes:
        names.append("ETag")
    if operation.unsafe and operation.rehearsed and not operation.reads:
        names.append("Dry-Run")
    return {name: _ref("headers", name) for name in names}


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
