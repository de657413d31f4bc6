"""Key codes of officers and approvers. Secrets are the keyholder's; this service shows one once and forgets it."""

from sqlalchemy.dialects.postgresql import insert

from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.kernel.fact import Fact
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.keyholder import totp
from procurement.keyholder.protocol import Enrolled
from procurement.opening.tables import DemoSecret


class KeyCodesEnrolled(Fact, frozen=True, kw_only=True):
    """A person proved to have the key code secret that the keyholder made for them."""

    person: str


async def enrolment(tx: Tx, keyholder: Keyholder) -> Enrolled:
    """How far one's own enrolment is."""
    _must_hold_codes(tx)
    return await keyholder.enrolment(tx.actor.person)


async def enrol(tx: Tx, keyholder: Keyholder) -> str:
    """A secret for oneself, shown this once. Refused("already-enrolled"), ("step-up-needed", 403)."""
    _must_hold_codes(tx)
    tx.actor.must_be_stepped_up(tx.real_now)
    return (await keyholder.enrol(tx.actor.person)).secret


async def confirm_codes(tx: Tx, keyholder: Keyholder, code: str) -> None:
    """The first right code completes the enrolment."""
    _must_hold_codes(tx)
    await keyholder.confirm(tx.actor.person, code)
    await tx.record(KeyCodesEnrolled(person=tx.actor.person), organisation=tx.actor.organisation)


async def enrol_fictional(tx: Tx, keyholder: Keyholder, person: str) -> None:
    """Enrol somebody made up, and keep the secret, so that a visitor can act as them. In a sandbox only; again is fine.

    Refused("not-a-sandbox", 403), ("not-permitted", 403) for anybody but the service itself.
    """
    tx.actor.must(P.KEY_ENROL, of="")  # nobody holds a role in no organisation: system actors only
    if not tx.sandbox:
        raise Refused("not-a-sandbox", "Made-up people exist only in a sandbox.", status=403)
    if await tx.session.get(DemoSecret, person) is not None:
        return
    secret = (await keyholder.enrol(person)).secret
    await keyholder.confirm(person, totp.code_at(secret, totp.step_at((await keyholder.clocks()).real.timestamp())))
    await tx.session.execute(insert(DemoSecret).values(person_id=person, secret=secret))


async def fictional_secret(tx: Tx) -> str:
    """The secret of the made-up person who acts. Refused("not-a-sandbox", 403) for anybody else."""
    held = await tx.session.get(DemoSecret, tx.actor.person) if tx.sandbox else None
    if held is None:
        raise Refused("not-a-sandbox", "Made-up people exist only in a sandbox.", status=403)
    return held.secret


async def practice_code(tx: Tx) -> str:
    """The code that a made-up person's device would show now, or "" for anybody else and outside a sandbox."""
    if not (tx.sandbox and tx.actor.person):
        return ""
    held = await tx.session.get(DemoSecret, tx.actor.person)
    return totp.code_at(held.secret, totp.step_at(tx.now.timestamp())) if held else ""


def _must_hold_codes(tx: Tx) -> None:
    tx.actor.must(P.KEY_ENROL, of=tx.actor.organisation)
