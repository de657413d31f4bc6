"""What a tender's own steps mean for its deposits: until when they are due, and when they come back.

Who paid one is known to the payer and the treasury alone; nothing here says it to anybody.
"""

from collections.abc import Iterable
from datetime import datetime

from procurement.infra.tx import Tx
from procurement.payments import service as payments
from procurement.payments.service import Purpose
from procurement.tenders.service.reading import rulebook_of, tender

DEPOSIT: Purpose = "deposit"


async def release(tx: Tx, tender_id: str, reason: str, payers: Iterable[str] | None = None) -> None:
    """Give back the deposits of these bidders, or of all (None), by the article of the tender's own rulebook.

    For jobs. Doing it twice is doing it once; a tender that asks none has none.
    """
    found = await tender(tx, tender_id)
    if found.deposit is None:
        return
    rules = (await rulebook_of(tx, found)).deposit
    if rules is None:
        return
    for payer in [None] if payers is None else sorted(payers):
        await payments.release(tx, purpose=DEPOSIT, subject=tender_id, payer=payer, reason=reason, basis=rules.release)


async def move(tx: Tx, tender_id: str, deadline: datetime) -> None:
    """The deadline moved, so deposits are due later too."""
    await payments.postpone(tx, purpose=DEPOSIT, subject=tender_id, due=deadline)
