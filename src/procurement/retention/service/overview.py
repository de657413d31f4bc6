"""The table with its figures: what the job would end now, and what a hold keeps. Looking changes nothing."""

import msgspec

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.retention.rules import RecordClass
from procurement.retention.service.classes import table
from procurement.retention.service.erasing import clock, due, held, number_of
from procurement.retention.service.holds import anywhere


class Due(msgspec.Struct, frozen=True):
    """A class of records with the number that is due, and of those that would be but for a hold."""

    record_class: RecordClass
    due: int
    held: int


async def overview(tx: Tx) -> list[Due]:
    """A dry run over every class."""
    tx.actor.must(P.RETENTION_READ, of=anywhere(tx, P.RETENTION_READ))
    found = []
    for one in table():
        now = clock(tx, one)
        found.append(Due(one, await number_of(tx, due(one, now)), await number_of(tx, held(one, now))))
    return found
