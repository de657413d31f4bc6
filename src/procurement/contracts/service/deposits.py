"""When a procurement is over, its deposits go back: every lot is decided, and what was awarded is signed."""

from procurement.awards import service as awards
from procurement.contracts.service.reading import of_tender
from procurement.infra.tx import Tx
from procurement.tenders import service as tenders
from procurement.tenders.service import deposits

SIGNED = "The contract is signed, so this procurement is over."
UNSUCCESSFUL = "No bid was acceptable, so this procurement is over."


async def release_when_over(tx: Tx, tender_id: str) -> None:
    """All of them, winners' too; nothing while a lot is undecided or a contract unsigned. For jobs."""
    await tenders.lock_exclusive(tx, tender_id)
    tender = await tenders.public_tender(tx, tender_id)
    decided = await awards.decisions(tx, tender_id)
    signed = {contract.award for contract in await of_tender(tx, tender_id)}
    undecided = ({lot.id for lot in tender.lots} or {""}) - {award.lot for award in decided}
    if not undecided and signed >= {award.id for award in decided if award.successful}:
        await deposits.release(tx, tender_id, SIGNED if signed else UNSUCCESSFUL)
