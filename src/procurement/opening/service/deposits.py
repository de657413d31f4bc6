"""Whether each bidder's deposit was there by the deadline. Read only once bids are opened: before, it says who bids.

It is never settled by the clock alone: money that a bank booked in time counts, also where the treasury took the bank's
statement in later. The committee decides what follows.
"""

import msgspec

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.opening.service.reading import opened_bids
from procurement.payments import service as payments
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender
from procurement.tenders.service.deposits import DEPOSIT


class Deposits(msgspec.Struct, frozen=True):
    """What was asked by which `article`, and what was there at the deadline, by supplier: a deposit of an organisation
    that merged into a bidder is that bidder's."""

    asked: Money
    article: str
    held: dict[str, Money]

    def there(self, supplier: str) -> bool:
        return self.asked <= self.held[supplier]


async def deposits(tx: Tx, tender: Tender) -> Deposits | None:
    """For whoever may read the opened bids: callers decide who that is. None where the tender asks none.

    Refused("not-opened") before the bids are shown.
    """
    bidders = {bid.supplier for bid in await opened_bids(tx, tender.id)}
    rules = (await tenders.rulebook_of(tx, tender)).deposit if tender.deposit else None
    if tender.deposit is None or tender.deadline is None or rules is None:
        return None
    held = dict.fromkeys(bidders, Money(0, tender.deposit.currency))
    charges = {charge.id: charge.payer for charge in await payments.of_subject(tx, DEPOSIT, tender.id)}
    payers = await identity.organisations(tx, charges.values())
    for charge, money in (await payments.held_at(tx, charges, tender.deadline)).items():
        payer = payers[charges[charge]]
        bidder = payer.id if payer.id in held else payer.merged_into or ""
        if bidder in held:
            held[bidder] += money
    return Deposits(tender.deposit, rules.article, held)
