"""What a tender asks of a sealed bid, and what is put into one."""

from pathlib import Path

import msgspec

from procurement.kernel.sealing.roster import Roster
from procurement.kernel.sealing.schedule import Line


class Asked(msgspec.Struct, frozen=True):
    """`recipient` is the keyholder's, `revision` the tender's hash. `roster` are the key holders of levels S2 and S3,
    whose signatures were checked; there are none at level S1. `keyholder` is the key under which the keyholder's word
    on the recipients was checked; "" where it had not signed yet. `financial_recipient` is the keyholder's for
    financial envelopes, of which each lot has its own where there are several; "" where a bid is one envelope."""

    tender: str
    revision: str
    recipient: str
    supplier: str
    version: int
    currency: str
    lines: tuple[Line, ...]
    roster: Roster | None = None
    keyholder: str = ""
    financial_recipient: str = ""

    @property
    def lots_apart(self) -> bool:
        """Whether each lot that is bid for has a financial envelope of its own."""
        return bool(self.financial_recipient) and len({line.lot for line in self.lines}) > 1


class Attached(msgspec.Struct, frozen=True):
    """A document of the bid: its bytes, or the path of a file, which is read a piece at a time. `confidential` says why
    it must not be published, or is ""."""

    name: str
    media_type: str
    data: bytes | Path
    confidential: str = ""
