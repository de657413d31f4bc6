"""A tender as its file carries it: a signed log of its own, a keyholder, and key holders at levels S2 and S3."""

import base64
import csv
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from procurement.client.offline import folder
from procurement.client.offline.tender_file import Evidence, FileItem, FileLot, Proven, TenderFile
from procurement.kernel import merkle
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import entry_for, record_bytes
from procurement.kernel.sealing import (
    Dealing,
    Envelope,
    Holder,
    HolderKey,
    Roster,
    holder_fingerprint,
    join_shares,
    new_identity,
    open_share,
    roster_bytes,
    sign_roster,
    unlock_identity,
    unlock_shares,
)
from procurement.kernel.sealing.declarations import Statement
from procurement.kernel.sealing.opening_key import Opening, opening_key, sign_opening_key
from procurement.kernel.sealing.roster import roster_hash

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LOG = SignerKey("marrow.example/log", b"l" * 32)
KEYHOLDER = SignerKey("keyholder", b"h" * 32)
TENDER, SUPPLIER = "2026-0418", "harbour"
REVISION = hashlib.sha256(b"the tender as published").hexdigest()
LOTS = FileLot("l1", 1, "Roads"), FileLot("l2", 2, "Path")
ITEMS = (
    FileItem("i1", "l1", 1, "Asphalt", Decimal("3.5"), "t"),
    FileItem("i2", "l1", 2, "=Kerbs", Decimal(1), "m"),
    FileItem("i3", "l2", 1, "Path", Decimal(1000), "m2"),
)


def fingerprint(one: Holder) -> str:
    return holder_fingerprint(one.id, one.age, one.sign)


