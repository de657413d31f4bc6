"""A receipt against its signature, and against the record: read from the service, or proven by the file itself."""

from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from procurement.kernel.checkpoint import BadNote, VerifierKey
from procurement.kernel.cosignature import WitnessKey
from procurement.kernel.logproof import HEADER, LogProof
from procurement.kernel.receiptproof import proven_receipt
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import SignedReceipt, verify_receipt
from procurement.verifier.log import Broken, Log

IN_TIME = "the bid was received before the deadline that applied"


def is_proof(text: bytes) -> bool:
    """Whether the file is a tlog-proof, else it can only be the receipt alone."""
    return text.startswith(HEADER.encode())


def verify(text: bytes, key: VerifierKey, log: Log | None = None) -> tuple[SignedReceipt, list[str]]:
    """Check a receipt file; returns it with what was checked, in words. Broken says what is wrong."""
    try:
        signed = msgspec.json.decode(text, type=SignedReceipt)
    except msgspec.DecodeError as malformed:
        raise Broken(f"this is not a receipt: {malformed}") from None
    checks = [_signed(signed, key), IN_TIME]
    if log is not None:
        try:
            index = log.places[bytes.fromhex(signed.receipt.record)]
        except KeyError:
            promised = f"{signed.receipt.record}, promised by {signed.receipt.merge_by}"
            raise Broken(f"the bid's entry {promised}, is not in the log") from None
        checks.append(f"the bid is entry {index} of the signed log")
    return signed, checks


def verify_proof(
    text: bytes, log: VerifierKey, receipts: VerifierKey | None, witnesses: Sequence[WitnessKey] = ()
) -> tuple[SignedReceipt, list[str]]:
    """Check a receipt's tlog-proof with nothing but keys; every one of `witnesses` has to have cosigned.

    Without the key of the receipts their signature stays unchecked: what the receipt says, the log says too.
    """
    try:
        proof = LogProof.parse(text.decode())
        proven, leaf = proven_receipt(proof)
        shown = proof.verify(leaf, log, witnesses)
    except (BadNote, UnicodeError) as wrong:
        raise Broken(str(wrong)) from None
    signed = proven.receipt
    checks = [_signed(signed, receipts)] if receipts else []
    if signed.receipt.received_at >= signed.receipt.deadline_applied:
        raise Broken("this is the record of a bid at or after its deadline")
    checks += [IN_TIME, f"the bid is entry {proof.index} of the log that {log.name} signed at {shown.checkpoint.size}"]
    checks += [f"{one.witness} cosigned that log at {one.at:%Y-%m-%d %H:%M:%S} UTC" for one in shown.witnesses]
    if missing := {witness.name for witness in witnesses} - {one.witness for one in shown.witnesses}:
        raise Broken(f"{min(missing)} did not cosign the checkpoint of this proof")
    return signed, checks


def _signed(signed: SignedReceipt, key: VerifierKey) -> str:
    try:
        verify_receipt(Ed25519PublicKey.from_public_bytes(key.key), signed)
    except Refused as no:
        raise Broken(no.detail) from None
    return f"the signature is by {key.name}"
