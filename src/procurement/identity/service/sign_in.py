"""Signing in with a password, and a second factor for those who have one. Also proving it again."""

from sqlalchemy import delete, select, update

from procurement.identity.rules import proofs
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import second_factor
from procurement.identity.service.hashing import matches
from procurement.identity.service.people import person_of_email, person_row
from procurement.identity.tables import Person, SignInChallenge
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_token, token_digest
from procurement.kernel.refusal import Refused


async def with_password(tx: Tx, email: str, password: str) -> tuple[str, str]:
    """The first step: (person, "") when it is enough, ("", challenge) when a code has to follow.

    Raises Refused("sign-in-failed"), the same and after the same work whether the address or the password is wrong.
    """
    person = await person_of_email(tx, email.strip().lower())
    right = await matches(password, person.password_hash if person else None)
    if person is None or not right:
        raise proofs.sign_in_failed()
    if not await second_factor.is_on(tx, person.id):
        return person.id, ""
    await _forget_old(tx, person.id)
    challenge = new_token()
    expires = tx.real_now + proofs.CHALLENGE
    tx.session.add(SignInChallenge(token_sha256=token_digest(challenge), person=person.id, expires_at=expires))
    return "", challenge


async def challenged(tx: Tx, challenge: str) -> str:
    """The person whose code is awaited. Refused("challenge-expired") when used, too old or unknown."""
    open_ = (SignInChallenge.used_at.is_(None), SignInChallenge.expires_at > tx.real_now)
    of_token = SignInChallenge.token_sha256 == token_digest(challenge)
    person = await tx.session.scalar(select(SignInChallenge.person).where(of_token, *open_))
    if person is None:
        raise proofs.link_dead("challenge", "Sign in with your password again.")
    return person


async def with_code(tx: Tx, challenge: str, code: str) -> str:
    """The second step; returns the person. A challenge and a code are good once.

    Raises Refused("code-refused"), Refused("challenge-expired").
    """
    person = await challenged(tx, challenge)
    await person_row(tx, person)
    await second_factor.spend(tx, person, code)
    unused = (SignInChallenge.token_sha256 == token_digest(challenge), SignInChallenge.used_at.is_(None))
    spent = update(SignInChallenge).where(*unused).values(used_at=tx.real_now).returning(SignInChallenge.person)
    if await tx.session.scalar(spent) is None:
        raise proofs.link_dead("challenge", "Sign in with your password again.")
    return person


async def prove_again(tx: Tx, password: str, code: str) -> ProvedBy:
    """Step up: the password, or a code for those who have an app. Refused("password-wrong") or ("code-refused").

    Fictional people of a sandbox have neither: pressing the button is enough. Returns what was shown.
    """
    tx.actor.must_be_somebody()
    if await is_fictional(tx):
        return ProvedBy.PRACTICE
    if code:
        await second_factor.spend(tx, tx.actor.person, code)
        return ProvedBy.CODE
    person = await person_row(tx, tx.actor.person)
    if not await matches(password, person.password_hash):
        raise Refused(
            "password-wrong", "The password is not right.", status=422, fields={"password": "Try your password again."}
        )
    return ProvedBy.PASSWORD


async def has_password(tx: Tx) -> bool:
    """Whether whoever is signed in could sign in with one."""
    return (await person_row(tx, tx.actor.person)).password_hash is not None


async def as_fictional(tx: Tx, person: str) -> str:
    """Sign in as one of the fictional people of a sandbox. Refused("not-a-sandbox") anywhere else, for anyone else."""
    row = await person_row(tx, person) if tx.sandbox else None
    if row is None or not row.fictional:
        raise Refused("not-a-sandbox", "Only the fictional people of a sandbox are signed in like this.", status=403)
    return row.id


async def is_fictional(tx: Tx) -> bool:
    """Whether the person signed in is one whom a sandbox made up."""
    return tx.sandbox and bool(await tx.session.scalar(select(Person.fictional).where(Person.id == tx.actor.person)))


async def _forget_old(tx: Tx, person: str) -> None:
    dead = SignInChallenge.expires_at < tx.real_now
    await tx.session.execute(delete(SignInChallenge).where(SignInChallenge.person == person, dead))
