"""Logs go to standard error, one line a message; whoever runs the process keeps them.

A line says what happened, never what was sent: no body, cookie, token, query string or e-mail address. Of an
exception it tells the kind and the places, because messages of libraries repeat values.
"""

import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.exc import DBAPIError

OURS = "procurement"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Asked(msgspec.Struct):
    """The request that is being answered: its id, and the procurement (OCID) it turned out to concern."""

    id: str
    process: str = ""


ASKED: ContextVar[Asked | None] = ContextVar("ASKED", default=None)


def concerns(process: str) -> None:
    """The request under way is about this procurement."""
    if process and (asked := ASKED.get()):
        asked.process = process


def configure(level: str, form: str = "") -> None:
    """`level` is debug, info, warning or error, of our own messages; libraries say only warnings.

    `form` is "json", "text", or "" for text at a terminal and JSON elsewhere. Raises ValueError for another level.
    """
    json = form == "json" or (form == "" and not sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(Lines() if json else Words())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(level.upper())


def kind(error: BaseException) -> str:
    """What went wrong, without the values that messages of libraries repeat: only our own words are told."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        return f"{name} {state}" if state else name
    if type(error).__module__.partition(".")[0] == OURS:
        return f"{name}: {error}"
    return f"{name}: {error.strerror}" if isinstance(error, OSError) and error.strerror else name


def places(error: BaseException) -> list[str]:
    """The kinds of an exception and its causes, each with the lines it passed, the innermost last."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)
        told.append(" < ".join([kind(seen), *(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames))]))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return told[::-1]


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says beside its message: the request's id, what `extra={"facts": …}` gave, and what broke."""
    asked = ASKED.get()
    facts: dict[str, Any] = {"request": asked.id} if asked else {}
    facts |= getattr(record, "facts", {})
    if record.exc_info and record.exc_info[1]:
        facts["error"] = places(record.exc_info[1])
    return {name: value for name, value in facts.items() if value not in ("", None)}


class Lines(logging.Formatter):
    """A JSON object a line, its moment in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        return msgspec.json.encode({**told, **_facts(record)}).decode()


class Words(logging.Formatter):
    """The same for a person: control characters are written out, so that a message is one line."""

    def format(self, record: logging.LogRecord) -> str:
        said = [f"{record.levelname} {record.name}: {record.getMessage()}"]
        said += [f"{name}={value}" for name, value in _facts(record).items()]
        return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), " ".join(said))
