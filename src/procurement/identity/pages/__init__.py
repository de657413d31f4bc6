"""What people see of identity. stages.py lists these controllers."""

from procurement.identity.pages.account import AccountPages
from procurement.identity.pages.institutions import InstitutionPages
from procurement.identity.pages.invitations import InvitationPages
from procurement.identity.pages.mailbox import MailboxPages
from procurement.identity.pages.organisation import OrganisationPages
from procurement.identity.pages.proofs import ProofPages
from procurement.identity.pages.recover import RecoverPages
from procurement.identity.pages.register import RegisterPages
from procurement.identity.pages.sign_in import SignInPages
from procurement.identity.pages.tokens import TokenPages

ROUTES = (
    AccountPages,
    InstitutionPages,
    InvitationPages,
    MailboxPages,
    OrganisationPages,
    ProofPages,
    RecoverPages,
    RegisterPages,
    SignInPages,
    TokenPages,
)
