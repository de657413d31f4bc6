"""Suite SB1: how a bid is sealed, named, acknowledged and opened. Pure values; no clock, no database.

Seal level S1 locks the bid identity `E` to the keyholder alone; S2 and S3 lock shares of it, m of n, one to each key
holder of the roster, and those to the keyholder. See docs/sealed-bids.md.
"""

from procurement.kernel.sealing.age import new_identity, recipient_of
from procurement.kernel.sealing.closing import closing_root
from procurement.kernel.sealing.envelope import Envelope, digest, envelope_bytes, must_name_roster, parse_envelope
from procurement.kernel.sealing.files import FileSealer, SealedPart, seal_manifest
from procurement.kernel.sealing.holder_key import (
    HolderKey,
    holder_fingerprint,
    holder_key_bytes,
    new_holder_key,
    parse_holder_key,
)
from procurement.kernel.sealing.kit import Kit, kit_bytes, parse_kit
from procurement.kernel.sealing.lock import lock_identity, lock_shares, unlock_identity, unlock_shares
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
from procurement.kernel.sealing.possession import (
    Challenge,
    answer_challenge,
    expected_answer,
    new_challenge,
    seal_challenge,
)
from procurement.kernel.sealing.prices import ItemPrice, LotTotal, Prices, parse_prices, prices_bytes
from procurement.kernel.sealing.receipt import ReceiptBody, SignedReceipt, sign_receipt, verify_receipt
from procurement.kernel.sealing.roster import (
    Holder,
    Level,
    Roster,
    check_all_signed,
    check_roster_signature,
    parse_roster,
    roster_bytes,
    roster_hash,
    sign_roster,
    signing_key,
)
from procurement.kernel.sealing.shares import (
    Dealing,
    SealedShare,
    Share,
    check_share,
    deal,
    join_shares,
    must_be_dealt,
    open_share,
    parse_share,
    share_bytes,
)

__all__ = [
    "PART",
    "SUITE",
    "Blob",
    "Challenge",
    "Dealing",
    "Envelope",
    "FileSealer",
    "Holder",
    "HolderKey",
    "ItemPrice",
    "Kit",
    "Level",
    "LotTotal",
    "Manifest",
    "Prices",
    "ReceiptBody",
    "Roster",
    "SealedFile",
    "SealedPart",
    "SealedPartHashes",
    "SealedShare",
    "Share",
    "SignedReceipt",
    "answer_challenge",
    "check_all_signed",
    "check_binding",
    "check_blobs",
    "check_roster_signature",
    "check_share",
    "closing_root",
    "deal",
    "digest",
    "envelope_bytes",
    "expected_answer",
    "holder_fingerprint",
    "holder_key_bytes",
    "join_shares",
    "kit_bytes",
    "lock_identity",
    "lock_shares",
    "manifest_bytes",
    "must_be_dealt",
    "must_name_roster",
    "new_challenge",
    "new_holder_key",
    "new_identity",
    "open_share",
    "padded_size",
    "parse_envelope",
    "parse_holder_key",
    "parse_kit",
    "parse_manifest",
    "parse_prices",
    "parse_roster",
    "parse_share",
    "prices_bytes",
    "recipient_of",
    "roster_bytes",
    "roster_hash",
    "seal_challenge",
    "seal_manifest",
    "seal_part",
    "share_bytes",
    "sign_receipt",
    "sign_roster",
    "signing_key",
    "unlock_identity",
    "unlock_shares",
    "verify_receipt",
]
