"""Suite SB1: how a bid is sealed, named, acknowledged and opened. Pure values; no clock, no database.

Seal level S1: the bid identity `E` is locked to the keyholder alone (m = n = 0, no roster). See docs/sealing.md.
"""

from procurement.kernel.sealing.age import new_identity, recipient_of
from procurement.kernel.sealing.closing import closing_root
from procurement.kernel.sealing.envelope import Envelope, digest, envelope_bytes, parse_envelope
from procurement.kernel.sealing.files import FileSealer, SealedPart, seal_manifest
from procurement.kernel.sealing.lock import lock_identity, unlock_identity
from procurement.kernel.sealing.manifest import (
    SUITE,
    Manifest,
    SealedFile,
    SealedPartHashes,
    check_binding,
    check_blobs,
    manifest_bytes,
    parse_manifest,
)
from procurement.kernel.sealing.padding import padded_size
from procurement.kernel.sealing.parts import PART, Blob, seal_part
from procurement.kernel.sealing.prices import ItemPrice, LotTotal, Prices, parse_prices, prices_bytes
from procurement.kernel.sealing.receipt import ReceiptBody, SignedReceipt, sign_receipt, verify_receipt

__all__ = [
    "PART",
    "SUITE",
    "Blob",
    "Envelope",
    "FileSealer",
    "ItemPrice",
    "LotTotal",
    "Manifest",
    "Prices",
    "ReceiptBody",
    "SealedFile",
    "SealedPart",
    "SealedPartHashes",
    "SignedReceipt",
    "check_binding",
    "check_blobs",
    "closing_root",
    "digest",
    "envelope_bytes",
    "lock_identity",
    "manifest_bytes",
    "new_identity",
    "padded_size",
    "parse_envelope",
    "parse_manifest",
    "parse_prices",
    "prices_bytes",
    "recipient_of",
    "seal_manifest",
    "seal_part",
    "sign_receipt",
    "unlock_identity",
    "verify_receipt",
]
