"""What is kept, and until when: the words in which a stage says so, and what is remembered of what was erased.

A stage offers `NAMED` (which of its rows name stored files) and `RETAINED` (which of its records end some day). The
stage `retention` erases what is due; backup and drill follow the names.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from sqlalchemy import Index, Select, Text, cast, delete, exists, func, literal, select, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table
from procurement.infra.files import Kind
from procurement.infra.idempotency import Idempotency
from procurement.infra.outbox import Outbox

if TYPE_CHECKING:
    from procurement.infra.tx import Tx

# A backup holds it shared, so that every file its snapshot names stays until it is copied.
ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('retention.erase'))")

Rows: TypeAlias = Select[*tuple[Any, ...]]
"""A query for rows of several columns."""


class ErasedFile(Table):
    """The record `owner` no longer keeps this file, by the class of records that ended. Append-only but for `gone_at`:
    when the bytes went too, which waits while another record names the same ones."""

    __tablename__ = "erased_file"
    __table_args__ = (Index("erased_file_waiting", "erased_at", postgresql_where=text("gone_at IS NULL")),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(primary_key=True)
    record_class: Mapped[str]
    erased_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


class NamedFile(msgspec.Struct, frozen=True):
    """A stored file that the record `owner` keeps."""

    kind: Kind
    sha256: str
    owner: str


class RecordClass(msgspec.Struct, frozen=True):
    """A class of records that end.

    `due(cutoff)` selects (id, process, organisation, person) of those whose time began before `cutoff`; a hold on any
    of the three keeps the record. `erase(tx, ids)` ends them and returns the files that they kept. `legal` says that
    their time is that of the legal clock, which a sandbox may move; else it is real time.
    """

    name: str
    due: Callable[[datetime], Rows]
    erase: Callable[["Tx", Sequence[str]], Awaitable[list[NamedFile]]]
    legal: bool = False


def row_class(
    name: str, table: type[Table], id_: Any, due: Callable[[datetime], Any], *, legal: bool = False, **about: Any
) -> RecordClass:
    """The common case: rows of one table, deleted. `about` gives process, organisation and person where they exist."""

    def select_due(cutoff: datetime) -> Rows:
        columns = [about.get(one, literal("")).label(one) for one in ("process", "organisation", "person")]
        return select(id_.label("id"), *columns).select_from(table).where(due(cutoff))

    async def erase(tx: "Tx", ids: Sequence[str]) -> list[NamedFile]:
        await tx.session.execute(delete(table).where(id_.in_(ids)))
        return []

    return RecordClass(name, select_due, erase, legal)


def still_named(named: Rows) -> Rows:
    """Of a stage's `NAMED`, what was not erased."""
    row = named.subquery()
    erased = exists().where(
        ErasedFile.kind == row.c.kind, ErasedFile.sha256 == row.c.sha256, ErasedFile.owner == row.c.owner
    )
    return select(row).where(~erased)


RETAINED = (
    row_class(
        "idempotency-answers",
        Idempotency,
        Idempotency.actor + " " + Idempotency.key,
        lambda cutoff: Idempotency.at < cutoff,
        person=func.replace(Idempotency.actor, "person:", ""),
    ),
    row_class("finished-work", Outbox, cast(Outbox.id, Text), lambda cutoff: Outbox.done_at < cutoff),
)
