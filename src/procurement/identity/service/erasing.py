"""Forgetting a person whose account is closed: everything but their number, which the record keeps for ever."""

from sqlalchemy import delete, update

from procurement.identity.organisation_tables import DelegationRow, MotionRow, PersonalExport
from procurement.identity.proof_tables import KnownBrowser, Passkey, PasskeyChallenge, ProviderAccount, ProviderVisit
from procurement.identity.rules.membership import PersonErased
from procurement.identity.tables import (
    ApiTokenRow,
    Invitation,
    Person,
    Recovery,
    RecoveryCode,
    SignInChallenge,
    Totp,
    WebSession,
)
from procurement.infra.tx import Tx

PROOFS = (
    KnownBrowser,
    Passkey,
    PasskeyChallenge,
    PersonalExport,
    ProviderAccount,
    ProviderVisit,
    Recovery,
    RecoveryCode,
    SignInChallenge,
    Totp,
    WebSession,
)
"""Tables whose rows go with their person: proofs of who they are, and traces of where they signed in."""


async def erase(tx: Tx, person: Person) -> None:
    """Erase name, address, proofs and every word they are called by. What stays are ids: roles, acts, tokens' ends.

    Invitations to the address keep their id, which the record names, and lose the address.
    """
    address = person.email
    person.name = person.email = person.password_hash = None
    person.disabled_at = tx.real_now
    await tx.session.flush()
    for table in PROOFS:
        await tx.session.execute(delete(table).where(table.person == person.id))
    await tx.session.execute(update(ApiTokenRow).where(ApiTokenRow.person == person.id).values(label="erased"))
    await tx.session.execute(update(DelegationRow).where(DelegationRow.giver == person.id).values(reason="erased"))
    if address:
        gone = {"email": "erased@invalid.example", "name": ""}
        await tx.session.execute(update(Invitation).where(Invitation.email == address).values(**gone))
        await tx.session.execute(update(MotionRow).where(MotionRow.email == address).values(email=None))
    await tx.record(PersonErased(person=person.id))