class Call:
    """A tender at a seal level, with every secret that a test of its opening needs."""

    def __init__(
        self, level: str = "S1", m: int = 0, n: int = 0, signs: bool = True, *, two: bool = False, apart: bool = False
    ) -> None:
        """`two`: bids are a technical and a financial envelope, for the one lot there is; `apart`: there are two lots,
        and a financial envelope for each."""
        self.level = level
        self.lots = LOTS[1:] if two and not apart else LOTS
        self.keyholder, self.recipient = new_identity()
        self.financial_keyholder, self.financial_recipient = new_identity() if two else ("", "")
        self.keys = [
            HolderKey(
                holder=f"holder-{x}", identity=new_identity()[0], seed=hashlib.sha256(f"{x}".encode()).hexdigest()
            )
            for x in range(1, n + 1)
        ]
        self.roster = self._roster(m) if n else None
        named = {"purpose": "keyholder", "verifier": str(KEYHOLDER.verifier)}
        self.facts: list[tuple[str, dict[str, Any]]] = [
            ("KeyPublished", named) if signs else ("OrganisationRegistered", {"organisation": "marrow"}),
            ("TenderPublished", {"tender": TENDER, "revision": 1, "revision_hash": REVISION, "seal_level": level,
                                 "recipient": self.recipient, "opening_at": NOON,
                                 "opening_keys": self.words(NOON) if signs else []}
             | ({"financial_recipient": self.financial_recipient} if two else {})),
            *self._of_holders(),
        ]  # fmt: skip

    def words(self, at: datetime) -> list[dict[str, Any]]:
        """What the keyholder signs of this tender: of each kind of envelope."""
        if not self.financial_recipient:
            return [self.word(at)]
        second = self.word(at, kind="financial", recipient=self.financial_recipient)
        return [self.word(at, kind="technical"), second]

    def word(
        self, at: datetime, by: SignerKey | None = None, kind: str = "single", recipient: str = ""
    ) -> dict[str, Any]:
        """What the keyholder signs of one kind of envelope."""
        said = opening_key(Opening(TENDER, kind=kind), recipient or self.recipient, at)
        signed: dict[str, Any] = msgspec.to_builtins(sign_opening_key((by or KEYHOLDER).private, said))
        return signed

    def file(self, **changes: Any) -> TenderFile:
        said = {
            "service": "https://marrow.example", "tender": TENDER, "ocid": "ocds-x-1", "title": "Harbour Road",
            "revision": REVISION, "deadline": NOON, "opening_at": NOON, "fetched_at": NOON, "currency": "EUR",
            "level": self.level, "recipient": self.recipient,
            "financial_recipient": self.financial_recipient, "supplier": SUPPLIER, "version": 1,
            "roster": roster_bytes(self.roster).decode() if self.roster else "",
            "signatures": self.signatures(), "bid_limit": 50_000_000,
            "lots": self.lots, "items": tuple(one for one in ITEMS if one.lot in {lot.id for lot in self.lots}),
            "declarations": (Statement("terms", "We offer on their terms."),), "needs_documents": True,
            "evidence": self.evidence(),
        }  # fmt: skip
        return TenderFile(**(said | changes))

    def evidence(
        self, log: SignerKey = LOG, hidden: tuple[str, ...] = (), cosigners: Sequence[CosignerKey] = ()
    ) -> Evidence:
        """Every fact, proven against one checkpoint; in an open entry, unless its type is one of `hidden`."""
        records = [record_bytes(type_, NOON, "", "", "", fact) for type_, fact in self.facts]
        salts = [hashlib.sha256(record).digest() for record in records]
        at_once = [type_ not in hidden for type_, _ in self.facts]
        leaves = [
            merkle.leaf_hash(entry_for(salt, one, at_once=open_))
            for salt, one, open_ in zip(salts, records, at_once, strict=True)
        ]
        text = Checkpoint(log.verifier.name, len(leaves), merkle.root(leaves)).text()
        note = log.sign(text) + "".join(one.cosign(text, NOON) for one in cosigners)
        proven = []
        for index, (salt, record) in enumerate(zip(salts, records, strict=True)):
            path = merkle.inclusion_proof(index, len(leaves), merkle.of_leaves(leaves))
            steps = tuple(base64.b64encode(step).decode() for step in path)
            proven.append(Proven(index, salt.hex(), record.decode(), steps, at_once[index]))
        return Evidence(str(log.verifier), note, tuple(proven))

    def signatures(self) -> dict[str, str]:
        return {key.holder: sign_roster(key.private, self.roster) for key in self.keys} if self.roster else {}

    def identity_of(self, envelope: Envelope, places: tuple[int, ...] = ()) -> str:
        """E, as the keyholder and the holders at these places give it back."""
        keyholder = self.financial_keyholder if envelope.kind == "financial" else self.keyholder
        if self.roster is None:
            return unlock_identity(envelope.locked_bytes(), keyholder)
        sealed = unlock_shares(envelope.locked_bytes(), keyholder)
        given = {self.keys[x - 1].holder: open_share(sealed[x - 1], self.keys[x - 1].identity) for x in places}
        return join_shares(Dealing.of(envelope, self.roster), sealed, given)

    def _roster(self, m: int) -> Roster:
        holders = tuple(
            Holder(id=key.holder, office=f"Office {x}", organisation="marrow", age=key.recipient, sign=key.sign)
            for x, key in enumerate(self.keys, start=1)
        )
        return Roster(tender=TENDER, level=self.level, m=m, holders=holders)  # type: ignore[arg-type]  # a level with holders

    def _of_holders(self) -> list[tuple[str, dict[str, Any]]]:
        if self.roster is None:
            return []
        enrolled = [
            ("KeyHolderEnrolled", {"holder": one.id, "age": one.age, "sign": one.sign, "fingerprint": fingerprint(one)})
            for one in self.roster.holders
        ]
        confirmed = [
            ("KeyHolderConfirmed", {"holder": one.id, "fingerprint": fingerprint(one)}) for one in self.roster.holders
        ]
        return [*enrolled, *confirmed, ("RosterFrozen", {"tender": TENDER, "roster": roster_hash(self.roster)})]


def filled(place: Path, file: TenderFile, documents: dict[str, bytes], **prices: str) -> Path:
    """The bidder's folder with everything filled in; `prices` by item."""
    folder.begin(place, file)
    return fill(place, documents, **prices)


def fill(place: Path, documents: dict[str, bytes], price: str = "", **prices: str) -> Path:
    """What the bidder does: `price` is that of every item which has none of its own."""
    table = place / folder.PRICES
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    _save(table, ";", [{**row, "unit_price": prices.get(row["item"], price)} for row in rows])
    declared = place / folder.CONFIRMED
    said = csv.DictReader(declared.read_text(encoding="utf-8-sig").splitlines())
    _save(declared, ",", [{**row, "confirmed": "Yes"} for row in said])
    for name, data in documents.items():
        (place / folder.DOCUMENTS / name).write_bytes(data)
    return place


def _save(table: Path, delimiter: str, rows: list[dict[str, str]]) -> None:
    """As spreadsheets save it, those of half the world with semicolons."""
    with table.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
