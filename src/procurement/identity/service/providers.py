"""People whom a provider vouches for: the way there and back, and how its word comes to belong to an account.

Nobody is taken over in silence: an account is linked only by whoever is signed in to it, under an address that both the
provider and a letter of ours have proved.
"""

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.identity.proof_tables import ProviderAccount, ProviderArrival, ProviderVisit
from procurement.identity.rules import providers as rules
from procurement.identity.rules.providers import Link, ProviderLinked, ProviderUnlinked, Vouched
from procurement.identity.service import people, second_factor
from procurement.identity.tables import Person
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_token, token_digest
from procurement.kernel.refusal import unknown


class Begun(msgspec.Struct, frozen=True):
    """What goes with the browser, and what is kept here to be compared."""

    state: str
    nonce: str
    verifier: str


async def begin(tx: Tx, provider: str, browser: str, to: str, *, again: bool = False) -> Begun:
    """Before the browser leaves. `again`: whoever is signed in proves it once more."""
    await tx.session.execute(delete(ProviderVisit).where(ProviderVisit.expires_at < tx.real_now))
    begun = Begun(new_token(), new_token(), new_token())
    row = ProviderVisit(
        state_sha256=token_digest(begun.state),
        browser_sha256=token_digest(browser),
        provider=provider,
        person=tx.actor.person if again else None,
        nonce=begun.nonce,
        verifier=begun.verifier,
        next=to,
        begun_at=tx.real_now,
        expires_at=tx.real_now + rules.VISIT,
    )
    tx.session.add(row)
    return begun


async def come_back(tx: Tx, provider: str, state: str, browser: str) -> ProviderVisit:
    """The visit that this ends, once. Refused("provider-visit-expired") in another browser, or for another provider."""
    of_state = ProviderVisit.state_sha256 == token_digest(state), ProviderVisit.expires_at > tx.real_now
    put_to = ProviderVisit.browser_sha256 == token_digest(browser), ProviderVisit.provider == provider
    ended = delete(ProviderVisit).where(*of_state, *put_to).returning(ProviderVisit)
    visit: ProviderVisit | None = await tx.session.scalar(ended)
    if visit is None or (visit.person is not None and visit.person != tx.actor.person):
        raise rules.visit_over()
    return visit


async def known(tx: Tx, one: Vouched) -> str:
    """The person who is this somebody; "" when nobody is yet, or may not sign in any more."""
    theirs = ProviderAccount.issuer == one.issuer, ProviderAccount.subject == one.subject
    person = await tx.session.scalar(
        update(ProviderAccount).where(*theirs).values(last_used_at=tx.real_now).returning(ProviderAccount.person)
    )
    usable = select(Person.id).where(Person.id == person, Person.disabled_at.is_(None))
    return await tx.session.scalar(usable) or "" if person else ""


async def must_be(tx: Tx, visit: ProviderVisit, one: Vouched) -> None:
    """Step up: the same person, proved strongly since. Refused("provider-refused"), Refused("provider-not-fresh")."""
    if await known(tx, one) != visit.person:
        raise rules.other_person()
    rules.must_be_fresh(one, visit.begun_at)


async def arrive(tx: Tx, one: Vouched, browser: str) -> str:
    """Keep somebody unknown until they confirm in this browser; returns the token of the page that asks."""
    await tx.session.execute(delete(ProviderArrival).where(ProviderArrival.expires_at < tx.real_now))
    token = new_token()
    row = ProviderArrival(
        token_sha256=_digest(token, browser),
        provider=one.provider,
        issuer=one.issuer,
        subject=one.subject,
        name=one.name,
        email=one.email,
        strong=one.strong,
        expires_at=tx.real_now + rules.ARRIVAL,
    )
    tx.session.add(row)
    return token


async def arrival(tx: Tx, token: str, browser: str) -> ProviderArrival:
    """Who waits. Refused("provider-visit-expired") also in another browser."""
    waiting = ProviderArrival.token_sha256 == _digest(token, browser), ProviderArrival.expires_at > tx.real_now
    row = await tx.session.scalar(select(ProviderArrival).where(*waiting))
    if row is None or not browser:
        raise rules.visit_over()
    return row


async def has_account(tx: Tx, waiting: ProviderArrival) -> bool:
    """Whether the address that the provider confirmed has an account here."""
    return await people.person_of_email(tx, waiting.email) is not None


async def link(tx: Tx, token: str, browser: str) -> None:
    """To the account of whoever is signed in, who confirmed just now.

    Raises Refused: provider-visit-expired, provider-other-address, address-unproven, step-up-needed.
    """
    tx.actor.must_be_somebody()
    tx.actor.must_be_stepped_up(tx.real_now)
    waiting = await arrival(tx, token, browser)
    person = await people.person_row(tx, tx.actor.person, lock=True)
    rules.must_be_theirs(waiting.email, person.email, person.email_proved_at is not None)
    await _join(tx, waiting, person.id)


async def make_account(tx: Tx, token: str, browser: str, name: str) -> str:
    """A new account without a password, for an address that has none yet; returns the person.

    Raises Refused("email-taken") for one that has, Refused("form-invalid") for the name.
    """
    waiting = await arrival(tx, token, browser)
    person = await people.create_person(tx, name=name, email=waiting.email, email_proved=True)
    await _join(tx, waiting, person)
    return person


async def links(tx: Tx) -> list[Link]:
    """The providers that sign one in, the first linked first."""
    tx.actor.must_be_somebody()
    own = select(ProviderAccount).where(ProviderAccount.person == tx.actor.person).order_by(ProviderAccount.linked_at)
    return [Link(row.issuer, row.linked_at, row.last_used_at) for row in await tx.session.scalars(own)]


async def unlink(tx: Tx, provider: str, issuer: str) -> None:
    """Take a provider's word no more. Refused("last-way") when no password and no passkey would be left."""
    tx.actor.must_be_somebody()
    tx.actor.must_be_stepped_up(tx.real_now)
    person = await people.person_row(tx, tx.actor.person, lock=True)
    own = ProviderAccount.person == person.id
    gone = delete(ProviderAccount).where(own, ProviderAccount.issuer == issuer).returning(ProviderAccount.person)
    if not (await tx.session.scalars(gone)).all():
        raise unknown("provider")
    others = await tx.session.scalar(select(ProviderAccount.person).where(own).limit(1))
    if not (others or person.password_hash or await second_factor.has_passkey(tx, person.id)):
        raise rules.last_way()
    await tx.record(ProviderUnlinked(person=person.id, provider=provider))


async def _join(tx: Tx, waiting: ProviderArrival, person: str) -> None:
    row: dict[str, object] = {"issuer": waiting.issuer, "subject": waiting.subject, "person": person}
    row |= {"linked_at": tx.real_now, "last_used_at": tx.real_now}
    made = insert(ProviderAccount).values(**row).on_conflict_do_nothing().returning(ProviderAccount.person)
    if await tx.session.scalar(made) is None:
        raise rules.visit_over()  # linked meanwhile, in another window
    await tx.session.execute(delete(ProviderArrival).where(ProviderArrival.token_sha256 == waiting.token_sha256))
    await tx.record(ProviderLinked(person=person, provider=waiting.provider))


def _digest(token: str, browser: str) -> bytes:
    """The token opens the page in the browser that it was made for, and in no other."""
    return token_digest(f"{token} {browser}")
