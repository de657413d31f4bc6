"""What people see of identity. stages.py lists these controllers."""

from procurement.identity.pages.access_reviews import AccessReviewPages
from procurement.identity.pages.account import AccountPages
from procurement.identity.pages.changes import ChangePages, MotionPages
from procurement.identity.pages.deputies import DeputyPages
from procurement.identity.pages.institutions import InstitutionPages
from procurement.identity.pages.invitations import InvitationPages
from procurement.identity.pages.mailbox import MailboxPages
from procurement.identity.pages.organisation import OrganisationPages
from procurement.identity.pages.passkeys import PasskeyPages
from procurement.identity.pages.personal import PersonalPages
from procurement.identity.pages.proofs import ProofPages
from procurement.identity.pages.providers import ProviderPages
from procurement.identity.pages.recover import RecoverPages
from procurement.identity.pages.register import RegisterPages
from procurement.identity.pages.sign_in import SignInPages
from procurement.identity.pages.step_up import StepUpPages
from procurement.identity.pages.tokens import TokenPages

ROUTES = (
    AccessReviewPages,
    AccountPages,
    ChangePages,
    DeputyPages,
    InstitutionPages,
    InvitationPages,
    MailboxPages,
    MotionPages,
    OrganisationPages,
    PasskeyPages,
    PersonalPages,
    ProofPages,
    ProviderPages,
    RecoverPages,
    RegisterPages,
    SignInPages,
    StepUpPages,
    TokenPages,
)
