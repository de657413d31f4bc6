"""Who holds which role where. A membership is never changed: it ends, and another may begin."""

from collections.abc import Iterable

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from procurement.identity.rules import membership
from procurement.identity.rules.membership import Member, MembershipEnded, MembershipGranted
from procurement.identity.service import delegations
from procurement.identity.service.held import held
from procurement.identity.service.registry import organisation, organisations
from procurement.identity.tables import Membership, Person
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import invalid, unknown

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('members of ' || :organisation, 0))")


async def grant(tx: Tx, person: str, organisation_id: str, role: Role) -> None:
    """Give a person a role in an organisation; nothing happens when it is held already."""
    at = await organisation(tx, organisation_id)
    tx.actor.must(P.ORGANISATION_MANAGE, of=at.id)
    membership.must_fit(at.kind, [role])
    await begin(tx, person, at.id, role)


async def begin(tx: Tx, person: str, organisation_id: str, role: Role) -> None:
    """The grant itself, once it is clear who may. Refused("conflict-of-interest", 403): see `rules.must_be_apart`."""
    await _must_be_apart(tx, person, organisation_id)
    row = {"id": new_id(), "person": person, "organisation": organisation_id, "role": role, "since": tx.real_now}
    made = insert(Membership).values(**row).on_conflict_do_nothing().returning(Membership.id)
    if await tx.session.scalar(made):
        fact = MembershipGranted(person=person, organisation=organisation_id, role=role)
        await tx.record(fact, organisation=organisation_id)


async def _must_be_apart(tx: Tx, person: str, organisation_id: str) -> None:
    await tx.session.execute(ONE_AT_A_TIME, {"organisation": person})  # two roles taken up at the same moment
    elsewhere = {org for org, _ in (await held(tx.session, person)).roles} - {organisation_id}
    if elsewhere:
        known = await organisations(tx, {*elsewhere, organisation_id})
        membership.must_be_apart(known[organisation_id].kind, {known[one].kind for one in elsewhere})


async def members(tx: Tx, organisation_id: str) -> list[Member]:
    """The people of an organisation with their roles, by name; for those who may read it."""
    tx.actor.must(P.ORGANISATION_READ, of=organisation_id)
    return await _members(tx, organisation_id)


async def set_roles(tx: Tx, organisation_id: str, person: str, roles: Iterable[Role]) -> None:
    """Give exactly these roles to somebody who is a member; an owner remains in any case."""
    wanted = set(roles)
    if not wanted:
        raise invalid("Choose at least one role.", roles="Choose at least one, or remove the person.")
    await _change(tx, organisation_id, person, wanted)


async def remove(tx: Tx, organisation_id: str, person: str) -> None:
    """End every role of somebody. Anyone may leave by themselves; the last owner cannot."""
    await _change(tx, organisation_id, person, set())


async def leave_to(tx: Tx, organisation_id: str, successor: str) -> None:
    """Leave as an owner, who makes a colleague the owner with the same act. Refused("form-invalid") for a stranger."""
    tx.actor.must(P.ORGANISATION_MANAGE, of=organisation_id)
    await tx.session.execute(ONE_AT_A_TIME, {"organisation": organisation_id})  # the colleague may be leaving too
    if successor == tx.actor.person or successor not in {one.person for one in await _members(tx, organisation_id)}:
        raise invalid("Name your successor.", successor="Choose somebody who works here.")
    await begin(tx, successor, organisation_id, Role.OWNER)
    await _change(tx, organisation_id, tx.actor.person, set())


async def _change(tx: Tx, organisation_id: str, person: str, wanted: set[Role]) -> None:
    at = await organisation(tx, organisation_id)
    leaving = not wanted and person == tx.actor.person and any(org == at.id for org, _ in tx.actor.roles)
    if not leaving:
        tx.actor.must(P.ORGANISATION_MANAGE, of=at.id)
    membership.must_fit(at.kind, wanted)
    # Two owners who step down at the same moment must not both succeed.
    await tx.session.execute(ONE_AT_A_TIME, {"organisation": at.id})
    people = await _members(tx, at.id)
    held = next((set(member.roles) for member in people if member.person == person), None)
    if held is None:
        raise unknown("person")
    membership.must_leave_an_owner(people, person, roles_after=wanted)
    await delegations.end_with(tx, at.id, person, held - wanted, leaves=not wanted)
    for role in sorted(held - wanted):
        await finish(tx, person, at.id, role)
    for role in sorted(wanted - held):
        await begin(tx, person, at.id, role)


async def finish(tx: Tx, person: str, organisation_id: str, role: Role) -> None:
    """The end of one role, once it is clear who may."""
    held = (Membership.person == person, Membership.organisation == organisation_id, Membership.role == role)
    await tx.session.execute(update(Membership).where(*held, Membership.until.is_(None)).values(until=tx.real_now))
    fact = MembershipEnded(person=person, organisation=organisation_id, role=role)
    await tx.record(fact, organisation=organisation_id)


async def _members(tx: Tx, organisation_id: str) -> list[Member]:
    rows = await tx.session.execute(
        select(Membership.person, Person.name, Person.email, Membership.role, Membership.since)
        .join(Person, Person.id == Membership.person)
        .where(Membership.organisation == organisation_id, Membership.until.is_(None))
        .order_by(Person.name, Person.id, Membership.role)
    )
    people: dict[str, Member] = {}
    for person, name, email, role, since in rows:
        before = people.get(person)
        roles = (*(before.roles if before else ()), Role(role))
        first = min(since, before.since) if before else since
        people[person] = Member(person, name or "", email or "", roles, first)
    return list(people.values())
