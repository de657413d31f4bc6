"""Refusals and faults at the edge: a page for people, problem+json (RFC 9457) for programs."""

import logging
from typing import Any

import msgspec
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect, Template
from litestar.types import ExceptionHandlersMap
from obstore.exceptions import BaseError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as TooManyAtOnce  # nobody gave a connection back in time

from procurement.infra.files import is_full, no_room
from procurement.infra.logs import kind
from procurement.infra.mode import WITHOUT_SWITCH, Mode, refusal
from procurement.infra.web.door import API, AnyRequest
from procurement.infra.web.pages import try_again
from procurement.infra.web.repeated import Answered
from procurement.kernel.refusal import Refused

log = logging.getLogger(__name__)

CODES = {400: "malformed", 401: "sign-in-needed", 403: "not-permitted", 404: "not-found", 405: "method-not-allowed",
         413: "too-large", 415: "media-type", 429: "too-many"}  # fmt: skip
WORDS = {
    400: "The request could not be read.",
    404: "There is nothing at this address.",
    405: "This address does not answer that kind of request.",
    413: "This is larger than is taken here.",
    415: "This kind of content is not taken here.",
}

BROKEN_OFF = "client disconnected prematurely"  # Litestar's word, with status 500, for a body that ends or is malformed
READ_ONLY = "25006"  # a standby, or a database that was told to take no writes
PROOFS = {
    "sign-in-needed": "/sign-in",
    "step-up-needed": "/account/step-up",
    "stronger-proof-needed": "/account/protect",
}  # where people show who they are, and come back from

SOON = 5  # seconds until a part that starts again usually answers
DATA_EXCEPTION = "22"  # a class of SQLSTATE: a number beyond any, a text that holds a zero byte
DISK_FULL = "53100"
NOT_NOW = ("08", "40", "53", "55P03", "57")  # no connection, a lost race, no room, a long lock, starting or stopping


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457. `fields` names what is wrong field by field."""

    type: str
    title: str
    status: int
    detail: str
    fields: dict[str, str] = {}


def refused(request: AnyRequest, no: Refused) -> Response[Any]:
    headers = try_again(no)
    if request.url.path.startswith(API):
        if no.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return _problem(no, headers)
    if request.method in ("GET", "POST") and no.code in PROOFS:
        back = request.url.path if request.method == "GET" else request.headers.get("referer", "/")
        return Redirect(f"{PROOFS[no.code]}?next={_local(back)}", status_code=303)
    return _error_page(no.status, no, headers)


def told_to_script(_: AnyRequest, no: Refused) -> Response[Any]:
    """For addresses that only the scripts of our own pages call, with the session's cookie."""
    return _problem(no, try_again(no))


def _problem(no: Refused, headers: dict[str, str]) -> Response[bytes]:
    title = no.code.replace("-", " ").capitalize()
    problem = Problem(f"/problems/{no.code}", title, no.status, no.detail, no.fields)
    body = msgspec.json.encode(problem)
    return Response(body, status_code=no.status, media_type="application/problem+json", headers=headers)


def _local(address: str) -> str:
    """The path of an address: a redirect never leaves this site."""
    path = "/" + address.split("://", 1)[-1].partition("/")[2] if "://" in address else address
    return path if path.startswith("/") and not path.startswith("//") else "/"


def _error_page(status: int, no: Refused, headers: dict[str, str]) -> Template:
    return Template("error.html", context={"status": status, "refused": no}, status_code=status, headers=headers)


def http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Litestar's own refusals: unknown addresses, wrong methods, bodies that do not parse."""
    status = 400 if error.detail == BROKEN_OFF else error.status_code
    code = "form-invalid" if isinstance(error, ValidationException) else CODES.get(status, "malformed")
    detail = WORDS.get(status, error.detail)
    fields: dict[str, str] = {}
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        fields = {str(item.get("key", "")): str(item.get("message", "")) for item in error.extra}
    return refused(request, Refused(code, detail, status=status, fields=fields))


def fault(request: AnyRequest, error: Exception) -> Response[Any]:
    """Something of ours broke. It is logged without the request's content; nothing was changed."""
    if isinstance(error, ExceptionGroup):  # Litestar's, around what broke when a request's transaction was ended
        error = error.exceptions[0]
    state = _sqlstate(error)
    if state.startswith(DATA_EXCEPTION):
        return refused(request, Refused("malformed", WORDS[400], status=400))
    if isinstance(error, RecursionError):  # JSON in JSON in JSON, deeper than anything of ours
        return refused(request, Refused("malformed", WORDS[400], status=400))
    if state == READ_ONLY:
        return refused(request, refusal(Mode(read_only=True, reason=WITHOUT_SWITCH)))
    if state == DISK_FULL or is_full(error):
        log.error("storage-full: %s", kind(error))
        return refused(request, no_room())
    if (
        isinstance(error, OperationalError | OSError | TimeoutError | TooManyAtOnce | BaseError)
        or state.startswith(NOT_NOW)
        or (isinstance(error, DBAPIError) and error.connection_invalidated)
    ):
        log.error("unavailable: %s", kind(error))
        no = Refused(
            "unavailable", "A part of the service does not answer. Nothing was changed; try again soon.", status=503,
            retry_after=SOON,
        )  # fmt: skip
        return refused(request, no)
    log.error("fault", exc_info=error)
    return refused(request, Refused("fault", "Something went wrong on our side. Nothing was changed.", status=500))


def _sqlstate(error: Exception) -> str:
    """PostgreSQL's code for what went wrong; "" when it said none."""
    return str(getattr(error.orig, "sqlstate", None) or "") if isinstance(error, DBAPIError) else ""


def answered(request: AnyRequest, before: Answered) -> Response[bytes]:
    kept = before.answer
    media = kept.headers.get("content-type", MediaType.JSON)
    headers = {name: value for name, value in kept.headers.items() if name != "content-type"}
    return Response(kept.body, status_code=kept.status, media_type=media, headers=headers)


HANDLERS: ExceptionHandlersMap = {
    Refused: refused,
    Answered: answered,
    HTTPException: http,
    Exception: fault,
}
TO_SCRIPTS: ExceptionHandlersMap = {Refused: told_to_script}
