"""Calendars: of one tender, and of all that somebody or an organisation follows, at a secret address."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import select, update

from procurement.identity.service.mailing import belongs
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id, new_token, token_digest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.notices.rules.calendar import Dated
from procurement.notices.tables.following import CalendarFeed, FollowRow
from procurement.publication.service.following import last_published
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender
from procurement.tenders.service import lists

MOST_FEEDS = 10  # of one person that are in use
MOST_TENDERS = 500  # in one calendar


class Feed(msgspec.Struct, frozen=True):
    """A secret address that is in use; the secret itself was shown once. `organisation` is "" for one's own."""

    id: str
    organisation: str
    created_at: datetime


async def of_tender(tx: Tx, tender_id: str) -> list[Dated]:
    """Refused("tender-unknown", 404) before publication."""
    return await _dated(tx, [await tenders.public_tender(tx, tender_id)])


async def make(tx: Tx, organisation: str = "") -> str:
    """A new secret address, of one's own follows or of the organisation's; returns the token, which is shown once.

    Refused("not-permitted", 403) for an organisation that is not one's own, ("too-many", 429).
    """
    tx.actor.must_be_somebody()
    if organisation:
        tx.actor.must(P.INBOX_READ, of=organisation)
    if len(await mine(tx)) >= MOST_FEEDS:
        raise Refused("too-many", f"You have {MOST_FEEDS} calendar addresses. Revoke one first.", status=429)
    token = new_token()
    row = {"id": new_id(), "token_sha256": token_digest(token), "person": tx.actor.person}
    tx.session.add(CalendarFeed(**row, organisation=organisation or None, created_at=tx.now))
    await tx.session.flush()
    return token


async def mine(tx: Tx) -> list[Feed]:
    """This person's addresses that are in use, the newest first."""
    tx.actor.must_be_somebody()
    own = CalendarFeed.person == tx.actor.person, CalendarFeed.revoked_at.is_(None)
    rows = await tx.session.scalars(select(CalendarFeed).where(*own).order_by(CalendarFeed.created_at.desc()))
    return [Feed(row.id, row.organisation or "", row.created_at) for row in rows]


async def revoke(tx: Tx, feed_id: str) -> None:
    """From now on its address answers nobody. Refused("calendar-unknown", 404) also for somebody else's."""
    tx.actor.must_be_somebody()
    own = CalendarFeed.id == feed_id, CalendarFeed.person == tx.actor.person, CalendarFeed.revoked_at.is_(None)
    ended = await tx.session.scalar(
        update(CalendarFeed).where(*own).values(revoked_at=tx.now).returning(CalendarFeed.id)
    )
    if ended is None:
        raise unknown("calendar")


async def followed(tx: Tx, token: str) -> list[Dated]:
    """What stands behind a secret address: the tenders followed, those that were cancelled too.

    Refused("calendar-unknown", 404), also once its maker left the organisation.
    """
    secret = CalendarFeed.token_sha256 == token_digest(token), CalendarFeed.revoked_at.is_(None)
    row = await tx.session.scalar(select(CalendarFeed).where(*secret))
    if row is None or not await belongs(tx, row.person, row.organisation or ""):
        raise unknown("calendar")
    whose = FollowRow.organisation == row.organisation if row.organisation else FollowRow.person == row.person
    ids = select(FollowRow.target).where(whose, FollowRow.kind == "tender").order_by(FollowRow.since.desc())
    found = await lists.public(tx, list(await tx.session.scalars(ids.limit(MOST_TENDERS))))
    return await _dated(tx, sorted(found.values(), key=lambda one: one.id))


async def _dated(tx: Tx, found: Iterable[Tender]) -> list[Dated]:
    """A tender whose publication is on its way has only the moment at which it was decided."""
    public = list(found)
    changed = await last_published(tx, [one.ocid for one in public])
    return [Dated(one, changed.get(one.ocid) or one.published_at or one.created_at) for one in public]
