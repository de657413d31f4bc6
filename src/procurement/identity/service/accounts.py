"""One's own account: password, name, end."""

from sqlalchemy import select

from procurement.identity.service import erasing, keeping, memberships, sessions, tokens
from procurement.identity.service.hashing import matches
from procurement.identity.service.people import person_row, set_password
from procurement.identity.tables import Membership, Person
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused


async def me(tx: Tx) -> Person:
    """The account of whoever is signed in."""
    tx.actor.must_be_somebody()
    return await person_row(tx, tx.actor.person)


async def change_password(tx: Tx, current: str, new: str, *, here: str = "") -> None:
    """Change one's own password. Every session and API token ends, but the session `here`: the caller replaces it.

    Raises Refused("password-wrong") when `current` is not right, Refused("form-invalid") for the new one.
    """
    tx.actor.must_be_somebody()
    person = await person_row(tx, tx.actor.person, lock=True)
    if not await matches(current, person.password_hash):
        raise Refused(
            "password-wrong",
            "The password you have now is not right. Nothing was changed.",
            status=422,
            fields={"current": "Enter the password you have now."},
        )
    await set_password(tx, person, new)
    await _end_proofs(tx, person.id, but=here)


async def close_account(tx: Tx) -> None:
    """Leave every organisation, forget name, address and password, sign out everywhere.

    What the person did stays in the record under an id that no longer leads to a name.
    Raises Refused("last-owner") while an organisation has no other owner, Refused("account-kept") while what is known
    of the person has to stay, Refused("step-up-needed").
    """
    tx.actor.must_be_somebody()
    tx.actor.must_be_stepped_up(tx.real_now)
    held = (Membership.person == tx.actor.person, Membership.until.is_(None))
    for organisation in (await tx.session.scalars(select(Membership.organisation).where(*held).distinct())).all():
        await memberships.remove(tx, organisation, tx.actor.person)
    person = await person_row(tx, tx.actor.person, lock=True)
    await keeping.must_not_be_kept(tx, person.id)
    await _end_proofs(tx, person.id)
    await erasing.erase(tx, person)


async def _end_proofs(tx: Tx, person: str, *, but: str = "") -> None:
    await sessions.end_all_sessions(tx, person, but=but)
    await tokens.revoke_all(tx, person)
