"""What proves to the keyholder that bidding closed: the closing fact and its place in the signed ledger."""

from sqlalchemy import select

from procurement.bids.service import Closing
from procurement.infra.ledger.proofs import prove
from procurement.infra.ledger.tables import LedgerLeaf, LedgerRecord
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import Evidence
from procurement.keyholder.rules import leaf_of


async def closing_evidence(tx: Tx, closing: Closing) -> Evidence:
    """Refused("not-yet-proven", 404) in the second before the closing stands in a signed checkpoint."""
    found = (
        await tx.session.execute(
            select(LedgerRecord.body, LedgerRecord.salt, LedgerLeaf.leaf_index)
            .join(LedgerLeaf, LedgerLeaf.record_id == LedgerRecord.id)
            .where(LedgerRecord.id == closing.record_id)
        )
    ).one_or_none()
    if found is None:
        raise Refused("not-yet-proven", "The closing is not in the public record yet. Try again soon.", status=404)
    proof = await prove(tx.session, found.leaf_index)
    return Evidence(
        record=found.body.decode(),
        salt=found.salt.hex(),
        index=found.leaf_index,
        proof=tuple(sibling.hex() for sibling in proof.hashes()),
        checkpoint=proof.checkpoint,
    )


async def closing_leaf(tx: Tx, closing: Closing) -> str:
    """The leaf hash (hex) that officers assert and that the whole opening is named by."""
    return leaf_of(await closing_evidence(tx, closing))
