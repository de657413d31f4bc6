"""`Idempotency-Key` on API calls: the first answer to a key is kept and given again.

The answer is stored in the transaction of what it answers: both happen, or neither.
"""

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Index, Integer, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused

LONGEST_KEY = 200


class Idempotency(Table):
    """`actor` is the token, not its owner: two programs of one person may choose the same key."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_at", "at"),)

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[bytes]
    status: Mapped[int] = mapped_column(Integer)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes


class First(msgspec.Struct, frozen=True):
    """A request under a key of one token: `request` is its fingerprint."""

    token: str
    key: str
    request: bytes

    @property
    def actor(self) -> str:
        return f"token:{self.token}"


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).digest()


async def earlier(tx: Tx, first: First) -> Answer | None:
    """The answer given before to this key, or nothing. Refused("idempotency-key-reused") for another request.

    A second request with the same key waits here until the first one has ended.
    """
    if not 1 <= len(first.key) <= LONGEST_KEY:
        raise Refused("idempotency-key-invalid", f"A key has 1 to {LONGEST_KEY} characters.", status=422)
    await tx.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"{first.actor} {first.key}"}
    )
    row = await tx.session.scalar(
        select(Idempotency).where(Idempotency.actor == first.actor, Idempotency.key == first.key)
    )
    if row is None:
        return None
    if row.request != first.request:
        raise Refused("idempotency-key-reused", "This key was used for another request. Use a new one.")
    return Answer(row.status, dict(row.headers), row.body)


async def keep(tx: Tx, first: First, answer: Answer) -> None:
    await tx.session.execute(
        insert(Idempotency).values(
            actor=first.actor, key=first.key, request=first.request, status=answer.status, headers=answer.headers,
            body=answer.body,
        )
    )  # fmt: skip
