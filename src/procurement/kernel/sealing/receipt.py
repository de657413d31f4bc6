"""The receipt: a signed right. Whoever holds it can prove what was received, when, and by which deadline."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import UNSET, UnsetType

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.signing import key_id, must_be_signed, sign
from procurement.kernel.sealing.strict import Name, Sha256

Moment = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")]


class ReceiptBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the receipt key signs, as RFC 8785 JSON.

    `digest` is that of the envelope; moments are UTC to the microsecond; `record` is the ledger entry (hex) of
    BidReceived, to be in a signed checkpoint by `merge_by`; `recipient` lets the bidder's kit prove what it opens. Of a
    bid of two envelopes these are of the technical one, and `financial` is the digest of the other; `financial_lots`
    are those of each lot that it is for, by the lot's id, where lots are priced apart.
    """

    type: Literal["receipt/v1"] = "receipt/v1"
    digest: Sha256
    tender: Name
    supplier: Name
    version: int
    received_at: Moment
    deadline_applied: Moment
    record: Sha256
    merge_by: Moment
    recipient: Name
    key: Name
    financial: Sha256 | UnsetType = UNSET
    financial_lots: dict[Name, Sha256] | UnsetType = UNSET


class SignedReceipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt file: the body and the base64 Ed25519 signature over its canonical bytes."""

    receipt: ReceiptBody
    signature: str


def moment(at: datetime) -> str:
    """UTC to the microsecond: 2026-11-21T15:42:07.318204Z. The one spelling that is signed."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sign_receipt(private: Ed25519PrivateKey, body: ReceiptBody) -> SignedReceipt:
    """Sign with the receipt key, which is never the checkpoint key. `body.key` is set to that key's id."""
    named = msgspec.structs.replace(body, key=key_id(private.public_key()))
    return SignedReceipt(receipt=named, signature=sign(private, canonical(named)))


def verify_receipt(public: Ed25519PublicKey, signed: SignedReceipt) -> None:
    """Refused("signature-wrong", 422) for a wrong key or an altered receipt; ("receipt-impossible", 422) for one that
    says that a late bid was received."""
    if signed.receipt.key != key_id(public):
        raise Refused("signature-wrong", "This receipt was signed with another key.", status=422)
    must_be_signed(public, canonical(signed.receipt), signed.signature)
    if signed.receipt.received_at >= signed.receipt.deadline_applied:
        raise Refused("receipt-impossible", "This receipt is for a bid at or after its deadline.", status=422)
