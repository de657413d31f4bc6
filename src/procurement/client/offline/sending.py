"""A sealed package on its way to the service: uploaded where it was left, submitted, deposited again."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from procurement.client.answers import Received, WhatToSeal
from procurement.client.offline import Cannot
from procurement.client.offline.package import Package
from procurement.client.service import Client
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Blob, SignedReceipt, verify_receipt
from procurement.kernel.sealing.roster import parse_roster, roster_hash

Tell = Callable[[int, int], object]
"""Told of progress: bytes that are there, and of how many."""


def must_still_fit(client: Client, package: Package) -> WhatToSeal:
    """What the tender asks now. Raises Cannot where the package was sealed for something else, Problem."""
    told, envelope = client.bids.what_to_seal(package.bid.tender), package.envelope
    if told.supplier != package.bid.supplier:
        raise Cannot("This package is of another organisation than the token acts for.")
    if told.envelopes != tuple(dict.fromkeys(one.kind for one in package.envelopes)):
        raise Cannot("This package does not hold the envelopes that the tender takes. Fetch it, and seal again.")
    if told.revision != envelope.revision:
        raise Cannot("The tender was amended since this package was sealed. Fetch it, read it, and seal again.")
    if envelope.roster != (roster_hash(parse_roster(told.roster.encode())) if told.roster else ""):
        raise Cannot("This package was not sealed for the key holders of this tender. Fetch it, and seal again.")
    stands = told.submitted and told.submitted.digest == package.bid.digest
    if not stands and told.next_version != package.bid.version:
        raise Cannot(f"The next version of your bid is {told.next_version}, and this package is version "
                     f"{package.bid.version}. Fetch the tender again, and seal again.")  # fmt: skip
    return told


def upload(client: Client, package: Package, tell: Tell) -> int:
    """Store what is not there yet; returns how many parts that were. Uploaded is not submitted."""
    blobs, whole = package.blobs, sum(blob.size for blob in package.blobs)
    there = set(client.bids.stored(package.bid.tender))
    done = sum(blob.size for blob in blobs if blob in there)
    missing = [blob for blob in blobs if blob not in there]
    for blob in missing:
        client.bids.upload_part(package.bid.tender, blob, package.part(blob))
        done += blob.size
        tell(done, whole)
    return len(missing)


def submit(client: Client, package: Package) -> SignedReceipt:
    """The receipt, checked. Again is the same receipt, also after the deadline."""
    bid, key = package.bid, f"sealed-{package.bid.digest}"
    received = client.bids.hand_in(bid.tender, package.envelope, bid.version, package.financial, key=key)
    return must_be_ours(client, package, received)


def must_be_ours(client: Client, package: Package, received: Received) -> SignedReceipt:
    """Raises Cannot for a receipt of something else, or one that the receipt key did not sign."""
    receipt = received.receipt
    try:
        verify_receipt(Ed25519PublicKey.from_public_bytes(VerifierKey.parse(client.keys().receipts).key), receipt)
    except Refused as no:
        raise Cannot(f"The service gave a receipt that does not hold: {no.detail}") from None
    if not package.is_named_by(receipt.receipt):
        raise Cannot("The service gave a receipt for another bid. Keep it, and tell the buyer.")
    return receipt


def deposit(client: Client, package: Package) -> tuple[Blob, ...]:
    """Give again what the service lost of a bid that it acknowledged; returns those parts. Raises Problem."""
    lost = client.bids.lost(package.bid.digest)
    for blob in lost:
        client.bids.deposit(package.bid.digest, blob, package.part(blob))
    return lost
