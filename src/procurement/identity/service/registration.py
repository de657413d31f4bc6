"""A new supplier: the person, the organisation, and the roles to bid with. Nothing but the address is verified first.

What a newcomer typed waits for the link in a letter. Whether the address has an account is told by that letter to
whoever reads it, and by no page (ASVS 5.0: 6.3.8): the answer and the work for it are the same.
"""

from typing import Any

import msgspec
from sqlalchemy import delete, select

from procurement.identity.proof_tables import RegistrationRow
from procurement.identity.rules import addresses, passwords, proofs
from procurement.identity.service import memberships, registry
from procurement.identity.service.people import checked_and_hashed, create_person, person_of_email
from procurement.infra import mail
from procurement.infra.outbox import task
from procurement.infra.tx import Tx
from procurement.kernel.actor import Actor
from procurement.kernel.ids import new_id, new_token, token_digest
from procurement.kernel.permissions import Role

FOUNDER = (Role.OWNER, Role.SIGNATORY)


class NewOrganisation(msgspec.Struct, frozen=True):
    """`identifier_scheme` and `identifier` may be empty (a young or foreign organisation)."""

    organisation: str
    country: str
    identifier_scheme: str = ""
    identifier: str = ""


class Registration(NewOrganisation, frozen=True, kw_only=True):
    """What a newcomer types."""

    name: str
    email: str
    password: str


async def ask(tx: Tx, form: Registration, to: str = "") -> None:
    """Keep what was typed and queue the letter; `to` is the page of ours to go on to.

    Raises Refused("organisation-registered"), which the public record tells anyway, and Refused("form-invalid") with
    every bad field; nothing that depends on whether the address has an account.
    """
    addresses.all_at_once(
        *_checks(form),
        lambda: addresses.name(form.name),
        lambda: addresses.email(form.email),
        lambda: passwords.check(form.password, form.email, (form.name, form.organisation)),
    )
    scheme, number = addresses.identifier(form.identifier_scheme, form.identifier)
    await registry.must_be_new(tx, scheme, number)
    address = addresses.email(form.email)
    await tx.session.execute(delete(RegistrationRow).where(RegistrationRow.expires_at < tx.real_now))
    row = RegistrationRow(
        id=new_id(),
        name=addresses.name(form.name),
        email=address,
        password_hash=await checked_and_hashed(form.password, address),
        organisation=form.organisation,
        country=form.country,
        identifier_scheme=scheme,
        identifier=number,
        next=to,
        expires_at=tx.real_now + proofs.REGISTRATION,
    )
    tx.session.add(row)
    await tx.later(send_registration, {"registration": row.id})


@task
async def send_registration(tx: Tx, payload: dict[str, Any]) -> None:
    """Write to the address: the link that ends the registration, or that there is an account already."""
    row = await tx.session.scalar(select(RegistrationRow).where(RegistrationRow.id == payload["registration"]))
    if row is None:
        return
    post = mail.outgoing()
    if await person_of_email(tx, row.email):
        await tx.session.execute(delete(RegistrationRow).where(RegistrationRow.id == row.id))
        await post.send(row.email, "identity/mail/registered_before", tx.real_now, base=post.base_url)
        return
    token = new_token()
    row.token_sha256 = token_digest(token)
    await post.send(
        row.email,
        "identity/mail/registration",
        tx.real_now,
        link=f"{post.base_url}/register/{token}",
        organisation=row.organisation,
        ends_at=row.expires_at,
    )


async def waiting(tx: Tx, token: str, *, lock: bool = False) -> RegistrationRow:
    """What the link leads to. Refused("registration-expired") for one that was used, is too old or never was."""
    alive = RegistrationRow.token_sha256 == token_digest(token), RegistrationRow.expires_at > tx.real_now
    query = select(RegistrationRow).where(*alive)
    row = await tx.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise proofs.link_dead("registration", "Register again, or sign in if you have an account by now.")
    return row


async def finish(tx: Tx, token: str) -> tuple[str, str]:
    """The link was followed: returns (person, page to go on to); the person is the actor from here on.

    Raises Refused("registration-expired"), Refused("email-taken"), Refused("organisation-registered") for what happened
    since the letter was sent.
    """
    row = await waiting(tx, token, lock=True)
    person = await create_person(tx, name=row.name, email=row.email, password_hash=row.password_hash, email_proved=True)
    tx.actor = Actor(person=person)  # what follows is recorded as theirs
    named = NewOrganisation(row.organisation, row.country, row.identifier_scheme, row.identifier)
    await _found(tx, named)
    await tx.session.execute(delete(RegistrationRow).where(RegistrationRow.id == row.id))
    return person, row.next


async def add_organisation(tx: Tx, form: NewOrganisation) -> str:
    """Somebody signed in registers another organisation, or a first one; returns it.

    Raises Refused("organisation-registered"), Refused("form-invalid").
    """
    tx.actor.must_be_somebody()
    addresses.all_at_once(*_checks(form))
    return await _found(tx, form)


def _checks(form: NewOrganisation) -> tuple[Any, ...]:
    return (
        lambda: addresses.name(form.organisation, "organisation"),
        lambda: addresses.country(form.country),
        lambda: addresses.identifier(form.identifier_scheme, form.identifier),
    )


async def _found(tx: Tx, form: NewOrganisation) -> str:
    """The organisation, of which the actor becomes owner and signatory."""
    organisation = await registry.add(
        tx, form.organisation, "supplier", form.country, form.identifier_scheme, form.identifier
    )
    for role in FOUNDER:
        await memberships.begin(tx, tx.actor.person, organisation, role)
    roles = tx.actor.roles | {(organisation, role) for role in FOUNDER}
    tx.actor = msgspec.structs.replace(tx.actor, roles=roles, organisation=organisation)
    return organisation
