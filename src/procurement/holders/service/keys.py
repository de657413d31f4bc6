"""A holder's key: made on their own device, shown to work, compared by a second person, ended."""

from sqlalchemy import ColumnElement, select

from procurement.holders.rules import keys as rules
from procurement.holders.rules.keys import PublicKey
from procurement.holders.rules.model import Holder, State
from procurement.holders.service import store
from procurement.holders.tables import HolderRow
from procurement.identity import service as identity
from procurement.identity.service.mailing import people_who
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown

MOST = 200  # keys in a list


async def enrol(tx: Tx, office: str, key: PublicKey) -> Holder:
    """Give the public half of a key of one's own, for the organisation acted for; a challenge follows.

    Refused("not-permitted", 403), ("step-up-needed", 403), ("key-holder-exists") while an earlier key counts,
    ("key-known") for a key that was given before, ("form-invalid", 422).
    """
    ours = tx.actor.organisation
    tx.actor.must(P.HOLDER_KEEP, of=ours)
    tx.actor.must_be_stepped_up(tx.real_now)
    words = rules.office(office)
    rules.must_be_key(key)
    if await own(tx):
        raise Refused("key-holder-exists", "You have a key here already. End it before you make a new one.")
    mark = rules.fingerprint(key)
    used = (HolderRow.id == key.holder) | (HolderRow.age == key.age) | (HolderRow.sign == key.sign)
    if await tx.session.scalar(select(HolderRow.id).where(used).limit(1)):
        raise Refused("key-known", "This key was given before. Make a new one: no key serves twice.")
    row = HolderRow(
        id=key.holder,
        person_id=tx.actor.person,
        organisation=ours,
        office=words,
        age=key.age,
        sign=key.sign,
        fingerprint=mark,
        enrolled_at=tx.now,
        reason="",
    )
    tx.session.add(row)
    await tx.session.flush()
    return store.holder(row)


async def own(tx: Tx) -> Holder | None:
    """One's own key in the organisation acted for, or in one that merged into it; None without, and after it ended."""
    mine = HolderRow.person_id == tx.actor.person, HolderRow.ended_at.is_(None)
    rows = (await tx.session.scalars(select(HolderRow).where(*mine).order_by(HolderRow.enrolled_at))).all()
    for row in sorted(rows, key=lambda row: row.organisation != tx.actor.organisation):
        if await is_ours(tx, row.organisation):
            return store.holder(row)
    return None


async def is_ours(tx: Tx, organisation: str) -> bool:
    """Whether it is the organisation acted for, or merged into it."""
    return tx.actor.organisation in (organisation, await _today(tx, organisation))


async def _today(tx: Tx, organisation: str) -> str:
    """The organisation that goes on instead of this one; itself where it never merged."""
    while successor := (await identity.organisation(tx, organisation)).merged_into:
        organisation = successor
    return organisation


async def must_own(tx: Tx) -> Holder:
    """One's own key. Refused("not-permitted", 403), ("key-holder-unknown", 404) without one."""
    tx.actor.must(P.HOLDER_KEEP, of=tx.actor.organisation)
    found = await own(tx)
    if found is None:
        raise unknown("key-holder")
    return found


async def holder(tx: Tx, holder_id: str) -> Holder:
    """A key, as its own organisation's people see it. Refused("key-holder-unknown", 404), ("not-permitted", 403)."""
    row = await tx.session.get(HolderRow, holder_id)
    if row is None:
        raise unknown("key-holder")
    tx.actor.must(P.HOLDER_CONFIRM, of=row.organisation)
    return store.holder(row)


async def of_organisation(tx: Tx, organisation: str) -> list[Holder]:
    """Every key of an organisation for whoever looks after them, the newest first, at most 200."""
    tx.actor.must(P.HOLDER_CONFIRM, of=organisation)
    return await _found(tx, HolderRow.organisation == organisation)


async def waiting(tx: Tx, organisation: str) -> list[Holder]:
    """Keys that wait for a second person to compare their fingerprint, by somebody else than who asks."""
    tx.actor.must(P.HOLDER_CONFIRM, of=organisation)
    unconfirmed = HolderRow.confirmed_at.is_(None), HolderRow.ended_at.is_(None), HolderRow.proved_at.is_not(None)
    others = HolderRow.person_id != tx.actor.person
    return await _found(tx, HolderRow.organisation == organisation, others, *unconfirmed)


async def confirmed(tx: Tx) -> list[Holder]:
    """Everybody who may be chosen for a roster, of all organisations: public, by office."""
    return await _found(tx, HolderRow.confirmed_at.is_not(None), HolderRow.ended_at.is_(None))


async def confirm(tx: Tx, holder_id: str, typed: str) -> None:
    """Compare the fingerprint with what the holder reads out, as a second person of their organisation.

    See rules.keys.confirm; ("same-person", 403), ("step-up-needed", 403).
    """
    found = await holder(tx, holder_id)
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await store.lock_holder(tx, holder_id)
    await identity.must_be_two_people(
        tx, found.organisation, found.person, found.enrolled_at, did=P.HOLDER_KEEP, does=P.HOLDER_CONFIRM
    )
    fact = rules.confirm(store.holder(row), typed)
    row.confirmed_by, row.confirmed_at = tx.actor.person, tx.now
    await tx.record(fact, organisation=row.organisation)


async def end(tx: Tx, holder_id: str, reason: str) -> None:
    """End a key for good: its own holder, or whoever looks after the organisation's keys. What is sealed to it stays
    sealed to it. Refused("key-holder-unknown", 404), ("not-permitted", 403), ("step-up-needed", 403)."""
    row = await tx.session.get(HolderRow, holder_id)
    if row is None:
        raise unknown("key-holder")
    mine = row.person_id == tx.actor.person and tx.actor.may(P.HOLDER_KEEP, of=row.organisation)
    tx.actor.must(P.HOLDER_KEEP if mine else P.HOLDER_CONFIRM, of=row.organisation)
    tx.actor.must_be_stepped_up(tx.real_now)
    await _end(tx, holder_id, reason)


async def end_with_role(tx: Tx, person: str, organisation: str, reason: str) -> None:
    """For jobs: whoever no longer has the role holds no key there. Doing it twice is doing it once.

    Who has it again, or in the organisation that goes on after this one, keeps the key.
    """
    if (organisation, person) in await people_who(tx, P.HOLDER_KEEP, [organisation]):
        return
    theirs = HolderRow.person_id == person, HolderRow.organisation == organisation, HolderRow.ended_at.is_(None)
    for held in await _found(tx, *theirs):
        await _end(tx, held.id, reason)


async def _end(tx: Tx, holder_id: str, reason: str) -> None:
    row = await store.lock_holder(tx, holder_id)
    shown = store.holder(row).state
    fact = rules.end(store.holder(row), reason)
    row.ended_by, row.ended_at, row.reason = tx.actor.person or None, tx.now, fact.reason
    if shown is not State.UNPROVED:  # of a key that never worked nothing is public
        await tx.record(fact, organisation=row.organisation)


async def _found(tx: Tx, *where: ColumnElement[bool]) -> list[Holder]:
    query = select(HolderRow).where(*where).order_by(HolderRow.enrolled_at.desc(), HolderRow.id).limit(MOST)
    return [store.holder(row) for row in await tx.session.scalars(query)]
