"""Ending letters by the link in one of them: whoever holds the letter may, without signing in (RFC 8058)."""

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.refusal import unknown
from procurement.notices.service.following import set_often
from procurement.notices.tables.following import NewsRow
from procurement.notices.tables.mail import MailCopy


async def follows_of(tx: Tx, letter_id: str) -> list[str]:
    """What the letter was sent for, by follow. Refused("letter-unknown", 404)."""
    sent = MailCopy.id == letter_id, MailCopy.kind.in_(("news", "digest"))
    if await tx.session.scalar(select(MailCopy.id).where(*sent)) is None:
        raise unknown("letter")
    return list(await tx.session.scalars(select(NewsRow.follow).where(NewsRow.mail == letter_id).distinct()))


async def stop(tx: Tx, letter_id: str) -> None:
    """No more letters about what this one told of; it stays in the list of what is followed. Again changes nothing."""
    await set_often(tx, await follows_of(tx, letter_id), "off")
