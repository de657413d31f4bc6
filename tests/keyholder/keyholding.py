"""A keyholder with a clock of its own, a small ledger, and officers who have their key codes."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from procurement.kernel import merkle
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import entry_for, record_bytes
from procurement.kernel.sealing import (
    Blob,
    Envelope,
    closing_root,
    digest,
    envelope_bytes,
    lock_identity,
    new_identity,
)
from procurement.keyholder import protocol as say
from procurement.keyholder import totp
from procurement.keyholder.service import Keyholder
from procurement.keyholder.store import Store

ORIGIN = "marrow.example/record"
OPENING = say.Opening("2026-0418")
OPENS_AT = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)


class MovableClock:
    def __init__(self) -> None:
        self.at = OPENS_AT - timedelta(days=10)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Ledger:
    """Signs trees whose leaves are the given records among strangers."""

    def __init__(self, seed: bytes = b"k" * 32, origin: str = ORIGIN) -> None:
        self.key, self.origin = SignerKey(origin, seed), origin

    def evidence(
        self,
        record: bytes,
        index: int = 3,
        size: int = 7,
        witnesses: Sequence[CosignerKey] = (),
        at_once: bool | None = None,
    ) -> say.Evidence:
        """Of a record in a signed tree, cosigned by these witnesses; in an open entry unless it is a closing, or
        `at_once` says otherwise."""
        salt = b"s" * 32
        at_once = b'"type":"TenderClosed"' not in record if at_once is None else at_once
        leaves = [merkle.leaf_hash(bytes([i]) * 32) for i in range(size)]
        leaves[index] = merkle.leaf_hash(entry_for(salt, record, at_once=at_once))
        text = Checkpoint(self.origin, size, merkle.root(leaves)).text()
        note = self.key.sign(text) + "".join(witness.cosign(text, OPENS_AT) for witness in witnesses)
        proof = merkle.inclusion_proof(index, size, merkle.of_leaves(leaves))
        return say.Evidence(
            record=record.decode(),
            salt=salt.hex(),
            index=index,
            proof=tuple(sibling.hex() for sibling in proof),
            checkpoint=note,
            open=at_once,
        )


def ended_record(type_: str, at: datetime, tender: str = "2026-0418") -> bytes:
    return record_bytes(type_, at, "ocds-xmarrow-2026-0418", "system:retention", "", {"tender": tender})


def closing_record(
    digests: list[str], tender: str = "2026-0418", type_: str = "TenderClosed", deadline: datetime = OPENS_AT
) -> bytes:
    count, root = closing_root(digests)
    fact = {"tender": tender, "deadline": deadline, "bids": count, "root": root, "closed_at": deadline}
    return record_bytes(type_, OPENS_AT, "ocds-xmarrow-2026-0418", "system:closing", "", fact)


class Office:
    """What the tests act on: `keyholder`, its `clock`, the `ledger`, and officers' secrets."""

    def __init__(self, folder: Path, sandbox: bool = False) -> None:
        self.clock, self.ledger, self.folder = MovableClock(), Ledger(), folder
        self.store = Store(folder, sandbox)
        self.keyholder = Keyholder(self.store, self.clock)
        self.secrets: dict[str, str] = {}

    def enrol(self, *people: str) -> None:
        for person in people:
            self.secrets[person] = self.keyholder.persons.enrol(person).secret
            self.keyholder.persons.confirm(person, self.code(person))
        self.clock.move(2 * totp.STEP)

    def code(self, person: str, drift: int = 0) -> str:
        return totp.code_at(self.secrets[person], totp.step_at(self.clock().timestamp()) + drift)

    def wants(self, person: str, leaf: str, code: str = "", opening: say.Opening = OPENING) -> say.Asserted:
        return self.keyholder.assert_opening(
            say.Assert(person=person, code=code or self.code(person), opening=opening, leaf=leaf)
        )

    def release(self, evidence: say.Evidence, digests: list[str], opening: say.Opening = OPENING) -> say.Granted:
        return self.keyholder.release(say.Release(opening=opening, evidence=evidence, digests=tuple(digests)))

    def sealed(self, opening: say.Opening = OPENING, **changes: object) -> tuple[str, bytes]:
        """(bid identity, envelope) of a bid locked to this opening's identity."""
        identity, recipient = new_identity()
        bound = self.keyholder.identity(opening, OPENS_AT)
        envelope = Envelope(
            tender=opening.tender,
            revision="a" * 64,
            kind=opening.kind,  # type: ignore[arg-type]  # of the words that an envelope knows
            recipient=recipient,
            blobs=(Blob(digest(recipient.encode()), 500),),
            locked=base64.b64encode(lock_identity(identity, bound.recipient)).decode(),
            sealed_by="server",
            client="test",
        )
        return identity, envelope_bytes(msgspec.structs.replace(envelope, **changes))
