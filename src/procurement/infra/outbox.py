"""What happens later: one outbox row for each handler of a recorded fact, written with the fact.

A row is claimed with SKIP LOCKED and handled in the same transaction as its effects, so that it happens once
although it may be tried often. A worker's sweep finds rows each second; a wake-up only makes it sooner.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from sqlalchemy import ForeignKey, Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table
from procurement.kernel.fact import Fact

if TYPE_CHECKING:
    from procurement.infra.tx import Tx

F = TypeVar("F", bound=Fact)


class Outbox(Table):
    """`due_at` and `done_at` are real time: the legal clock of a sandbox moves no job."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_waiting", "due_at", "id", postgresql_where=text("done_at IS NULL")),
        Index("outbox_done", "done_at", postgresql_where=text("done_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    topic: Mapped[str]
    record_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_record.id"))
    payload: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer)
    problem: Mapped[str]
    done_at: Mapped[datetime | None]


class Recorded(msgspec.Struct, Generic[F], frozen=True):
    """A fact as its handlers receive it: `id` is the ledger record, `at` legal time."""

    id: int
    at: datetime
    process: str
    organisation: str
    actor: str
    fact: F


class Handler(msgspec.Struct, frozen=True):
    """Something that follows from a fact (or, with no fact, from `tx.later`). It must be idempotent."""

    topic: str
    fact: type[Fact] | None
    run: Callable[["Tx", Any], Awaitable[None]]


def handles(fact: type[F]) -> Callable[[Callable[["Tx", Recorded[F]], Awaitable[None]]], Handler]:
    """Make a function the handler of a fact; its topic is `<stage>.<function>`."""
    return lambda run: Handler(_topic(run), fact, run)


def task(run: Callable[["Tx", dict[str, Any]], Awaitable[None]]) -> Handler:
    """Make a function the handler of work that no fact starts."""
    return Handler(_topic(run), None, run)


def _topic(run: Callable[..., Any]) -> str:
    return ".".join([*run.__module__.split(".")[1:2], run.__name__])


class Handlers:
    """Every handler by topic, and the topics that follow each type of fact."""

    def __init__(self, handlers: Iterable[Handler] = ()) -> None:
        self.by_topic: dict[str, Handler] = {}
        self.of: dict[str, list[str]] = defaultdict(list)
        for handler in handlers:
            if handler.topic in self.by_topic:
                raise ValueError(f"two handlers are called {handler.topic}")
            self.by_topic[handler.topic] = handler
            if handler.fact:
                self.of[handler.fact.__name__].append(handler.topic)
