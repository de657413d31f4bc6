"""What follows from a decided award: the facts of its evaluation may be read."""

from procurement.awards.rules import AwardAnnounced, TenderUnsuccessful
from procurement.awards.service import decisions
from procurement.infra.ledger import service as ledger
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.kernel.fact import Visible
from procurement.tenders import service as tenders


@handles(AwardAnnounced)
async def disclose_after_award(tx: Tx, recorded: Recorded[AwardAnnounced]) -> None:
    await _disclose(tx, recorded.fact.tender)


@handles(TenderUnsuccessful)
async def disclose_without_award(tx: Tx, recorded: Recorded[TenderUnsuccessful]) -> None:
    await _disclose(tx, recorded.fact.tender)


async def _disclose(tx: Tx, tender_id: str) -> None:
    """Once every lot is decided: before that, one lot's scores could still influence another's decision."""
    tender = await tenders.public_tender(tx, tender_id)
    decided = {award.lot for award in await decisions(tx, tender_id)}
    if decided >= ({lot.id for lot in tender.lots} or {""}):
        hidden = await ledger.hidden(tx.session, tender.ocid, Visible.AT_AWARD)
        await ledger.disclose(tx, hidden, tender.ocid)


HANDLERS = (disclose_after_award, disclose_without_award)
