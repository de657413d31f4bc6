"""A forgotten password: a link by e-mail, good once and for half an hour."""

from typing import Any

from sqlalchemy import delete, select, update

from procurement.identity.rules import addresses, proofs
from procurement.identity.service.people import person_of_email, person_row, set_password
from procurement.identity.service.sessions import end_all_sessions
from procurement.identity.service.tokens import revoke_all
from procurement.identity.tables import Person, Recovery
from procurement.infra import mail
from procurement.infra.outbox import task
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_token, token_digest


async def ask(tx: Tx, email: str) -> None:
    """Queue a letter with a link. An unknown address takes the same way, and the job then finds nobody to write to.

    Raises Refused("form-invalid") for what cannot be an address.
    """
    person = await person_of_email(tx, addresses.email(email))
    await tx.later(send_recovery, {"person": person.id if person else ""})


@task
async def send_recovery(tx: Tx, payload: dict[str, Any]) -> None:
    """Make the link and send it to the person in `payload["person"]`; nothing for ""."""
    made = await new_link(tx, payload["person"]) if payload["person"] else None
    if made is None:
        return
    email, token = made
    post = mail.outgoing()
    await post.send(email, "identity/mail/recovery", tx.real_now, link=f"{post.base_url}/recover/{token}")


async def new_link(tx: Tx, person: str) -> tuple[str, str] | None:
    """(address, token) for the mail; None when the account is gone. Links sent before are dead."""
    row = await tx.session.scalar(select(Person).where(Person.id == person, Person.disabled_at.is_(None)))
    if row is None or row.email is None:
        return None
    await tx.session.execute(delete(Recovery).where(Recovery.person == person))
    token = new_token()
    expires = tx.real_now + proofs.RECOVERY
    tx.session.add(Recovery(token_sha256=token_digest(token), person=person, expires_at=expires))
    return row.email, token


async def recovering(tx: Tx, token: str) -> str:
    """The person behind a link that still works. Refused("recovery-expired") for any other."""
    alive = (Recovery.used_at.is_(None), Recovery.expires_at > tx.real_now)
    found = select(Recovery.person).where(Recovery.token_sha256 == token_digest(token), *alive)
    person = await tx.session.scalar(found)
    if person is None:
        raise proofs.link_dead("recovery", "Ask for a new one.")
    return person


async def recover(tx: Tx, token: str, password: str) -> None:
    """Set a new password; sessions and API tokens end. The authenticator app stays: the mailbox alone does not sign in.

    Raises Refused("recovery-expired") also for a link used before, Refused("form-invalid") for the password.
    """
    person = await recovering(tx, token)
    account = await person_row(tx, person, lock=True)
    await set_password(tx, account, password)
    account.email_proved_at = tx.real_now
    unused = (Recovery.token_sha256 == token_digest(token), Recovery.used_at.is_(None))
    spent = update(Recovery).where(*unused).values(used_at=tx.real_now).returning(Recovery.person)
    if await tx.session.scalar(spent) is None:
        raise proofs.link_dead("recovery", "Ask for a new one.")
    await end_all_sessions(tx, person)
    await revoke_all(tx, person)
