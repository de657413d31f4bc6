"""What happens without anyone asking: closing, the second the deadline has passed, and deposits that come back."""

from procurement.bids.rules.facts import BidWithdrawn, TenderClosed
from procurement.bids.service import deposits
from procurement.bids.service.closing import CLOSER, close_if_due, see_time
from procurement.infra.keyholder import Keyholder
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Database, Tx
from procurement.tenders import service as tenders


async def sweep(database: Database, keyholder: Keyholder) -> None:
    """Raise the watermark, then close every tender that is due, each in its own transaction.

    The worker calls it each second. If it never runs, no late bid is accepted: only the latch waits.
    Refused("clocks-differ", 503) or ("unavailable", 503): then nothing moves.
    """
    async with database.begin(CLOSER) as tx:
        await see_time(tx, keyholder)
        due = await tenders.due(tx)
    for tender_id in due:
        await close_if_due(database, keyholder, tender_id)


@handles(BidWithdrawn)
async def release_withdrawn(tx: Tx, recorded: Recorded[BidWithdrawn]) -> None:
    await deposits.release_withdrawn(tx, recorded.fact.tender, recorded.fact.supplier)


@handles(TenderClosed)
async def release_without_bid(tx: Tx, recorded: Recorded[TenderClosed]) -> None:
    await deposits.release_without_bid(tx, recorded.fact.tender)


HANDLERS = (release_withdrawn, release_without_bid)
