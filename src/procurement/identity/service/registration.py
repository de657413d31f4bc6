"""A new supplier in one step: the person, the organisation, and the roles to bid with. Nothing is verified first."""

import msgspec

from procurement.identity.rules import addresses, passwords
from procurement.identity.service import memberships, registry
from procurement.identity.service.people import create_person
from procurement.infra.tx import Tx
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role


class Registration(msgspec.Struct, frozen=True):
    """What a newcomer types; `identifier_scheme` and `identifier` may be empty (a young or foreign organisation)."""

    name: str
    email: str
    password: str
    organisation: str
    country: str
    identifier_scheme: str = ""
    identifier: str = ""


async def register(tx: Tx, form: Registration) -> str:
    """Anyone may; returns the person, owner and signatory of the new organisation, and from here on the actor.

    Raises Refused("email-taken"), Refused("organisation-registered"), Refused("form-invalid") with every bad field.
    """
    addresses.all_at_once(
        lambda: addresses.name(form.organisation, "organisation"),
        lambda: addresses.country(form.country),
        lambda: addresses.identifier(form.identifier_scheme, form.identifier),
        lambda: addresses.name(form.name),
        lambda: addresses.email(form.email),
        lambda: passwords.check(form.password, form.email, (form.name, form.organisation)),
    )
    person = await create_person(tx, name=form.name, email=form.email, password=form.password)
    tx.actor = Actor(person=person)  # what follows is recorded as theirs
    organisation = await registry.add(
        tx, form.organisation, "supplier", form.country, form.identifier_scheme, form.identifier
    )
    for role in (Role.OWNER, Role.SIGNATORY):
        await memberships.begin(tx, person, organisation, role)
    held = frozenset((organisation, role) for role in (Role.OWNER, Role.SIGNATORY))
    tx.actor = Actor(person=person, roles=held, organisation=organisation, stepped_up_at=tx.real_now)
    return person
