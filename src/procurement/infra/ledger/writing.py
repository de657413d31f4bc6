"""Writing facts, one or several at a time, each with its place in the sequencer's queue and what follows from it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.kernel.entry import SALT, entry_for, record_bytes
from procurement.kernel.fact import Fact, Visible

_APPEND = """
    WITH written AS (
        INSERT INTO ledger_record (at, type, process, organisation, actor, visible, body, salt)
        {rows} RETURNING id, salt
    ), waiting AS (
        INSERT INTO ledger_pending (record_id) SELECT id FROM written
    ), following AS (
        INSERT INTO outbox (topic, record_id, payload, due_at, attempts, problem)
        SELECT topic, id, '{{}}', clock_timestamp(), 0, '' FROM written, unnest(CAST(:topics AS text[])) AS topic
    )
    SELECT id, salt FROM written
"""
WRITE = text(_APPEND.format(rows="VALUES (:at, :type, :process, :organisation, :actor, :visible, :body, :salt)"))
WRITE_ALL = text(
    _APPEND.format(
        rows="""SELECT one.at, :type, one.process, one.organisation, one.actor, :visible, one.body, one.salt
        FROM unnest(CAST(:at AS timestamptz[]), CAST(:process AS text[]), CAST(:organisation AS text[]),
            CAST(:actor AS text[]), CAST(:body AS bytea[]), CAST(:salt AS bytea[]))
            AS one(at, process, organisation, actor, body, salt)"""
    )
)
COLUMNS = ("at", "process", "organisation", "actor")


class Noted(msgspec.Struct, frozen=True):
    """A fact that is to be appended: `at` is legal time, `actor` as the ledger names whoever acted."""

    fact: Fact
    at: datetime
    actor: str
    process: str
    organisation: str


class Written(msgspec.Struct, frozen=True):
    """A record by its id, and the public bytes that commit to it."""

    id: int
    entry: bytes


async def write(session: AsyncSession, noted: Noted, topics: Sequence[str]) -> int:
    """Append a fact; returns the record's id. One statement: the record, its place in the queue, what follows."""
    values: dict[str, Any] = {name: getattr(noted, name) for name in COLUMNS} | {
        **_of_type(noted.fact, topics), "salt": secrets.token_bytes(SALT), "body": _body(noted),
    }  # fmt: skip
    written = await session.scalar(WRITE, values)
    assert written is not None
    return int(written)


async def write_all(session: AsyncSession, noted: Sequence[Noted], topics: Sequence[str]) -> list[Written]:
    """Append several facts of one type, in the order given, by one statement as well."""
    made = [(secrets.token_bytes(SALT), _body(one)) for one in noted]
    values: dict[str, Any] = {name: [getattr(one, name) for one in noted] for name in COLUMNS} | {
        **_of_type(noted[0].fact, topics), "salt": [salt for salt, _ in made], "body": [body for _, body in made],
    }  # fmt: skip
    ids = {row.salt: row.id for row in await session.execute(WRITE_ALL, values)}
    at_once = values["visible"] == Visible.AT_ONCE
    return [Written(ids[salt], entry_for(salt, body, at_once=at_once)) for salt, body in made]


def _of_type(fact: Fact, topics: Sequence[str]) -> dict[str, Any]:
    return {"type": type(fact).__name__, "visible": type(fact).visible, "topics": list(topics)}


def _body(one: Noted) -> bytes:
    return record_bytes(type(one.fact).__name__, one.at, one.process, one.actor, one.organisation, one.fact)
