"""What proves to the keyholder that bidding closed: the closing fact and its place in the signed ledger."""

from procurement.bids.service import Closing
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.proofs import prove
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import Evidence
from procurement.keyholder.rules import leaf_of


async def closing_evidence(tx: Tx, closing: Closing) -> Evidence:
    """Refused("not-yet-proven", 404) in the second before the closing stands in a signed checkpoint."""
    found = await ledger.unveiled(tx.session, closing.record_id)
    if found is None:
        raise Refused("not-yet-proven", "The closing is not in the public record yet. Try again soon.", status=404)
    proof = await prove(tx.session, found.index)
    return Evidence(
        record=found.record,
        salt=found.salt,
        index=found.index,
        proof=tuple(sibling.hex() for sibling in proof.hashes()),
        checkpoint=proof.checkpoint,
    )


async def closing_leaf(tx: Tx, closing: Closing) -> str:
    """The leaf hash (hex) that officers assert and that the whole opening is named by."""
    return leaf_of(await closing_evidence(tx, closing))
