"""The deposit that goes with a bid: the supplier's own page of it, and what becomes of it without one.

Whether somebody was asked to pay says that they prepare a bid, so it is sealed like the bids are.
"""

import msgspec

from procurement.bids.rules.submission import must_take_bids
from procurement.bids.service.closing import final_envelopes
from procurement.bids.service.own import withdrawn_now
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments import service as payments
from procurement.payments.rules.charges import LONGEST_TITLE
from procurement.payments.service import Charge
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender
from procurement.tenders.service import deposits
from procurement.tenders.service.deposits import DEPOSIT


class Deposit(msgspec.Struct, frozen=True):
    """What a tender asks of the acting organisation; `charge` is None until it wanted to pay. `article` says when it
    comes back."""

    asked: Money
    article: str
    charge: Charge | None

    @property
    def there(self) -> bool:
        """Whether all of it is held now, as far as the treasury knows."""
        return self.charge is not None and self.asked <= self.charge.held


async def mine(tx: Tx, tender: Tender) -> Deposit | None:
    """For the acting organisation's own people; None where the tender asks none."""
    if tender.deposit is None:
        return None
    rules = (await tenders.rulebook_of(tx, tender)).deposit
    return Deposit(tender.deposit, rules.release if rules else "", await payments.mine(tx, DEPOSIT, tender.id))


async def ask(tx: Tx, tender_id: str) -> Charge:
    """The acting organisation wants to pay: its charge, the same however often it asks.

    Refused("no-deposit") where none is asked, ("tender-not-open") once bids are no longer taken, ("own-tender", 403).
    """
    supplier = tx.actor.organisation
    tx.actor.must(P.PAYMENT_PAY, of=supplier)
    await tenders.lock_shared(tx, tender_id)
    tender = await tenders.public_tender(tx, tender_id)
    must_take_bids(tender, supplier, await tx.clock())
    if tender.deposit is None:
        raise Refused("no-deposit", "This tender asks no deposit. There is nothing to pay.")
    return await payments.ask(
        tx,
        purpose=DEPOSIT,
        subject=tender.id,
        process=tender.ocid,
        title=f"{tender.id} {tender.title}"[:LONGEST_TITLE],
        payer=supplier,
        payee=tender.buyer,
        amount=tender.deposit,
        due=tender.deadline,
    )


async def release_withdrawn(tx: Tx, tender_id: str, supplier: str) -> None:
    """A bid was taken back in time, so its deposit goes back; unless another version has come since. For a job."""
    await tenders.lock_exclusive(tx, tender_id)
    if await withdrawn_now(tx, tender_id, supplier):
        await deposits.release(tx, tender_id, "The bid was withdrawn before the deadline.", [supplier])


async def release_without_bid(tx: Tx, tender_id: str) -> None:
    """The deadline has passed: whoever paid and has no bid that counts has its deposit back. For a job."""
    payers_of_all = {charge.payer for charge in await payments.of_subject(tx, DEPOSIT, tender_id)}
    if not payers_of_all:
        return
    bidders = {bid.supplier for bid in await final_envelopes(tx, tender_id)}
    paid = payers_of_all - bidders
    payers = await identity.organisations(tx, paid)
    without = [payer for payer in paid if payers[payer].merged_into not in bidders]
    await deposits.release(tx, tender_id, "The deadline passed, and there was no bid.", without)
