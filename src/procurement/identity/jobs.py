"""Letters that follow from what happened. Links are made here, when they are sent: no clear token is ever stored."""

from procurement.identity.rules.membership import MemberInvited
from procurement.identity.service import invitations, people, registry
from procurement.identity.service.recovery import send_recovery
from procurement.infra import mail
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx


@handles(MemberInvited)
async def send_invitation(tx: Tx, recorded: Recorded[MemberInvited]) -> None:
    """Write to the invited address; nothing when the invitation was withdrawn meanwhile."""
    made = await invitations.new_link(tx, recorded.fact.invitation)
    if made is None:
        return
    invitation, token = made
    organisation = await registry.organisation(tx, invitation.organisation)
    names = await people.person_names(tx, [invitation.invited_by] if invitation.invited_by else [])
    post = mail.outgoing()
    await post.send(
        invitation.email,
        "identity/mail/invitation",
        tx.real_now,
        link=f"{post.base_url}/invitations/{token}",
        organisation=organisation.name,
        invited_by=names.get(invitation.invited_by or "", ""),
        expires_at=invitation.expires_at,
    )


HANDLERS = (send_invitation, send_recovery)
