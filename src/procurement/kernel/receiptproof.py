"""A receipt that has become a proof: a tlog-proof whose extra line holds the receipt, and the record behind its entry.

The receipt is a promise: its signer says that the bid's entry will stand in the log. The proof needs no promise. The
record and its salt give the entry, the path leads from the entry to the signed root, and the record says what the
receipt says.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from procurement.kernel import merkle
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import BadNote
from procurement.kernel.entry import SALT, entry_hash, read_record
from procurement.kernel.logproof import LogProof
from procurement.kernel.sealing import ReceiptBody, SignedReceipt

SAME = ("tender", "supplier", "version", "digest")
OF_PRICES = ("financial", "financial_lots")
SAME_MOMENT = ("received_at", "deadline_applied")


class ProvenReceipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`record` is the canonical text of the ledger's BidReceived, `salt` its 32 bytes in hex."""

    type: Literal["receipt-proof/v1"] = "receipt-proof/v1"
    receipt: SignedReceipt
    record: str
    salt: str


def proof_of(proven: ProvenReceipt, index: int, path: tuple[bytes, ...], checkpoint: str) -> LogProof:
    """The file to keep."""
    return LogProof(index, path, checkpoint, canonical(proven))


def proven_receipt(proof: LogProof) -> tuple[ProvenReceipt, bytes]:
    """The receipt in a proof, and the leaf hash that the proof has to lead from. BadNote when they do not fit.

    The log's signature and the path are `LogProof.verify`'s to check; the receipt's own signature is not looked at.
    """
    try:
        proven = msgspec.json.decode(proof.extra, type=ProvenReceipt)
        salt, record = bytes.fromhex(proven.salt), read_record(proven.record.encode())
    except ValueError:
        raise BadNote("the proof holds no receipt") from None
    entry = entry_hash(salt, proven.record.encode())
    if len(salt) != SALT or entry.hex() != proven.receipt.receipt.record:
        raise BadNote("the record in the proof is not the one that the receipt names")
    if record.type != "BidReceived" or not _says_the_same(record.fact, proven.receipt.receipt):
        raise BadNote("the record in the proof says something else than the receipt")
    return proven, merkle.leaf_hash(entry)


def _says_the_same(fact: dict[str, Any], receipt: ReceiptBody) -> bool:
    try:
        moments = all(
            datetime.fromisoformat(fact[name]) == datetime.fromisoformat(getattr(receipt, name)) for name in SAME_MOMENT
        )
    except (KeyError, TypeError, ValueError):
        return False
    same = {name: getattr(receipt, name) for name in SAME}
    same |= {name: getattr(receipt, name) or None for name in OF_PRICES}
    return moments and all(fact.get(name) == value for name, value in same.items())
