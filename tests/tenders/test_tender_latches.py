"""What the database itself refuses, whatever the service does: nothing published changes, no latch is taken back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest
from tendering import MONTH, Town, open_tender

from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]

FORBIDDEN = {
    "an earlier deadline": "UPDATE tender SET deadline = deadline - interval '1 microsecond'",
    "no deadline": "UPDATE tender SET deadline = NULL",
    "an earlier opening": "UPDATE tender SET opening_at = opening_at - interval '1 microsecond'",
    "fewer days for questions": "UPDATE tender SET question_deadline = question_deadline - interval '1 day'",
    "a new title": "UPDATE tender SET title = 'Another'",
    "another recipient": "UPDATE tender SET keyholder_recipient = 'age1other'",
    "another rulebook": "UPDATE tender SET rulebook_sha256 = ''",
    "back to a draft": "UPDATE tender SET state = 'draft'",
    "unpublishing": "UPDATE tender SET published_at = NULL",
    "another buyer": "UPDATE tender SET buyer_id = (SELECT id FROM organisation WHERE id <> buyer_id LIMIT 1)",
    "closing before the deadline": "UPDATE tender SET closed_at = deadline - interval '1 microsecond'",
    "cancelling without a reason": "UPDATE tender SET state = 'cancelled', cancelled_at = now()",
    "a changed item": "UPDATE item SET quantity = 1",
    "a removed criterion": "DELETE FROM criterion",
    "a new lot": "INSERT INTO lot SELECT 'x', id, 9, 'x', '' FROM tender",
    "a deleted tender": "DELETE FROM tender",
    "an emptied table": "TRUNCATE tender CASCADE",
    "a changed revision": "UPDATE tender_revision SET sha256 = ''",
}


@pytest.mark.parametrize("name", FORBIDDEN)
async def test_the_database_itself_keeps_what_was_published(
    database: Database, town: Town, owner: asyncpg.Connection, name: str
) -> None:
    await open_tender(database, town)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(FORBIDDEN[name])


async def test_the_database_never_takes_a_latch_back(
    database: Database, town: Town, owner: asyncpg.Connection, advance: Advance
) -> None:
    await open_tender(database, town)
    await advance(MONTH)
    await owner.execute("UPDATE tender SET closed_at = deadline, settled_at = deadline")
    for change in (
        "closed_at = NULL",
        "closed_at = closed_at + interval '1 second'",
        "settled_at = NULL",
        "deadline = deadline + interval '1 day', opening_at = opening_at + interval '1 day'",
        "state = 'cancelled', cancelled_at = now(), cancel_reason = 'late'",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(f"UPDATE tender SET {change}")


async def test_a_tender_begins_as_a_draft_in_the_database_too(
    database: Database, town: Town, owner: asyncpg.Connection
) -> None:
    await open_tender(database, town)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(
            "INSERT INTO tender SELECT (jsonb_populate_record(t, jsonb_build_object('id', '2026-9999', "
            "'ocid', 'x'))).* FROM tender t"
        )
