"""The record in a receipt's proof is read in its one spelling, or not at all."""

import msgspec
import pytest

from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import BadNote
from procurement.kernel.entry import Record, entry_hash
from procurement.kernel.logproof import LogProof
from procurement.kernel.receiptproof import ProvenReceipt, proof_of, proven_receipt
from procurement.kernel.sealing import ReceiptBody, SignedReceipt

RECEIVED, DEADLINE = "2026-11-01T11:00:00.000000Z", "2026-11-01T12:00:00.000000Z"
SAID = {"tender": "2026-0001", "supplier": "harbour", "version": 1, "digest": "aa" * 32}
FACT = {**SAID, "received_at": RECEIVED, "deadline_applied": DEADLINE}
RECORD = canonical(Record("BidReceived", RECEIVED, "ocds-1", "person:1", "harbour", FACT))


def proof(record: bytes) -> LogProof:
    """As a service with both keys might make it: the receipt names the entry that this record gives."""
    entry = entry_hash(bytes(32), record).hex()
    moments = {"received_at": RECEIVED, "deadline_applied": DEADLINE, "merge_by": DEADLINE}
    body = msgspec.convert({**SAID, **moments, "record": entry, "recipient": "age1", "key": "ed25519:0"}, ReceiptBody)
    held = ProvenReceipt(receipt=SignedReceipt(receipt=body, signature=""), record=record.decode(), salt="00" * 32)
    return proof_of(held, 0, (), "")


def test_the_record_in_a_proof_is_read_in_its_one_spelling() -> None:
    assert proven_receipt(proof(RECORD))[0].receipt.receipt.digest == "aa" * 32
    for other in (b'{"type":"BidWithdrawn",' + RECORD[1:], RECORD.replace(b":", b": ", 1)):
        with pytest.raises(BadNote, match="holds no receipt"):
            proven_receipt(proof(other))
