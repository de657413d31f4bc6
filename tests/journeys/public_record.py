"""A public record of a test's own, in which tenders are public, answering as `infra.web.record` does."""

import base64
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from procurement.bids.service.device import Asked
from procurement.holders.rules.facts import RosterFrozen
from procurement.infra.ledger.proofs import Proof
from procurement.infra.ledger.service import Entry
from procurement.kernel import merkle
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import HIDDEN, REPEATED, SALT, Record, entry_for, record_bytes
from procurement.kernel.sealing import Holder, holder_fingerprint, roster_hash
from procurement.kernel.sealing.opening_key import Opening, opening_key, sign_opening_key

SIGNER = SignerKey("test/record", bytes(range(32)))
KEYHOLDER = SignerKey("keyholder", bytes(range(1, 33)))


class PublicRecord:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.of: dict[str, list[Entry]] = {}
        self.hidden: Collection[str] = ()  # types of fact whose entries are not open ones
        self.cosigners: Sequence[CosignerKey] = ()
        self.seen = 0  # entries that are covered by a checkpoint; 0: all
        self.enter("KeyPublished", "", {"purpose": "keyholder", "verifier": str(KEYHOLDER.verifier)})

    def publish(
        self,
        asked: Asked,
        compared: Sequence[Holder] = (),
        ended: Sequence[str] = (),
        bound: datetime | None = None,
        hidden: Collection[str] = (),
    ) -> None:
        """The tender is public: its level, the keyholder's key, and its key holders. They enrolled their keys before;
        the fingerprints that second people confirmed are those of `compared`, their own where none are given. `ended`
        are ids. `bound` is until when the keyholder says that it stays closed, the published time where it is none.
        Facts of types `hidden` stand in entries that are not open."""
        self.hidden = hidden
        holders = asked.roster.holders if asked.roster else ()
        for one, true in zip(holders, compared or holders, strict=True):
            fact = {"holder": one.id, "fingerprint": holder_fingerprint(true.id, true.age, true.sign)}
            self.enter("KeyHolderEnrolled", "", {**fact, "age": one.age, "sign": one.sign})
            self.enter("KeyHolderConfirmed", "", fact)
        for id_ in ended:
            self.enter("KeyHolderEnded", "", {"holder": id_})
        assert asked.opening_at
        recipients = {"single": asked.recipient}
        second = {"financial_recipient": asked.financial_recipient} if asked.financial_recipient else {}
        if second:
            recipients = {"technical": asked.recipient, "financial": asked.financial_recipient}
        said = [
            opening_key(Opening(asked.tender, kind=kind), recipient, bound or asked.opening_at)
            for kind, recipient in recipients.items()
        ]
        sealed = {"tender": asked.tender, "seal_level": asked.level, "recipient": asked.recipient,
                  "opening_at": asked.opening_at,
                  "opening_keys": [sign_opening_key(KEYHOLDER.private, one) for one in said]}  # fmt: skip
        self.enter("TenderPublished", asked.ocid, sealed | second)
        if roster := asked.roster:
            self.enter("RosterFrozen", asked.ocid, RosterFrozen(
                tender=roster.tender, level=roster.level, m=roster.m, roster=roster_hash(roster), holders=[]
            ))  # fmt: skip

    def enter(self, type_: str, ocid: str, fact: Any) -> None:
        salt, record = secrets.token_bytes(SALT), record_bytes(type_, datetime.now(UTC), ocid, "", "", fact)
        bytes_ = entry_for(salt, record, at_once=type_ not in self.hidden)
        entry = Entry(len(self.entries), bytes_.hex(), salt.hex(), record.decode())
        self.entries.append(entry)
        self.of.setdefault(ocid, []).append(entry)

    def repeat(self) -> None:
        """What stands in entries that are not open is said again, of each procurement apart."""
        for ocid, entries in self.of.items():
            shown = [one for one in entries if len(one.entry) == 2 * HIDDEN]
            records = [{"entry": one.entry, "salt": one.salt, "record": one.record} for one in shown]
            self.enter(REPEATED, ocid, {"records": records})

    def feed(self) -> dict[str, Any]:
        """All that was recorded of holders' keys, as the change feed gives it."""
        facts = [(entry.index, msgspec.json.decode(entry.record, type=Record)) for entry in self.of.get("", [])]
        changes = [{"index": index, "type": said.type, "fact": said.fact} for index, said in facts]
        return {"changes": changes, "next": len(self.entries), "head": len(self.entries)}

    def answer(self, path: str) -> Any:
        """What is at /ledger/`path`: text for the checkpoint, else what becomes JSON."""
        what, _, which = path.partition("/")
        if what == "keys":
            return {"checkpoints": str(SIGNER.verifier)}
        if what == "process":
            return self.of.get(unquote(which), [])
        if what.startswith("entries"):
            start = int(what.partition("start=")[2].partition("&")[0])
            return {"entries": self.entries[start : start + 1]}
        if what == "checkpoint":
            return self._note(self.seen or len(self.entries), self.cosigners if which else ())
        index, size = int(which.partition("?")[0]), int(which.partition("size=")[2])
        leaves = self._leaves(size)
        hashes = merkle.inclusion_proof(index, size, merkle.of_leaves(leaves))
        return Proof(index, size, [base64.b64encode(one).decode() for one in hashes], "")

    def _note(self, size: int, cosigners: Sequence[CosignerKey]) -> str:
        text = Checkpoint(SIGNER.verifier.name, size, merkle.root(self._leaves(size))).text()
        return SIGNER.sign(text) + "".join(one.cosign(text, datetime.now(UTC)) for one in cosigners)

    def _leaves(self, size: int) -> list[bytes]:
        return [merkle.leaf_hash(bytes.fromhex(entry.entry)) for entry in self.entries[:size]]
