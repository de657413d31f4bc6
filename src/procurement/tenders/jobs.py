"""What follows when a buyer merges, and for deposits and key holders when a tender moves or ends early."""

from procurement.holders import service as holders
from procurement.identity.rules.changes import OrganisationMerged
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.tenders.rules.facts import DeadlineExtended, TenderCancelled
from procurement.tenders.service import deposits, succession


@handles(OrganisationMerged)
async def adopt_drafts(tx: Tx, recorded: Recorded[OrganisationMerged]) -> None:
    await succession.adopt_drafts(tx, recorded.fact.organisation, recorded.fact.into)


@handles(DeadlineExtended)
async def postpone_deposits(tx: Tx, recorded: Recorded[DeadlineExtended]) -> None:
    await deposits.move(tx, recorded.fact.tender, recorded.fact.deadline)


@handles(TenderCancelled)
async def release_deposits(tx: Tx, recorded: Recorded[TenderCancelled]) -> None:
    await deposits.release(tx, recorded.fact.tender, "The tender was cancelled.")


@handles(TenderCancelled)
async def dismiss_holders(tx: Tx, recorded: Recorded[TenderCancelled]) -> None:
    await holders.finish(tx, recorded.fact.tender)


HANDLERS = (adopt_drafts, dismiss_holders, postpone_deposits, release_deposits)
