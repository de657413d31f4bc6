"""Addresses that do not take letters: noted when a server refuses one, ended when its owner shows that it works."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.message import Message

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as put

from procurement.identity.service.mailing import Address, addresses
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused, unknown
from procurement.notices.rules.bounces import Failure, failures
from procurement.notices.tables.mail import MailBounce, MailCopy

PAUSE = timedelta(minutes=10)  # between two letters that ask whether letters arrive


def digest(email: str) -> bytes:
    return hashlib.sha256(email.encode()).digest()


async def bouncing(tx: Tx, known: Mapping[str, Address]) -> dict[str, datetime]:
    """Those of the people whose present address refused a letter for good, and when it did."""
    rows = select(MailBounce).where(MailBounce.person.in_(known), MailBounce.ended_at.is_(None))
    found = await tx.session.scalars(rows)
    return {row.person: row.at for row in found if row.address_sha256 == digest(known[row.person].email)}


async def unreached_since(tx: Tx) -> datetime | None:
    """Since when letters do not reach the person who asks; None as far as we know that they do, and for nobody."""
    if not tx.actor.person:
        return None
    return (await bouncing(tx, await addresses(tx, [tx.actor.person]))).get(tx.actor.person)


async def reaches_me(tx: Tx) -> bool:
    """Whether letters reach the person who asks, as far as we know."""
    return await unreached_since(tx) is None


async def bounced(tx: Tx, letter: MailCopy, email: str, status: str) -> None:
    """A letter to this address was refused for good: no more go there until its owner confirms it."""
    row = {"id": new_id(), "person": letter.person, "address_sha256": digest(email), "status": status}
    await tx.session.execute(put(MailBounce).values(**row, at=tx.real_now).on_conflict_do_nothing())
    letter.failed_at, letter.problem = tx.real_now, f"refused: {status}"


async def ask_to_confirm(tx: Tx) -> None:
    """Send this person a letter with a link, to the address that refused one.

    Refused("mail-arrives") where nothing came back, ("too-many", 429) while the last such letter is on its way.
    """
    tx.actor.must_be_somebody()
    if await reaches_me(tx):
        raise Refused("mail-arrives", "Letters reach you: there is nothing to confirm.")
    lately = MailCopy.person == tx.actor.person, MailCopy.kind == "confirm", MailCopy.queued_at > tx.real_now - PAUSE
    if await tx.session.scalar(select(MailCopy.id).where(*lately).limit(1)):
        raise Refused("too-many", "A letter is on its way to you. Wait ten minutes, then ask for another.", status=429)
    row = {"id": new_id(), "person": tx.actor.person, "kind": "confirm"}
    await tx.session.execute(insert(MailCopy).values(**row, queued_at=tx.real_now, due_at=tx.real_now))


async def must_be_a_question(tx: Tx, letter_id: str) -> MailCopy:
    """The letter that asks whether letters arrive. Refused("letter-unknown", 404)."""
    letter = await tx.session.scalar(select(MailCopy).where(MailCopy.id == letter_id, MailCopy.kind == "confirm"))
    if letter is None:
        raise unknown("letter")
    return letter


async def confirm(tx: Tx, letter_id: str) -> None:
    """The link in that letter was used, so it arrived. Refused("letter-unknown", 404)."""
    letter = await must_be_a_question(tx, letter_id)
    theirs = MailBounce.person == letter.person, MailBounce.ended_at.is_(None), MailBounce.at <= letter.queued_at
    await tx.session.execute(update(MailBounce).where(*theirs).values(ended_at=tx.real_now))


class Taken(msgspec.Struct, frozen=True):
    """What an import of returned mail found: addresses marked, reports about nothing of ours, delays and the like."""

    marked: int
    unknown: int
    harmless: int


async def take_in(tx: Tx, returned: Message) -> Taken:
    """Note what a delivery status report (RFC 3464) says about a letter of ours. Doing it again changes nothing."""
    marked, strange = 0, 0
    reported = failures(returned)
    for failure in reported:
        if await _mark(tx, failure):
            marked += 1
        else:
            strange += 1
    return Taken(marked, strange, 0 if reported else 1)


async def _mark(tx: Tx, failure: Failure) -> bool:
    """Refusals count for the address that the person has now, if it is the one the report names or names none."""
    letter = await tx.session.scalar(select(MailCopy).where(MailCopy.id == failure.letter))
    known = await addresses(tx, [letter.person]) if letter else {}
    if letter is None or letter.person not in known:
        return False
    email = known[letter.person].email
    if failure.address not in ("", email):
        return False
    await bounced(tx, letter, email, failure.status)
    return True
