"""Receipts: signed when the record exists, stored as handed out, checked for anyone who holds one."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import exists, insert, select

from procurement.bids.rules.facts import named_apart
from procurement.bids.tables import Bid, BidFinancial, BidReceipt, BidWithdrawal
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.proofs import Proof, prove
from procurement.infra.tx import Tx
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import BadNote, SignerKey, VerifierKey
from procurement.kernel.logproof import HEADER, LogProof
from procurement.kernel.merkle import leaf_hash, verify_inclusion
from procurement.kernel.permissions import P
from procurement.kernel.receiptproof import ProvenReceipt, proof_of, proven_receipt
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import (
    Envelope,
    ReceiptBody,
    SignedReceipt,
    parse_envelope,
    sign_receipt,
    verify_receipt,
)
from procurement.kernel.sealing.receipt import moment

MERGE_WITHIN = timedelta(hours=24)  # by when the entry stands in a signed checkpoint; usually within a second
LARGEST = 16 << 10  # bytes of a receipt somebody wants checked


class Stamped(msgspec.Struct, frozen=True):
    """A bid as the database stamped it; `financial` are the digests of its financial envelopes, by lot: "" of one for
    all lots."""

    id: str
    tender: str
    supplier: str
    version: int
    digest: str
    received_at: datetime
    deadline_applied: datetime
    financial: dict[str, str] = {}


class Receipt(msgspec.Struct, frozen=True):
    """A receipt as its holder may see it. `body` is the file to keep, `envelope` what was sealed; `fate` says whether
    this version still counts."""

    bid: Stamped
    signed: SignedReceipt
    body: bytes
    envelope: Envelope
    fate: Literal["counts", "replaced", "withdrawn"]


class Received(msgspec.Struct, frozen=True):
    """`receipt` is the file to keep; `bid` names it here."""

    bid: str
    receipt: SignedReceipt


class Checked(msgspec.Struct, frozen=True):
    """A receipt whose signature is ours. `proof` shows its entry in a signed checkpoint; None while it waits for one,
    which it may until the receipt's `merge_by`."""

    receipt: ReceiptBody
    proof: Proof | None


async def issue(tx: Tx, signer: SignerKey, bid: Stamped, envelope: Envelope, record_id: int) -> Receipt:
    """Sign and keep the receipt of a bid whose record was just written, in the same transaction."""
    tx.actor.must(P.BID_SUBMIT, of=bid.supplier)
    made = signed(signer, bid, envelope, await ledger.entry_of(tx.session, record_id))
    await tx.session.execute(insert(BidReceipt).values(bid_id=bid.id, record_id=record_id, body=made.body))
    return made


def signed(signer: SignerKey, bid: Stamped, envelope: Envelope, entry: bytes) -> Receipt:
    """The receipt of a bid whose record is committed to by `entry`."""
    unsigned = ReceiptBody(
        digest=bid.digest,
        tender=bid.tender,
        supplier=bid.supplier,
        version=bid.version,
        received_at=moment(bid.received_at),
        deadline_applied=moment(bid.deadline_applied),
        record=entry.hex(),
        merge_by=moment(bid.received_at + MERGE_WITHIN),
        recipient=envelope.recipient,
        key="",
        **named_apart(bid.financial),
    )
    made = sign_receipt(signer.private, unsigned)
    return Receipt(bid, made, canonical(made), envelope, "counts")


async def receipt(tx: Tx, bid_id: str) -> Receipt:
    """The receipt of a bid. Refused("receipt-unknown", 404) for everybody but the bidder's organisation."""
    found = (
        await tx.session.execute(
            select(Bid, BidReceipt).join(BidReceipt, BidReceipt.bid_id == Bid.id).where(Bid.id == bid_id)
        )
    ).one_or_none()
    if found is None or not tx.actor.may(P.BID_READ_OWN, of=found.Bid.supplier_id):
        raise unknown("receipt")
    bid, kept = found
    financial = select(BidFinancial.lot, BidFinancial.digest).where(BidFinancial.bid_id == bid_id)
    return Receipt(
        bid=Stamped(
            bid.id,
            bid.tender_id,
            bid.supplier_id,
            bid.version,
            bid.digest,
            bid.received_at,
            bid.deadline_applied,
            {lot: digest for lot, digest in await tx.session.execute(financial)},
        ),
        signed=msgspec.json.decode(kept.body, type=SignedReceipt),
        body=kept.body,
        envelope=parse_envelope(bid.envelope),
        fate=await _fate(tx, bid),
    )


