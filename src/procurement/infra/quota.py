"""How much an organisation may store. Room is promised to an upload before its first byte, one promise at a time.

Without the promise two uploads that run side by side would each see the same room, and fill it twice.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ForeignKey, Index, Select, delete, func, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused

MB = 1_000_000  # bytes, as people's computers show them
LONGEST = timedelta(hours=1)  # an upload whose process died gives its room back after that
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class UploadReservation(Table):
    """Room promised to an upload that goes on. `until` is real time."""

    __tablename__ = "upload_reservation"
    __table_args__ = (Index("upload_reservation_organisation", "organisation", "until"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    bytes: Mapped[int]
    until: Mapped[datetime]


class Room(msgspec.Struct, frozen=True):
    """At most `limit` bytes of what `used` sums up (one number). `whose` completes "…, of which … are left"."""

    limit: int
    used: Select[Any]
    whose: str


async def reserve(tx: Tx, organisation: str, size: int, *rooms: Room) -> str:
    """Promise `size` bytes to an upload; returns the promise for `held`. Refused("quota-exceeded", 413) says what is
    left."""
    await tx.session.execute(ONE_AT_A_TIME, {"name": f"quota {organisation}"})
    mine = UploadReservation.organisation == organisation
    await tx.session.execute(delete(UploadReservation).where(mine, UploadReservation.until < tx.real_now))
    # Promised first, then used: an upload that ends between the two is counted twice, never not at all.
    promised = await tx.session.scalar(select(func.coalesce(func.sum(UploadReservation.bytes), 0)).where(mine)) or 0
    for room in rooms:
        left = room.limit - int(promised) - int(await tx.session.scalar(room.used) or 0)
        if size > left:
            raise Refused(
                "quota-exceeded",
                f"{room.whose} {room.limit // MB:,} MB, of which {max(left, 0) // MB:,} MB are left now; this upload "
                f"may need {-(-size // MB):,} MB. Nothing of it was kept. Remove what you no longer need, or ask the "
                "help desk for more.",
                status=413,
            )
    promise = new_id()
    row = {"id": promise, "organisation": organisation, "bytes": size, "until": tx.real_now + LONGEST}
    await tx.session.execute(insert(UploadReservation).values(row))
    return promise


@asynccontextmanager
async def held(database: Database, promise: str) -> AsyncIterator[None]:
    """The promise ends with the upload, however it ends: by then what arrived is counted as stored."""
    try:
        yield
    finally:
        async with database.begin(system("quota")) as tx:
            await tx.session.execute(delete(UploadReservation).where(UploadReservation.id == promise))


def announced(length: str | None, most: int) -> int:
    """How many bytes an upload says it has (its Content-Length), at most `most`; `most` when it does not say."""
    return min(int(length), most) if length and length.isdecimal() else most
