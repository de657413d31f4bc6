"""What people find in their mailbox, and a draft as the bids stage leaves one."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import asyncpg
from sqlalchemy import event
from tendering import Keys, Town

from procurement.infra.mail import Letter, Mail
from procurement.infra.tx import Database
from procurement.kernel.ids import new_id
from procurement.tenders import service as tenders

Work = Callable[[], Awaitable[None]]


def letters(post: Mail) -> list[Letter]:
    """The newest first."""
    assert post.mailbox
    return post.mailbox.letters()


async def draft(owner: asyncpg.Connection, tender: str, supplier: str, person: str) -> None:
    await owner.execute("INSERT INTO bidder VALUES ($1, $2)", tender, supplier)
    await owner.execute(
        "INSERT INTO bid_draft (id, tender_id, supplier_id, started_by, started_at, changed_at, recipient, locked, box)"
        " VALUES ($1, $2, $3, $4, legal_now(), legal_now(), '', '', '')",
        new_id(), tender, supplier, person,
    )  # fmt: skip


async def extend(database: Database, town: Town, tender: str) -> None:
    """Three days more, by two people."""
    async with database.begin(town.olga) as tx:
        found = await tenders.tender(tx, tender)
        assert found.deadline
        later = found.deadline + timedelta(days=3)
        await tenders.propose_extension(tx, tender, later, "More time was asked for.")
    async with database.begin(town.pia) as tx:
        await tenders.approve_extension(tx, Keys(), tender)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