async def _fate(tx: Tx, bid: Bid) -> Literal["counts", "replaced", "withdrawn"]:
    later = Bid.tender_id == bid.tender_id, Bid.supplier_id == bid.supplier_id, Bid.version > bid.version
    if await tx.session.scalar(select(exists().where(*later))):
        return "replaced"
    taken_back = await tx.session.scalar(select(exists().where(BidWithdrawal.bid_id == bid.id)))
    return "withdrawn" if taken_back else "counts"


async def proof_file(tx: Tx, bid_id: str) -> bytes:
    """The receipt as a C2SP tlog-proof, to be checked with the log's public key alone.

    Refused("receipt-unknown", 404) as for the receipt, ("not-yet-proven", 404) until a signed checkpoint covers it.
    """
    mine = (await receipt(tx, bid_id)).signed
    record_id = await tx.session.scalar(select(BidReceipt.record_id).where(BidReceipt.bid_id == bid_id))
    assert record_id is not None
    entry = await ledger.unveiled(tx.session, record_id)  # of their own bid: nobody else gets here
    if entry is None:
        raise Refused("not-yet-proven", "No signed checkpoint covers this entry yet. Try again soon.", status=404)
    proof = await prove(tx.session, entry.index)
    proven = ProvenReceipt(receipt=mine, record=entry.record, salt=entry.salt)
    return proof_of(proven, entry.index, tuple(proof.hashes()), proof.checkpoint).text().encode()


async def check(tx: Tx, signer: SignerKey, file: bytes) -> Checked:
    """Check a receipt for whoever holds it, alone or with its proof: our signature, then the place of its entry in the
    record.

    Refused("receipt-malformed", 422), ("signature-wrong", 422), ("receipt-impossible", 422), ("proof-wrong", 422).
    """
    if len(file) > LARGEST:
        raise Refused("receipt-malformed", "This is too large for a receipt.", status=422)
    try:
        if file.startswith(HEADER.encode()):
            signed = await _proven(tx, file)
        else:
            signed = msgspec.json.decode(file, type=SignedReceipt)
    except (msgspec.MsgspecError, UnicodeError):
        raise Refused("receipt-malformed", "This is not one of our receipts, or not all of it.", status=422) from None
    verify_receipt(signer.private.public_key(), signed)
    return Checked(signed.receipt, await _proof(tx, signed.receipt))


async def _proven(tx: Tx, file: bytes) -> SignedReceipt:
    """The receipt in a tlog-proof that holds against the key of the log as it is published now."""
    keys = await ledger.published_keys(tx.session)
    try:
        proof = LogProof.parse(file.decode())
        proven, leaf = proven_receipt(proof)
        proof.verify(leaf, VerifierKey.parse(keys.get("checkpoints", "")))
    except BadNote as wrong:
        raise Refused("proof-wrong", f"The proof in this file does not hold: {wrong}.", status=422) from None
    return proven.receipt


async def _proof(tx: Tx, receipt: ReceiptBody) -> Proof | None:
    """From the stored tree, and verified as a stranger would. Refused("record-altered", 500) if it does not lead to
    the signed root."""
    kept = select(BidReceipt.record_id).join(Bid, Bid.id == BidReceipt.bid_id).where(Bid.digest == receipt.digest)
    record_id = await tx.session.scalar(kept)
    placed = None if record_id is None else await ledger.placed(tx.session, record_id)
    head = await ledger.latest_checkpoint(tx.session)
    if placed is None or head is None or placed.index >= head.size:
        return None
    proof = await prove(tx.session, placed.index, head.size)
    leaf = leaf_hash(bytes.fromhex(receipt.record))
    if not verify_inclusion(proof.index, proof.size, leaf, proof.hashes(), head.root):
        raise Refused("record-altered", "The public record does not contain what this receipt names. Keep the receipt "
                      "and tell the auditor.", status=500)  # fmt: skip
    return proof
