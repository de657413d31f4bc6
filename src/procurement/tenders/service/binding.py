"""The keyholder binds a tender's openings to their time, and its signed word on that goes into the public record."""

import msgspec

from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger.publishing import publish_key
from procurement.infra.tx import Tx
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_key import Opening, SignedOpeningKey, must_be_bound, opening_key
from procurement.kernel.sealing.opening_record import PURPOSE
from procurement.keyholder.protocol import FINANCIAL, TECHNICAL, Bound
from procurement.tenders.rules.timetable import Timetable


class Binding(msgspec.Struct, frozen=True):
    """`recipients` and `signed`, the technical envelopes before the financial ones, checked with `key`."""

    key: str
    recipients: tuple[str, ...]
    signed: tuple[SignedOpeningKey, ...]


async def bind(
    tx: Tx, keyholder: Keyholder, tender_id: str, times: Timetable, *, two: bool, first: bool = False
) -> Binding:
    """Bind all openings of a tender to its opening time; `first`: the keyholder makes their keys.

    Refused as the keyholder refuses; ("keyholder-unsigned", 503) where it does not sign, ("opening-key-wrong", 422)
    where its word does not hold, which is never published.
    """
    ask = keyholder.identity if first else keyholder.postpone
    bound = {one: await ask(one, times.opening_at) for one in _openings(tender_id, two=two)}
    key = (await keyholder.clocks()).key
    if not key:
        raise Refused("keyholder-unsigned", "The keyholder signs nothing yet: its program is too old.", status=503)
    signed = tuple(_signed(opening, one) for opening, one in bound.items())
    recipients = {opening.kind: one.recipient for opening, one in bound.items()}
    must_be_bound(signed, VerifierKey.parse(key), tender_id, recipients, times.opening_at)
    await publish_key(tx, PURPOSE, key)
    return Binding(key, tuple(recipients.values()), signed)


def _openings(tender_id: str, *, two: bool) -> list[Opening]:
    """What the keyholder holds an identity for: the technical envelopes come first."""
    kinds = (TECHNICAL, FINANCIAL) if two else ("single",)
    return [Opening(tender_id, kind=kind) for kind in kinds]


def _signed(opening: Opening, bound: Bound) -> SignedOpeningKey:
    statement = opening_key(opening, bound.recipient, bound.not_before)
    return SignedOpeningKey(statement=statement, signature=bound.signature)
