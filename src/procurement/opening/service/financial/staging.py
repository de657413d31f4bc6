"""One price list: kept until all are shown. What is wrong in itself is kept with its problem, and stops no other."""

from typing import Any

import msgspec
from sqlalchemy import null
from sqlalchemy.dialects.postgresql import insert

from procurement.bids.service import FinalEnvelope
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening.service.staging import Opened, forget_keys
from procurement.opening.tables import OpenedPriceRow, PriceRecoveryRow, PriceShareRow, StagedRemovalRow
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


async def stage_price(tx: Tx, tender: Tender, bid: FinalEnvelope, opened: Opened) -> bool:
    """Keep what was found. A second worker that found the same changes nothing. What was given to open it is gone.

    False when the tender was cancelled meanwhile: there is no need to open more.
    """
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    await tenders.lock_shared(tx, tender.id)  # nobody cancels it, or removes what is staged, meanwhile
    if await tx.session.get(StagedRemovalRow, tender.id):
        return False
    await forget_keys(tx, PriceShareRow, PriceRecoveryRow, bid)
    values: dict[str, Any] = {
        "bid_id": bid.bid_id,
        "lot": bid.lot,
        "tender_id": tender.id,
        "digest": bid.digest,
        "staged_at": tx.now,
    }
    if isinstance(opened, Refused):
        values |= {"prices": null(), "problem_code": opened.code, "problem": opened.detail.replace("\0", "")}
    else:
        values["prices"] = msgspec.to_builtins(opened[0].prices)
    await tx.session.execute(insert(OpenedPriceRow).values(**values).on_conflict_do_nothing())
    return (await tenders.tender(tx, tender.id)).cancelled_at is None
