"""Asking somebody into an organisation by e-mail. The link is made when the mail is sent: see jobs.py."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, select

from procurement.identity.rules import addresses, membership, passwords, proofs
from procurement.identity.rules.membership import INVITATION, MemberInvited
from procurement.identity.service import memberships
from procurement.identity.service.people import create_person, person_row
from procurement.identity.service.registry import organisation
from procurement.identity.tables import Invitation
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id, new_token, token_digest
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import Refused, unknown


async def invite(tx: Tx, organisation_id: str, email: str, role: Role) -> str:
    """Invite an address to a role; the mail leaves after the commit. Returns the invitation's id.

    Raises Refused("member-already") when somebody with this address holds the role, Refused("form-invalid").
    """
    at = await organisation(tx, organisation_id)
    tx.actor.must(P.ORGANISATION_MANAGE, of=at.id)
    membership.must_fit(at.kind, [role])
    address = addresses.email(email)
    people = await memberships.members(tx, at.id) if tx.actor.may(P.ORGANISATION_READ, at.id) else []
    if any(member.email == address and role in member.roles for member in people):
        already = "They have this role already."
        raise Refused("member-already", already, fields={"email": already})
    return await begin(tx, at.id, address, role)


async def begin(tx: Tx, organisation_id: str, address: str, role: Role, name: str = "") -> str:
    """The invitation itself, once it is clear who may."""
    row = Invitation(
        id=new_id(),
        organisation=organisation_id,
        role=role,
        name=name,
        email=address,
        invited_by=tx.actor.person or None,
        created_at=tx.real_now,
        expires_at=tx.real_now + INVITATION,
    )
    tx.session.add(row)
    fact = MemberInvited(invitation=row.id, organisation=organisation_id, role=role, expires_at=row.expires_at)
    await tx.record(fact, organisation=organisation_id)
    return row.id


async def open_invitations(tx: Tx, organisation_id: str) -> Sequence[Invitation]:
    """Those that can still be accepted, newest first."""
    tx.actor.must(P.ORGANISATION_MANAGE, of=organisation_id)
    query = select(Invitation).where(Invitation.organisation == organisation_id, *is_open(tx))
    return (await tx.session.scalars(query.order_by(Invitation.created_at.desc()))).all()


async def withdraw(tx: Tx, invitation_id: str) -> None:
    """Make the link useless. Refused("invitation-unknown") also for another organisation's."""
    row = await tx.session.scalar(select(Invitation).where(Invitation.id == invitation_id, *is_open(tx)))
    if row is None or not tx.actor.may(P.ORGANISATION_MANAGE, row.organisation):
        raise unknown("invitation")
    tx.actor.must(P.ORGANISATION_MANAGE, of=row.organisation)
    row.withdrawn_at = tx.real_now


async def new_link(tx: Tx, invitation_id: str) -> tuple[Invitation, str] | None:
    """The invitation and a fresh token for its mail, or None when it is no longer open. Earlier links die."""
    row = await tx.session.scalar(select(Invitation).where(Invitation.id == invitation_id, *is_open(tx)))
    if row is None:
        return None
    token = new_token()
    row.token_sha256 = token_digest(token)
    return row, token


async def link_by_hand(tx: Tx, invitation_id: str) -> str:
    """The same for a link that is handed over by hand. Refused("invitation-expired") when it is no longer open."""
    made = await new_link(tx, invitation_id)
    if made is None:
        raise proofs.link_dead("invitation", "Make a new one.")
    return made[1]


async def invitation(tx: Tx, token: str, *, lock: bool = False) -> Invitation:
    """The open invitation behind a link. Refused("invitation-expired") for any other link."""
    query = select(Invitation).where(Invitation.token_sha256 == token_digest(token), *is_open(tx))
    row = await tx.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise proofs.link_dead("invitation", "Ask the person who invited you for a new one.")
    return row


async def accept(tx: Tx, token: str, *, name: str = "", password: str = "") -> tuple[str, str]:
    """Take up the invitation, as the person signed in or as a new one with a name and a password.

    Returns (person, organisation); who was signed in has the role from here on. Signed in under another address than
    the invited one is fine: the link is the proof, as it was sent to that address and nowhere else.

    Raises Refused: invitation-expired, email-taken, form-invalid.
    """
    row = await invitation(tx, token, lock=True)
    person = tx.actor.person
    if not person:
        if not password:
            raise passwords.weak("Choose a password of your own.")
        person = await create_person(tx, name=name, email=row.email, password=password, email_proved=True)
    await person_row(tx, person)
    row.accepted_at = tx.real_now
    await memberships.begin(tx, person, row.organisation, Role(row.role))
    if tx.actor.person:
        roles = tx.actor.roles | {(row.organisation, Role(row.role))}
        tx.actor = msgspec.structs.replace(tx.actor, roles=roles)
    return person, row.organisation


def is_open(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    """What an invitation that can still be accepted satisfies."""
    unanswered = (Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    return (*unanswered, Invitation.expires_at > tx.real_now)
