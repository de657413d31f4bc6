"""A key holder's device in Chromium: what the service sends it, and how its worker is asked."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from playwright.sync_api import Page
from promises import key as named
from promises import published, shown, told_of
from promises import word as signed

from procurement.holders import offline
from procurement.kernel import merkle
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import entry_hash, open_entry, record_bytes
from procurement.kernel.ids import new_id
from procurement.kernel.sealing import age
from procurement.kernel.sealing.closing import closing_root
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.opening_record import Told
from procurement.kernel.sealing.roster import Holder, Roster
from procurement.kernel.sealing.shares import deal

WORDS = "five words that belong nowhere"
TENDER = "2026-0001"
CLOSED = datetime(2026, 1, 1, tzinfo=UTC)
LOG = SignerKey("procurement.example/log", b"\7" * 32)
PRACTICE = SignerKey("procurement.example/log/sandbox-1", b"\7" * 32)
KEYS = [new_holder_key(new_id()) for _ in range(3)]
ASK = """
async ([act, given]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  for (const name of ["file", "sealed", "roster"]) if (given[name]) given[name] = bytes(given[name]);
  const worker = new Worker("/static/built/holder-worker.js", { type: "module" });
  const said = await new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.postMessage({ act, ...given });
  });
  worker.terminate();
  if (said.done?.file) said.done.file = btoa(String.fromCharCode(...said.done.file));
  return said;
}
"""


def ask(device: Page, act: str, **given: Any) -> dict[str, Any]:
    said: dict[str, Any] = device.evaluate(ASK, [act, given])
    return said


def mine(file: str) -> dict[str, str]:
    return {"file": file, "passphrase": WORDS, "member": KEYS[0].holder}


def sealed_to(key: HolderKey, text: bytes) -> str:
    return base64.b64encode(age.encrypt(text, key.recipient)).decode()


def roster() -> Roster:
    halves = [offline.public_half(key) for key in KEYS]
    holders = [
        Holder(id=one.holder, office="Ämter & Büros", organisation="city", age=one.age, sign=one.sign) for one in halves
    ]
    return Roster(tender=TENDER, level="S2", m=2, holders=tuple(holders))


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    """The audit path, by the definition in RFC 9162."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    if index < half:
        return [*_path(index, left), merkle.root(right)]
    return [*_path(index - half, right), merkle.root(left)]


def wanted(
    bids: int = 2, entries: int = 5, deadline: datetime = CLOSED, log: SignerKey = LOG, before: bytes = b"",
    tender: str = TENDER, cosigners: Sequence[CosignerKey] = (),
) -> dict[str, Any]:  # fmt: skip
    """What the service sends at an opening, with a closing at place 3 of a log of so many entries."""
    shares = []
    for number in range(bids):
        identity, recipient = age.new_identity()
        mine = deal(identity, roster())[0]
        envelope = canonical({"kind": "single", "lot_group": "", "recipient": recipient, "version": number})
        shares.append(
            {"digest": sha256_hex(envelope), "envelope": envelope.decode(), "commit": mine.commit, "ct": mine.ct}
        )
    digests = [one["digest"] for one in shares]
    count, root = closing_root(digests)
    fact = {"tender": tender, "bids": count, "root": root, "deadline": deadline}
    record = record_bytes("TenderClosed", CLOSED, "ocds-1", "system:closing", "city", fact)
    record = b"{" + before + record[1:]
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(entries)]
    leaves[3] = merkle.leaf_hash(entry_hash(b"\1" * 32, record))
    text = Checkpoint(log.verifier.name, entries, merkle.root(leaves)).text()
    note = log.sign(text) + "".join(one.cosign(text, CLOSED) for one in cosigners)
    proof = [one.hex() for one in _path(3, leaves)]
    closing = {"record": record.decode(), "salt": "01" * 32, "index": 3, "proof": proof, "checkpoint": note}
    return {"tender": tender, "member": KEYS[0].holder, "opening_at": "2026-01-01T00:00:00Z",
            "word": sent(told_of(tender, CLOSED), log),
            "ledger": str(log.verifier), "closing": closing, "digests": digests, "shares": shares}  # fmt: skip


def sent(told: Sequence[Told], log: SignerKey = LOG, cosigners: Sequence[CosignerKey] = (), **more: Any) -> list[Any]:
    """What the record says of the keyholder's word, as JSON."""
    as_json: list[Any] = msgspec.to_builtins(shown(told, log, cosigners, **more))
    return as_json


def prices_wanted() -> dict[str, Any]:
    """What the service sends when prices are opened: of two bids the first passed. `failed` is the other's share."""
    shares, log = [], LOG
    for number in range(2):
        identity, recipient = age.new_identity()
        dealt = deal(identity, roster(), kind="financial")[0]
        envelope = canonical({"kind": "financial", "lot_group": "", "recipient": recipient, "version": number})
        shares.append(
            {"digest": sha256_hex(envelope), "envelope": envelope.decode(), "commit": dealt.commit, "ct": dealt.ct}
        )
    digests = [*(one["digest"] for one in shares), f"{7:064x}", f"{8:064x}"]
    count, root = closing_root(digests)
    closed = {"tender": TENDER, "bids": count, "root": root, "deadline": CLOSED}
    records = [record_bytes("TenderClosed", CLOSED, "ocds-1", "system:closing", "city", closed)]
    leaves = [merkle.leaf_hash(entry_hash(b"\1" * 32, records[0]))]
    decided = {"tender": TENDER, "closing": leaves[0].hex(), "passed": digests[:1], "failed": digests[1:2]}
    records.append(record_bytes("TechnicalDecided", CLOSED, "ocds-1", "somebody", "city", decided))
    leaves.append(merkle.leaf_hash(open_entry(b"\1" * 32, records[1])))
    note = log.sign(Checkpoint(log.verifier.name, 2, merkle.root(leaves)).text())
    closing, decision = (
        {"record": record.decode(), "salt": "01" * 32, "index": index, "checkpoint": note,
         "proof": [one.hex() for one in _path(index, leaves)], "open": bool(index)}
        for index, record in enumerate(records)
    )  # fmt: skip
    two = [signed(CLOSED, tender=TENDER, kind=kind) for kind in ("technical", "financial")]
    told = [named(1), published(2, CLOSED, *two, tender=TENDER, financial_recipient=two[1]["statement"]["recipient"])]
    return {"tender": TENDER, "member": KEYS[0].holder, "opening_at": "2026-01-01T00:00:00Z", "decision": decision,
            "word": sent(told), "ledger": str(log.verifier), "closing": closing, "digests": digests,
            "shares": shares[:1], "failed": shares[1]}  # fmt: skip


def unkeyed(wanted: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An act without a key: "key" is its trouble when nothing else is left to check."""
    return {"file": "", "passphrase": "", "member": KEYS[0].holder, "tender": wanted["tender"], "practice": False,
            "wanted": wanted, **more}  # fmt: skip
