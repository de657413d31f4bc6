"""People: made, named for others, disabled, erased."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from procurement.identity.organisation_tables import DelegationRow
from procurement.identity.rules import addresses, passwords
from procurement.identity.rules.membership import KINDS
from procurement.identity.service.hashing import hashed, matches
from procurement.identity.tables import Membership, OrganisationRow, Person
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused, unknown


async def create_person(
    tx: Tx,
    *,
    name: str,
    email: str,
    password: str = "",
    password_hash: str | None = None,
    email_proved: bool = False,
    fictional: bool = False,
) -> str:
    """Make an account; returns the person's id. Not a fact: the ledger learns of people by their memberships.

    A password is given as typed, or hashed when it was checked before. Without one they sign in by a provider, by the
    recovery link, or, being fictional, by a button of the sandbox. `email_proved`: letters reach them.
    Raises Refused("form-invalid") for what was typed, Refused("email-taken") for an address that has an account.
    """
    if fictional and not tx.sandbox:
        raise Refused("not-a-sandbox", "Fictional people exist only in a sandbox.", status=403)
    address = addresses.email(email)
    values = {
        "id": new_id(),
        "name": addresses.name(name),
        "email": address,
        "password_hash": await checked_and_hashed(password, address) if password else password_hash,
        "fictional": fictional,
        "created_at": tx.real_now,
        "email_proved_at": tx.real_now if email_proved else None,
    }
    made = insert(Person).values(**values).on_conflict_do_nothing(index_elements=[Person.email]).returning(Person.id)
    person = await tx.session.scalar(made)
    if person is None:
        raise Refused(
            "email-taken",
            "This e-mail address has an account. Sign in with it, or set a new password.",
            fields={"email": "This address has an account."},
        )
    return person


async def set_password(tx: Tx, person: Person, password: str) -> None:
    """Store another password. The caller has checked who asks, and ends the sessions."""
    if await matches(password, person.password_hash):
        raise passwords.weak("This is the password you have now. Choose another.")
    person.password_hash = await checked_and_hashed(password, person.email or "")


async def checked_and_hashed(password: str, email: str) -> str:
    """Ready to be stored. Refused("form-invalid") for a weak one."""
    passwords.check(password, email)
    return await hashed(password)


async def person_row(tx: Tx, person: str, *, lock: bool = False) -> Person:
    """The account of somebody who may use it. Refused("person-unknown") when disabled or not there."""
    query = select(Person).where(Person.id == person, Person.disabled_at.is_(None))
    row = await tx.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise unknown("person")
    return row


async def person_of_email(tx: Tx, email: str) -> Person | None:
    """The usable account with this address, stored form."""
    return await tx.session.scalar(select(Person).where(Person.email == email, Person.disabled_at.is_(None)))


async def person_names(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """Names to show, by person id; "" for a person whose name was erased."""
    rows = await tx.session.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))
    return {row.id: row.name or "" for row in rows}


async def people_with(tx: Tx, organisation: str, role: Role) -> list[str]:
    """The people who hold this role there now, by id, longest-serving first; then those to whom it is lent."""
    held = (Membership.organisation == organisation, Membership.role == role, Membership.until.is_(None))
    rows = await tx.session.scalars(
        select(Membership.person)
        .join(Person, Person.id == Membership.person)
        .where(*held, Person.disabled_at.is_(None))
        .order_by(Membership.since, Membership.person)
    )
    own = list(rows)
    return own + [person for person in await _lent_to(tx, organisation, role) if person not in own]


async def _lent_to(tx: Tx, organisation: str, role: Role) -> list[str]:
    """Deputies in this role whose days it is, of people who hold it still."""
    giver = aliased(Membership)
    in_force = DelegationRow.accepted_at.is_not(None), DelegationRow.ended_at.is_(None)
    days = DelegationRow.starts_at <= tx.now, DelegationRow.ends_at > tx.now
    same = giver.person == DelegationRow.giver, giver.organisation == organisation, giver.role == role
    rows = await tx.session.scalars(
        select(DelegationRow.deputy)
        .join(giver, and_(*same, giver.until.is_(None)))
        .join(Person, Person.id == DelegationRow.deputy)
        .where(DelegationRow.organisation == organisation, DelegationRow.role == role, *in_force, *days)
        .where(Person.disabled_at.is_(None))
        .distinct()
    )
    return sorted(rows)


_PLACE = list(Role)


class Fictional(msgspec.Struct, frozen=True):
    """Somebody whom a sandbox made up, with what they may do where; `roles` in the order of `Role`."""

    person: str
    name: str
    organisation: str
    kind: str
    roles: tuple[Role, ...]


async def fictional_people(tx: Tx) -> list[Fictional]:
    """Everybody one may practise as: buyers, suppliers, oversight, the treasury; by organisation and role."""
    roles = func.array_agg(Membership.role).label("roles")
    rows = await tx.session.execute(
        select(Person.id, Person.name, OrganisationRow.name.label("organisation"), OrganisationRow.kind, roles)
        .join(Membership, Membership.person == Person.id)
        .join(OrganisationRow, OrganisationRow.id == Membership.organisation)
        .where(Person.fictional, Person.disabled_at.is_(None), Membership.until.is_(None))
        .group_by(Person.id, OrganisationRow.id)
    )
    found = [Fictional(row.id, row.name or "", row.organisation, row.kind, _in_order(row.roles)) for row in rows]
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.organisation, *map(_PLACE.index, one.roles)))


def _in_order(roles: Iterable[str]) -> tuple[Role, ...]:
    return tuple(sorted(map(Role, roles), key=_PLACE.index))
