"""Letters that follow from what happened. Links are made here, when they are sent: no clear token is ever stored."""

from procurement.identity.rules.delegations import DelegationOffered
from procurement.identity.rules.membership import MemberInvited
from procurement.identity.rules.passkeys import PasskeyAdded, PasskeySuspected
from procurement.identity.service import invitations, passkeys, people, registry
from procurement.identity.service.browsers import send_new_browser
from procurement.identity.service.mailing import addresses
from procurement.identity.service.personal import make_export
from procurement.identity.service.recovery import send_recovery
from procurement.identity.service.registration import send_registration
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


@handles(DelegationOffered)
async def send_delegation(tx: Tx, recorded: Recorded[DelegationOffered]) -> None:
    """Tell the deputy what waits for them to accept it."""
    fact = recorded.fact
    deputy = (await addresses(tx, [fact.deputy])).get(fact.deputy)
    if deputy is None or deputy.fictional:
        return
    organisation = await registry.organisation(tx, fact.organisation)
    names = await people.person_names(tx, [fact.giver])
    post = mail.outgoing()
    await post.send(
        deputy.email,
        "identity/mail/delegation_offered",
        tx.real_now,
        link=f"{post.base_url}/organisation/deputies",
        organisation=organisation.name,
        giver=names.get(fact.giver, ""),
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
    )


@handles(PasskeyAdded)
async def send_passkey_added(tx: Tx, recorded: Recorded[PasskeyAdded]) -> None:
    """Tell the owner: whoever did not add it knows now that somebody else did."""
    await _about_passkey(tx, recorded.fact.person, await passkeys.label_of(tx, recorded.fact.passkey), copied=False)


@handles(PasskeySuspected)
async def suspect_passkey(tx: Tx, recorded: Recorded[PasskeySuspected]) -> None:
    """Believe it no more, and tell the owner; once, however often the copy is tried."""
    passkey = await passkeys.suspect(tx, recorded.fact.passkey)
    if passkey is not None:
        await _about_passkey(tx, passkey.person, passkey.label, copied=True)


async def _about_passkey(tx: Tx, person: str, label: str, *, copied: bool) -> None:
    owner = await people.person_row(tx, person)
    if not label or owner.email is None or owner.fictional:
        return
    post = mail.outgoing()
    template = "identity/mail/passkey_copied" if copied else "identity/mail/passkey_added"
    await post.send(owner.email, template, tx.real_now, label=label, link=f"{post.base_url}/account")


HANDLERS = (
    make_export,
    send_delegation,
    send_invitation,
    send_new_browser,
    send_passkey_added,
    send_recovery,
    send_registration,
    suspect_passkey,
)
