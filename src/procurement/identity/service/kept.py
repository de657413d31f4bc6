"""How long identity keeps what has ended or was not used: sessions, browsers, links, invitations."""

from sqlalchemy import func

from procurement.identity.organisation_tables import PersonalExport
from procurement.identity.proof_tables import KnownBrowser
from procurement.identity.tables import Invitation, Recovery, SignInChallenge, WebSession
from procurement.infra.retained import row_class

RETAINED = (
    row_class(
        "known-browsers",
        KnownBrowser,
        KnownBrowser.person + " " + func.encode(KnownBrowser.browser_sha256, "hex"),
        lambda cutoff: KnownBrowser.last_seen_at < cutoff,
        person=KnownBrowser.person,
    ),
    row_class(
        "sessions",
        WebSession,
        WebSession.id,
        lambda cutoff: func.least(WebSession.expires_at, WebSession.revoked_at) < cutoff,
        person=WebSession.person,
        organisation=func.coalesce(WebSession.organisation, ""),
    ),
    row_class(
        "sign-in-codes",
        SignInChallenge,
        func.encode(SignInChallenge.token_sha256, "hex"),
        lambda cutoff: SignInChallenge.expires_at < cutoff,
        person=SignInChallenge.person,
    ),
    row_class(
        "password-links",
        Recovery,
        func.encode(Recovery.token_sha256, "hex"),
        lambda cutoff: Recovery.expires_at < cutoff,
        person=Recovery.person,
    ),
    row_class(
        "personal-exports",
        PersonalExport,
        PersonalExport.id,
        lambda cutoff: PersonalExport.expires_at < cutoff,
        person=PersonalExport.person,
    ),
    row_class(
        "unanswered-invitations",
        Invitation,
        Invitation.id,
        lambda cutoff: (
            Invitation.accepted_at.is_(None) & (func.least(Invitation.expires_at, Invitation.withdrawn_at) < cutoff)
        ),
        organisation=Invitation.organisation,
    ),
)
