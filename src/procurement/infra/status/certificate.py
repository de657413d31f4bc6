"""A certificate of unavailability: what was measured of the service in a period, signed by its receipt key.

Whoever could not act in time proves with it when the service was away; that nothing was measured, or that another
observer saw the service work, is said as plainly.
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from procurement.infra.status import seen, watch
from procurement.infra.status.seen import Told
from procurement.infra.tx import Tx
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.outage import Outage
from procurement.kernel.refusal import invalid
from procurement.kernel.sealing.receipt import moment
from procurement.kernel.sealing.signing import key_id, sign

LONGEST = timedelta(days=31)  # of one certificate


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """From when until when another observer saw the same part work, whenever it looked."""

    source: str
    began_at: str
    ended_at: str


class Away(msgspec.Struct, frozen=True, kw_only=True):
    """One outage, cut to the period; moments are UTC to the microsecond. `silent`: the service did not measure.
    `contradicted`: who saw the part work meanwhile."""

    component: str
    source: str
    began_at: str
    ended_at: str
    silent: bool
    contradicted: tuple[Worked, ...]


class Unavailability(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed, as RFC 8785 JSON. `observers` measured in the period; `outages` is what they saw away, in order:
    the newest, where `left_out` earlier ones are too many for one certificate."""

    type: Literal["unavailability/v1"] = "unavailability/v1"
    service: str
    since: str
    until: str
    issued_at: str
    observers: tuple[str, ...]
    outages: tuple[Away, ...]
    left_out: int
    key: str


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """The body, and the base64 Ed25519 signature over its canonical bytes."""

    certificate: Unavailability
    signature: str


def period(tx: Tx, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """A period of at most 31 days that has begun, up to now. Refused("form-invalid", 422)."""
    if since.tzinfo is None or until.tzinfo is None:
        raise invalid("A moment needs its offset.", since="Give both moments with their offset.")
    if not timedelta() < until - since <= LONGEST:
        raise invalid("Choose another period.", until="Choose an end after the beginning, at most 31 days later.")
    if since > tx.real_now:
        raise invalid("This period has not begun.", since="Choose a beginning that is past.")
    return since, min(until, tx.real_now)


async def outages(tx: Tx, since: datetime, until: datetime, most: int = seen.MOST) -> Told:
    """The newest that were away in a period. Refused as `period`."""
    return await seen.outages(tx, *period(tx, since, until), most=most)


async def issue(tx: Tx, signer: SignerKey, service: str, since: datetime, until: datetime) -> Certificate:
    """Signed now, for whoever asks; the same period asked later may say more. Refused as `period`."""
    since, until = period(tx, since, until)
    told = await seen.outages(tx, since, until, most=seen.MOST)
    body = Unavailability(
        service=service,
        since=moment(since),
        until=moment(until),
        issued_at=moment(tx.real_now),
        observers=tuple(await watch.observers(tx, since, until)),
        outages=tuple(_away(one, until) for one in told.outages),
        left_out=told.left_out,
        key=key_id(signer.private.public_key()),
    )
    return Certificate(certificate=body, signature=sign(signer.private, canonical(body)))


def _away(one: Outage, until: datetime) -> Away:
    return Away(
        component=one.component,
        source=one.source,
        began_at=moment(one.began_at),
        ended_at=moment(one.ended_at or until),
        silent=one.silent,
        contradicted=tuple(
            Worked(source=other.source, began_at=moment(other.began_at), ended_at=moment(other.ended_at))
            for other in one.contradicted
        ),
    )
