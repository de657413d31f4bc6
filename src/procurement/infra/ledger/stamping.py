"""Time stamps of an authority (RFC 3161) under checkpoints: once a day, where TIMESTAMP_URL names one.

What is stamped is the checkpoint as the log alone signed it. A stamp says that this tree existed at that time, by
somebody who knows nothing of procurement; who trusts the authority needs no witness for what is older than the stamp.
"""

import hashlib
import logging
from datetime import datetime, timedelta

import httpx
import msgspec
from rfc3161_client import PKIStatus, TimestampRequestBuilder, TimeStampResponse, decode_timestamp_response
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.infra import egress
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.tables import LedgerTimestamp
from procurement.kernel.refusal import unknown

EVERY = timedelta(days=1)
PAUSE = 60.0  # seconds between two looks at whether one is due; grows while the authority does not answer
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
LATEST = 100  # stamps that are listed

log = logging.getLogger(__name__)


class NotStamped(Exception):
    """The authority answered, and its answer is no stamp of what was asked. The text says why."""


class Stamp(msgspec.Struct, frozen=True):
    """That the log of `size` entries existed `at` that time, as the authority says it."""

    size: int
    at: datetime


def rules_for(url: str, *, sandbox: bool) -> egress.Rules:
    """The authority's address is the operator's choice, so its port is. A sandbox may have one beside it."""
    return egress.Rules(frozenset({httpx.URL(url).port or 443}), local=sandbox)


async def stamp_if_due(
    sessions: async_sessionmaker[AsyncSession], url: str, rules: egress.Rules, every: timedelta = EVERY
) -> bool:
    """Have the newest checkpoint stamped unless one was within `every`; whether that happened.

    Raises NotStamped, httpx.HTTPError.
    """
    async with sessions() as session:
        newest, last = await ledger.latest_checkpoint(session), await latest(session, 1)
    if newest is None or not newest.note or (last and newest.at - last[0].at < every):
        return False
    reply = await _ask(url, rules, newest.note.encode())
    row = {"size": newest.size, "at": reply.tst_info.gen_time, "reply": reply.as_bytes()}
    async with sessions.begin() as session:
        await session.execute(upsert(LedgerTimestamp).values(row).on_conflict_do_nothing())
    return True


async def _ask(url: str, rules: egress.Rules, note: bytes) -> TimeStampResponse:
    query = TimestampRequestBuilder(data=note).build()
    async with egress.client(rules) as outside:
        request = outside.build_request("POST", url, content=query.as_bytes(), headers={"content-type": QUERY})
        answer = await egress.answer(outside, request)
    if answer.status_code != httpx.codes.OK:
        raise NotStamped(f"{url} answers {answer.status_code}")
    try:
        reply = decode_timestamp_response(answer.content)
        granted = PKIStatus(reply.status) in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)
    except ValueError as malformed:
        raise NotStamped(f"{url} answers with no time stamp: {malformed}") from None
    if not granted or reply.tst_info.nonce != query.nonce:
        raise NotStamped(f"{url} granted no time stamp, or an earlier one")
    if reply.tst_info.message_imprint.message != hashlib.sha512(note).digest():
        raise NotStamped(f"{url} stamped something else")
    return reply


async def latest(session: AsyncSession, limit: int = LATEST) -> list[Stamp]:
    """The newest stamps, the newest first."""
    rows = await session.scalars(select(LedgerTimestamp).order_by(LedgerTimestamp.size.desc()).limit(limit))
    return [Stamp(row.size, row.at) for row in rows]


async def reply_of(session: AsyncSession, size: int) -> bytes:
    """The authority's reply as it came (RFC 3161 TimeStampResp). Refused("timestamp-unknown", 404)."""
    reply = await session.scalar(select(LedgerTimestamp.reply).where(LedgerTimestamp.size == size))
    if reply is None:
        raise unknown("timestamp")
    return reply
