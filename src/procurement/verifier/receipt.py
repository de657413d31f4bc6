"""A receipt against its signature, and against the record where one can be reached."""

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import SignedReceipt, verify_receipt
from procurement.verifier.log import Broken, Log


def verify(text: bytes, key: VerifierKey, log: Log | None = None) -> tuple[SignedReceipt, list[str]]:
    """Check a receipt file; returns it with what was checked, in words. Broken says what is wrong."""
    try:
        signed = msgspec.json.decode(text, type=SignedReceipt)
        verify_receipt(Ed25519PublicKey.from_public_bytes(key.key), signed)
    except msgspec.DecodeError as malformed:
        raise Broken(f"this is not a receipt: {malformed}") from None
    except Refused as no:
        raise Broken(no.detail) from None
    checks = [f"the signature is by {key.name}", "the bid was received before the deadline that applied"]
    if log is not None:
        try:
            index = log.places[bytes.fromhex(signed.receipt.record)]
        except KeyError:
            promised = f"{signed.receipt.record}, promised by {signed.receipt.merge_by}"
            raise Broken(f"the bid's entry {promised}, is not in the log") from None
        checks.append(f"the bid is entry {index} of the signed log")
    return signed, checks
