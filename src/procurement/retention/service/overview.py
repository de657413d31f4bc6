"""The table with its figures: what the job would end now, and what a hold keeps. Looking changes nothing."""

import msgspec

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.retention.rules import RecordClass
from procurement.retention.service.classes import table
from procurement.retention.service.erasing import due, held, number_of
from procurement.retention.service.holds import anywhere


class Due(msgspec.Struct, frozen=True):
    """A class of records with the number that is due, and of those that would be but for a hold.

    Neither is told of a class that covers others: one organisation's hold would show whether it prepared a bid.
    """

    record_class: RecordClass
    due: int | None
    held: int | None


async def overview(tx: Tx) -> list[Due]:
    """A dry run over every class."""
    tx.actor.must(P.RETENTION_READ, of=anywhere(tx, P.RETENTION_READ))
    return [await _figures(tx, one) for one in table()]


async def _figures(tx: Tx, one: RecordClass) -> Due:
    if one.covers:
        return Due(one, None, None)
    return Due(one, await number_of(tx, due(tx, one, one.name)), await number_of(tx, held(tx, one, one.name)))
