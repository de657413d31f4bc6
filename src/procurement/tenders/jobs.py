"""What follows for tenders when a buyer merges."""

from procurement.identity.rules.changes import OrganisationMerged
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.tenders.service import succession


@handles(OrganisationMerged)
async def adopt_drafts(tx: Tx, recorded: Recorded[OrganisationMerged]) -> None:
    await succession.adopt_drafts(tx, recorded.fact.organisation, recorded.fact.into)


HANDLERS = (adopt_drafts,)
