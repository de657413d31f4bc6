"""Deposits of the practice republic: asked, paid by transfer, and one procurement's given back when it was over."""

from procurement.bids.service import deposits
from procurement.contracts.service.deposits import release_when_over
from procurement.demo.theatre import Theatre
from procurement.kernel.actor import system
from procurement.kernel.permissions import Role
from procurement.payments import service as payments
from procurement.payments.service.movements import movements
from procurement.tenders.service.deposits import DEPOSIT

BANK, STAGE = system("payments"), system("contracts")


async def ask(theatre: Theatre, tender_id: str, supplier: str, *, pays: bool) -> None:
    """The supplier is asked for its deposit; one that pays has its transfer booked at once."""
    async with theatre.acting(supplier, Role.SIGNATORY) as tx:
        charge = await deposits.ask(tx, tender_id)
    if pays:
        async with theatre.database.begin(BANK) as tx:
            await payments.receive(
                tx,
                charge=charge.id,
                money=charge.owed,
                channel="transfer",
                external=f"practice-{charge.reference}",
                at=tx.real_now,
            )


async def give_back(theatre: Theatre, tender_id: str) -> None:
    """What a signed contract releases, and the bank's word that it left."""
    async with theatre.database.begin(STAGE) as tx:
        await release_when_over(tx, tender_id)
    async with theatre.database.begin(BANK) as tx:
        for charge in await payments.of_subject(tx, DEPOSIT, tender_id):
            for refund in await movements(tx, charge):
                if refund.kind == "returning":
                    await payments.refund_sent(tx, refund.id, f"practice-{refund.id}", tx.real_now)
