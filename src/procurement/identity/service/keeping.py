"""Accounts that may not be closed for now, because what is kept about their person has to stay as it is.

A later stage says so, by an id of its own, and takes it back. The person is not told why: a hold may not warn whom it
concerns.
"""

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from procurement.identity.tables import KeptPerson, Person
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused, unknown


async def keep(tx: Tx, person: str, reason: str) -> None:
    """From here on the account is not closed. It waits for one that is being closed. Refused("person-unknown", 404)."""
    if await tx.session.scalar(select(Person.id).where(Person.id == person).with_for_update()) is None:
        raise unknown("person")
    kept = insert(KeptPerson).values(reason=reason, person=person, since=tx.real_now)
    await tx.session.execute(kept.on_conflict_do_nothing())


async def let_go(tx: Tx, reason: str) -> None:
    """This reason is over; others may stand. Again changes nothing."""
    await tx.session.execute(delete(KeptPerson).where(KeptPerson.reason == reason))


async def must_not_be_kept(tx: Tx, person: str) -> None:
    """Refused("account-kept"). The caller holds the lock of the person's row."""
    if await tx.session.scalar(select(exists().where(KeptPerson.person == person))):
        raise Refused(
            "account-kept",
            "Your account cannot be closed now: a law asks that what is kept about you stays as it is for the time "
            "being. Nothing was changed. You may leave your organisations; the data protection officer tells you more.",
        )
