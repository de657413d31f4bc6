"""From a draft to a received bid, for those who bid without scripts."""

from procurement.bids.service import drafts, parts
from procurement.bids.service.members import roster
from procurement.bids.service.own import latest
from procurement.bids.service.receipts import Receipt
from procurement.bids.service.seal import seal_draft
from procurement.bids.service.submission import Submission, repeated, submit
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders


async def submit_draft(
    tx: Tx, files: Files, signer: SignerKey, tender_id: str, *, draft_key: str, key: str, changes: int
) -> Receipt:
    """Seal the draft as it was at `changes`, and submit it. The same `key` again returns the same receipt.

    Sealing comes first and takes no lock; the bid is received by `submit`, which refuses as it says there.
    Refused("draft-changed") when somebody changed the draft since it was checked; "draft-submitted";
    "draft-elsewhere" (403); "bid-incomplete" (422).
    """
    tx.actor.must(P.BID_SUBMIT, of=tx.actor.organisation)
    draft = await drafts.must_find(tx, tender_id)
    request = sha256_hex(f"draft/v1 {draft.id} {changes}".encode())
    if known := await repeated(tx, tender_id, key, request):
        return known
    if draft.bid:
        raise Refused("draft-submitted", "This draft was submitted already. Its receipt is on the page of your bid.")
    if draft.changes != changes:
        raise Refused("draft-changed", "The draft was changed after you checked it. Check it once more, then submit.")
    tender = await tenders.public_tender(tx, tender_id)
    before = await latest(tx, tender_id, draft.supplier)
    version = before.version + 1 if before else 1
    holders = await roster(tx, tender)
    sealed = await seal_draft(files, tender, draft, draft.contents(draft_key), version, holders)
    await parts.register(tx, tender_id, sealed.blobs)
    offered = Submission(
        tender=tender_id,
        envelope=sealed.envelope,
        version=version,
        key=key,
        request=request,
        financial=sealed.financial,
    )
    receipt = await submit(tx, signer, offered)
    await drafts.became(tx, draft.id, receipt.bid.id)
    return receipt
