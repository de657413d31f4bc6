"""The first administrators of an installation: nobody is there yet to invite them."""

from sqlalchemy import exists, select, update

from procurement.identity.rules import addresses
from procurement.identity.service import invitations, people, registry
from procurement.identity.tables import Invitation, Membership, OrganisationRow
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import Refused


async def first_administrator(
    tx: Tx, *, name: str, email: str, organisation: str, country: str, another: bool = False
) -> str:
    """Invite an administrator, into the oversight body of that name, which is registered if there is none.

    Returns the token of the link: whoever runs the command hands it over, no letter is sent. For a system actor only.
    Raises Refused("administrators-exist") unless `another`, Refused("email-taken"), Refused("form-invalid").
    """
    tx.actor.must(P.ORGANISATION_MANAGE, of="")  # nobody holds a role in no organisation
    held = Membership.role == Role.ADMINISTRATOR, Membership.until.is_(None)
    if not another and await tx.session.scalar(select(exists().where(*held))):
        raise Refused("administrators-exist", "This installation has administrators. Use --another to invite one more.")
    address = addresses.email(email)
    if await people.person_of_email(tx, address):
        raise Refused("email-taken", "This address has an account. An owner of the organisation invites its holder.")
    if not another:
        await _withdraw_earlier(tx)
    at = await _body(tx, addresses.name(organisation, "organisation"), country)
    made = await invitations.begin(tx, at, address, Role.ADMINISTRATOR, addresses.name(name))
    return await invitations.link_by_hand(tx, made)


async def _withdraw_earlier(tx: Tx) -> None:
    """Of several tries only the last link works."""
    ours = Invitation.invited_by.is_(None), *invitations.is_open(tx)
    await tx.session.execute(update(Invitation).where(*ours).values(withdrawn_at=tx.real_now))


async def _body(tx: Tx, name: str, country: str) -> str:
    named = OrganisationRow.name == name, OrganisationRow.kind == "oversight"
    known = await tx.session.scalar(select(OrganisationRow.id).where(*named).order_by(OrganisationRow.created_at))
    return known or await registry.create_organisation(tx, name=name, kind="oversight", country=country)
