"""An operator with the log's key shows one bidder another tender than everybody else: this bidder's client refuses, or
everybody can see it."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from offline_tender import LOG, NOON, TENDER, Call

from procurement.client.offline import Cannot
from procurement.client.offline.proving import prove
from procurement.client.offline.tender_file import Evidence, Proven
from procurement.kernel import merkle, tiles
from procurement.kernel.checkpoint import Checkpoint
from procurement.kernel.entry import entry_for, record_bytes
from procurement.verifier import tender
from procurement.verifier.log import Broken, Entry, Log
from procurement.verifier.monitor.follow import Bounds, Follower

OCID = "ocds-x-1"
TRUE, EVIL = Call("S2", 2, 3), Call("S2", 2, 3)


class Served:
    """One log, signed, with the true publication and key holders and after them the operator's own, whose entries are
    `marked` as open or not; the keyholder's word is on both. Everybody but the victim is served the operator's own
    without their records."""

    def __init__(self, *, marked: bool) -> None:
        facts = [(type_, fact, False) for type_, fact in TRUE.facts]
        facts += [(type_, fact, True) for type_, fact in EVIL.facts[1:]]
        self.evil = [evil for *_, evil in facts]
        self.records = [record_bytes(type_, NOON, _process(type_), "", "", _whole(fact)) for type_, fact, _ in facts]
        self.salts = [hashlib.sha256(record).digest() for record in self.records]
        self.at_once = [marked or not evil for evil in self.evil]
        self.entries = [
            entry_for(salt, record, at_once=open_)
            for salt, record, open_ in zip(self.salts, self.records, self.at_once, strict=True)
        ]
        self.leaves = [merkle.leaf_hash(entry) for entry in self.entries]
        self.checkpoint = Checkpoint(LOG.verifier.name, len(self.leaves), merkle.root(self.leaves))

    def evidence(self) -> Evidence:
        """For the victim: the keyholder's key, and the operator's own entries, each truly in the log."""
        shown = [at for at, evil in enumerate(self.evil) if evil or not at]
        return Evidence(str(LOG.verifier), LOG.sign(self.checkpoint.text()), tuple(map(self._proven, shown)))

    def public(self, *, told: bool = False) -> list[Entry]:
        """For everybody; `told`: the operator's own are served with their records."""
        return [
            Entry(at, entry.hex(), *(("", "") if self.evil[at] and not told else self._words(at)))
            for at, entry in enumerate(self.entries)
        ]

    def fetch(self, path: str) -> bytes:
        if path == "/ledger/checkpoint":
            return LOG.sign(self.checkpoint.text()).encode()
        if path.startswith("/ledger/entries"):
            return msgspec.json.encode({"entries": self.public()[int(path.rpartition("=")[2]) :]})
        if path.startswith("/ledger/tile/entries"):
            return tiles.bundle(self.entries)
        assert path.startswith("/ledger/tile/0")
        return b"".join(self.leaves)

    def _words(self, at: int) -> tuple[str, str]:
        return self.salts[at].hex(), self.records[at].decode()

    def _proven(self, at: int) -> Proven:
        path = merkle.inclusion_proof(at, len(self.leaves), merkle.of_leaves(self.leaves))
        return Proven(
            at, *self._words(at), tuple(base64.b64encode(step).decode() for step in path), self.at_once[at]
        )  # fmt: skip


def _process(type_: str) -> str:
    return "" if type_.startswith("Key") else OCID


def _whole(fact: dict[str, Any]) -> dict[str, Any]:
    return fact | ({"deadline": "2026-12-20T12:00:00Z"} if "recipient" in fact else {})


def monitored(served: Served) -> int:
    return Follower(served.fetch, LOG.verifier, Bounds()).round(None, datetime.now(UTC)).size


def test_hidden_facts_are_seen_by_nobody_else_so_the_client_takes_none() -> None:
    """Every one of them stands in the one signed log, and the file fits them in everything else."""
    served = Served(marked=False)
    assert monitored(served) == len(served.records), "to a monitor they look like bids"
    assert tender.verify(_log(served), OCID, served.public())
    with pytest.raises(Cannot, match=r"is hidden in the record"):
        prove(EVIL.file(evidence=served.evidence()), str(LOG.verifier))


def test_open_facts_convince_the_client_and_everybody_meets_them() -> None:
    served = Served(marked=True)
    assert prove(EVIL.file(evidence=served.evidence()), str(LOG.verifier)), "it may trust open entries, for"
    first = served.evil.index(True)
    said = rf"entry {first} is marked open, and its record is kept back"
    with pytest.raises(Broken, match=said):
        monitored(served)
    with pytest.raises(Broken, match=said):
        tender.verify(_log(served), OCID, served.public())
    with pytest.raises(Broken, match=f"entry {first} publishes the tender a second time"):
        tender.verify(_log(served), OCID, served.public(told=True))
    assert TENDER in served.records[first].decode()


def _log(served: Served) -> Log:
    return Log(served.checkpoint, served.entries)
