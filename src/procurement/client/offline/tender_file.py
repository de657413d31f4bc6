"""The tender file: everything of a tender that sealing needs, fetched once and carried to where no network is.

It brings the public record's own evidence with it, so that it can be trusted on the other side as little as it has to
be: what bids are sealed to is held against entries of the signed log.
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec

from procurement.client.offline import Cannot
from procurement.client.sealing import Asked, Line
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.declarations import Statement
from procurement.kernel.sealing.roster import Roster, parse_roster

LARGEST = 8 << 20  # bytes


class FileLot(msgspec.Struct, frozen=True):
    id: str
    number: int
    title: str


class FileItem(msgspec.Struct, frozen=True):
    """A line of the price schedule of the lot with that id."""

    id: str
    lot: str
    number: int
    description: str
    quantity: Decimal
    unit: str


class Proven(msgspec.Struct, frozen=True):
    """An entry of the log: its record with the salt (hex), the audit path (base64) to the checkpoint, and whether it is
    an open one."""

    index: int
    salt: str
    record: str
    path: tuple[str, ...]
    open: bool = False


class Evidence(msgspec.Struct, frozen=True):
    """`key` is the log's C2SP verifier key, `checkpoint` the signed note that all entries are proven against."""

    key: str
    checkpoint: str
    entries: tuple[Proven, ...]


class TenderFile(msgspec.Struct, frozen=True, kw_only=True):
    """`revision` is the tender's hash, `recipient` the keyholder's, and `financial_recipient` its other one where bids
    have two envelopes; `roster` is its canonical JSON and `signatures` the
    holders' (by id), "" and none at level S1. `version` is the next one of `supplier`. A bid may
    hold `bid_limit` bytes."""

    type: Literal["tender-file/v1"] = "tender-file/v1"
    service: str
    tender: str
    ocid: str
    title: str
    revision: str
    deadline: datetime | None
    opening_at: datetime | None
    fetched_at: datetime
    currency: str
    level: Literal["S1", "S2", "S3"]
    recipient: str
    financial_recipient: str = ""
    roster: str = ""
    signatures: dict[str, str] = {}
    supplier: str
    version: int
    bid_limit: int
    lots: tuple[FileLot, ...]
    items: tuple[FileItem, ...]
    declarations: tuple[Statement, ...]
    needs_documents: bool
    evidence: Evidence

    @property
    def members(self) -> Roster | None:
        """The key holders, none at level S1. Refused("roster-malformed", 422)."""
        return parse_roster(self.roster.encode()) if self.roster else None

    @property
    def lines(self) -> tuple[Line, ...]:
        """What has to be priced."""
        return tuple(Line(item.id, item.lot, item.quantity) for item in self.items)

    def asked(self) -> Asked:
        return Asked(
            tender=self.tender,
            revision=self.revision,
            recipient=self.recipient,
            supplier=self.supplier,
            version=self.version,
            currency=self.currency,
            lines=self.lines,
            roster=self.members,
            financial_recipient=self.financial_recipient,
        )


def write(file: TenderFile, path: Path) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n")


def read(path: Path) -> TenderFile:
    """Raises Cannot for what is no tender file."""
    try:
        if path.stat().st_size > LARGEST:
            raise Cannot(f"{path} is too large for a tender file.")
        file = msgspec.json.decode(path.read_bytes(), type=TenderFile)
        _ = file.members
    except OSError as gone:
        raise Cannot(f"The tender file cannot be read: {gone}. Fetch it with `procurement seal fetch`.") from None
    except (msgspec.DecodeError, Refused) as wrong:
        raise Cannot(f"{path} is no tender file: {wrong}. Fetch it with `procurement seal fetch`.") from None
    return file
