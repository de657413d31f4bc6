"""What stands beside the password: the authenticator app, passkeys, and the recovery codes that stand in for both."""

import hashlib

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.identity.proof_tables import Passkey
from procurement.identity.rules import codes, proofs, strength
from procurement.identity.rules.strength import Demand
from procurement.identity.service.people import person_row
from procurement.identity.service.registry import organisations
from procurement.identity.tables import RecoveryCode, Totp
from procurement.infra.tx import Tx
from procurement.kernel.actor import stronger_proof_needed
from procurement.kernel.refusal import Refused


async def is_on(tx: Tx, person: str) -> bool:
    """Whether signing in with the password takes something more."""
    return await app_is_on(tx, person) or await has_passkey(tx, person)


async def app_is_on(tx: Tx, person: str) -> bool:
    """Whether codes of an app are taken."""
    confirmed = select(Totp.person).where(Totp.person == person, Totp.confirmed_at.is_not(None))
    return await tx.session.scalar(confirmed) is not None


async def is_owed(tx: Tx) -> bool:
    """Whether whoever is signed in has a second factor, and this browser has not shown it."""
    return tx.actor.weak and await is_on(tx, tx.actor.person)


async def must_have_been_shown(tx: Tx) -> None:
    """Before a proof is added, replaced or removed: Refused("step-up-needed"), Refused("stronger-proof-needed", 403).

    Whoever has somebody's password alone, or their account at a provider, must not make a second factor of their own.
    """
    tx.actor.must_be_somebody()
    tx.actor.must_be_stepped_up(tx.real_now)
    if await is_owed(tx):
        raise stronger_proof_needed()


async def begin(tx: Tx) -> None:
    """Make a new secret for one's own app. It counts only once a code of it was entered."""
    await must_have_been_shown(tx)
    if await app_is_on(tx, tx.actor.person):
        raise Refused("app-already", "An authenticator app is set up. Remove it before you set up another.")
    fresh = {"secret": codes.new_secret(), "last_step": 0, "confirmed_at": None}
    values = insert(Totp).values(person=tx.actor.person, **fresh)
    await tx.session.execute(values.on_conflict_do_update(index_elements=[Totp.person], set_=fresh))


async def setup(tx: Tx, issuer: str) -> tuple[str, str] | None:
    """(secret, address for the QR code) while the app is being set up; None before and after: it is shown no more."""
    tx.actor.must_be_somebody()
    waiting = select(Totp.secret).where(Totp.person == tx.actor.person, Totp.confirmed_at.is_(None))
    secret = await tx.session.scalar(waiting)
    if secret is None:
        return None
    person = await person_row(tx, tx.actor.person)
    return secret, codes.uri(secret, email=person.email or "", issuer=issuer)


async def confirm(tx: Tx, code: str) -> list[str]:
    """Switch it on with a first code; returns new recovery codes, to be shown once. Refused("code-refused")."""
    await must_have_been_shown(tx)
    await _spend_app_code(tx, tx.actor.person, code, confirmed=False)
    await tx.session.execute(update(Totp).where(Totp.person == tx.actor.person).values(confirmed_at=tx.real_now))
    return await first_recovery_codes(tx)


async def switch_off(tx: Tx, demand: Demand) -> None:
    """Remove the app. Refused("last-factor") where a role needs it."""
    await must_have_been_shown(tx)
    await person_row(tx, tx.actor.person, lock=True)
    await tx.session.execute(delete(Totp).where(Totp.person == tx.actor.person))
    await must_still_be_strong(tx, demand)


async def must_still_be_strong(tx: Tx, demand: Demand) -> None:
    """After a proof was removed: Refused("last-factor") when a role needs one that is gone now.

    Recovery codes go with the last thing they stand in for.
    """
    person = tx.actor.person
    passkeys, app = await has_passkey(tx, person), await app_is_on(tx, person)
    enough = passkeys or (app and demand is Demand.SECOND_FACTOR)
    strength.must_keep(enough, needed=await is_needed(tx))
    if not passkeys and not app:
        await tx.session.execute(delete(RecoveryCode).where(RecoveryCode.person == person))


async def is_needed(tx: Tx) -> bool:
    """Whether a role of whoever is signed in asks for more than a password."""
    if (await person_row(tx, tx.actor.person)).fictional:
        return False
    named = await organisations(tx, {org for org, _ in tx.actor.roles | tx.actor.withheld})
    return any(strength.demands(one.kind) for one in named.values())


async def has_passkey(tx: Tx, person: str) -> bool:
    usable = Passkey.person == person, Passkey.suspected_at.is_(None)
    return await tx.session.scalar(select(Passkey.id).where(*usable).limit(1)) is not None


async def new_recovery_codes(tx: Tx) -> list[str]:
    """Ten new codes instead of the old ones; the only time they are readable."""
    await must_have_been_shown(tx)
    return await first_recovery_codes(tx)


async def first_recovery_codes(tx: Tx) -> list[str]:
    """The same for the caller who has just taken the first thing that they stand in for."""
    person = tx.actor.person
    made = [codes.new_recovery_code() for _ in range(proofs.RECOVERY_CODES)]
    await tx.session.execute(delete(RecoveryCode).where(RecoveryCode.person == person))
    tx.session.add_all([RecoveryCode(person=person, code_sha256=_digest(code)) for code in made])
    return made


async def recovery_codes_left(tx: Tx) -> int:
    unused = (RecoveryCode.person == tx.actor.person, RecoveryCode.used_at.is_(None))
    return await tx.session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


async def spend(tx: Tx, person: str, code: str) -> None:
    """Use up a code of the app, or a recovery code. Refused("code-refused") for a wrong one and for one used before."""
    if len(codes.plain(code)) <= 8:
        await _spend_app_code(tx, person, code, confirmed=True)
        return
    unused = (RecoveryCode.person == person, RecoveryCode.code_sha256 == _digest(code), RecoveryCode.used_at.is_(None))
    spent = update(RecoveryCode).where(*unused).values(used_at=tx.real_now).returning(RecoveryCode.person)
    if await tx.session.scalar(spent) is None:
        raise proofs.code_refused()


async def _spend_app_code(tx: Tx, person: str, code: str, *, confirmed: bool) -> None:
    """The row is locked, so that the same code sent twice at once is taken once."""
    row = await tx.session.scalar(select(Totp).where(Totp.person == person).with_for_update())
    if row is None or (row.confirmed_at is not None) is not confirmed:
        raise proofs.code_refused()
    step = codes.matching_step(row.secret, code, tx.real_now, after=row.last_step)
    if step is None:
        raise proofs.code_refused()
    row.last_step = step


def _digest(code: str) -> bytes:
    return hashlib.sha256(codes.plain(code).encode()).digest()
