"""Lending a role to a colleague: offered by its holder, accepted by the deputy, ended by either or by an owner."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, or_, select

from procurement.identity.organisation_tables import DelegationRow
from procurement.identity.rules import delegations as rules
from procurement.identity.rules.delegations import Delegation, DelegationOffered
from procurement.identity.tables import Membership, Person
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import unknown

MOST = 200  # shown to an owner at once


class Offer(msgspec.Struct, frozen=True):
    """What the holder of a role chooses; the moments are those of whole days (see rules.delegations.days)."""

    role: Role
    deputy: str
    starts_at: datetime
    ends_at: datetime
    reason: str


async def offer(tx: Tx, organisation: str, asked: Offer) -> str:
    """Offer a role of one's own to a colleague; returns the delegation's id. Refused("form-invalid")."""
    tx.actor.must_be_somebody()
    me = _member(tx, organisation)
    own = {(org, role) for org, role in tx.actor.roles} - {(org, role) for org, role, _ in tx.actor.deputy_for}
    rules.must_be_lendable(asked.role, (organisation, asked.role) in own)
    rules.must_be_a_deputy(me, asked.deputy, asked.role, await _colleagues(tx, organisation))
    row = DelegationRow(
        id=new_id(),
        organisation=organisation,
        role=asked.role,
        giver=me,
        deputy=asked.deputy,
        reason=rules.reason(asked.reason),
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        offered_at=tx.now,
    )
    tx.session.add(row)
    fact = DelegationOffered(
        delegation=row.id,
        organisation=organisation,
        role=asked.role,
        giver=me,
        deputy=asked.deputy,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
    )
    await tx.record(fact, organisation=organisation)
    return row.id


async def accept(tx: Tx, delegation_id: str) -> None:
    """Take the role on, as the deputy. Refused("delegation-unknown", 404), ("delegation-over")."""
    tx.actor.must_be_somebody()
    row = await _locked(tx, delegation_id)
    if row.accepted_at:
        return
    fact = rules.accept(value(row), tx.actor.person, tx.now)
    row.accepted_at = tx.now
    await tx.record(fact, organisation=row.organisation)


async def end(tx: Tx, delegation_id: str) -> None:
    """End or decline it: its giver, its deputy, an owner. Refused("delegation-unknown", 404), ("delegation-over")."""
    tx.actor.must_be_somebody()
    row = await _locked(tx, delegation_id)
    fact = rules.end(value(row), tx.actor.person, tx.now)
    row.ended_at, row.ended_by = tx.now, tx.actor.person
    await tx.record(fact, organisation=row.organisation)


async def end_with(tx: Tx, organisation: str, person: str, roles: Iterable[Role], *, leaves: bool) -> None:
    """A role that is lost is lent no more; whoever leaves the organisation deputises for nobody there."""
    lost: ColumnElement[bool] = (DelegationRow.giver == person) & DelegationRow.role.in_(list(roles))
    gone = or_(lost, DelegationRow.deputy == person) if leaves else lost
    of = DelegationRow.organisation == organisation, DelegationRow.ended_at.is_(None), DelegationRow.ends_at > tx.now
    rows = (await tx.session.scalars(select(DelegationRow).where(*of, gone).with_for_update())).all()
    for row in rows:
        fact = rules.end(value(row), "", tx.now)
        row.ended_at = tx.now
        await tx.record(fact, organisation=organisation)


async def mine(tx: Tx, organisation: str) -> list[Delegation]:
    """What one lends and what is lent to oneself in an organisation, and is not over; the next to begin first."""
    me = _member(tx, organisation)
    return await _found(tx, organisation, or_(DelegationRow.giver == me, DelegationRow.deputy == me))


async def ours(tx: Tx, organisation: str) -> list[Delegation]:
    """Everybody's, for those who manage the organisation."""
    tx.actor.must(P.ORGANISATION_MANAGE, of=organisation)
    return await _found(tx, organisation)


async def offered_to(tx: Tx, person: str) -> list[Delegation]:
    """What waits for somebody to accept it, anywhere."""
    waiting = DelegationRow.deputy == person, DelegationRow.accepted_at.is_(None), DelegationRow.ended_at.is_(None)
    rows = await tx.session.scalars(select(DelegationRow).where(*waiting, DelegationRow.ends_at > tx.now).limit(MOST))
    return [value(row) for row in rows]


async def colleagues(tx: Tx, organisation: str) -> dict[str, str]:
    """Who may deputise for whoever asks: names by person, for every member of the organisation."""
    me = _member(tx, organisation)
    held = Membership.organisation == organisation, Membership.until.is_(None), Membership.person != me
    found = select(Person.id, Person.name).join(Membership, Membership.person == Person.id).where(*held)
    return {row.id: row.name or "" for row in await tx.session.execute(found.distinct().order_by(Person.name))}


async def _found(tx: Tx, organisation: str, *also: ColumnElement[bool]) -> list[Delegation]:
    open_ = DelegationRow.organisation == organisation, DelegationRow.ended_at.is_(None), DelegationRow.ends_at > tx.now
    query = select(DelegationRow).where(*open_, *also).order_by(DelegationRow.starts_at, DelegationRow.id)
    return [value(row) for row in await tx.session.scalars(query.limit(MOST))]


async def _colleagues(tx: Tx, organisation: str) -> dict[str, set[Role]]:
    held = Membership.organisation == organisation, Membership.until.is_(None)
    people: dict[str, set[Role]] = {}
    for person, role in await tx.session.execute(select(Membership.person, Membership.role).where(*held)):
        people.setdefault(person, set()).add(Role(role))
    return people


async def _locked(tx: Tx, delegation_id: str) -> DelegationRow:
    """For its giver, its deputy and those who manage; for anybody else there is none."""
    row = await tx.session.scalar(select(DelegationRow).where(DelegationRow.id == delegation_id).with_for_update())
    if row is None or not (
        tx.actor.person in (row.giver, row.deputy) or tx.actor.may(P.ORGANISATION_MANAGE, row.organisation)
    ):
        raise unknown("delegation")
    await tx.clock()
    return row


def _member(tx: Tx, organisation: str) -> str:
    """Whoever asks, who holds a role there. Refused("organisation-unknown", 404) for others."""
    tx.actor.must_be_somebody()
    if not any(org == organisation for org, _ in tx.actor.roles):
        raise unknown("organisation")
    return tx.actor.person


def value(row: DelegationRow) -> Delegation:
    return Delegation(
        row.id,
        row.organisation,
        Role(row.role),
        row.giver,
        row.deputy,
        row.reason,
        row.starts_at,
        row.ends_at,
        row.offered_at,
        row.accepted_at,
        row.ended_at,
    )
