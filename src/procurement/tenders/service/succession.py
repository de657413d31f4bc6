"""Drafts of a buyer that merged go on with the one that goes on after it."""

from sqlalchemy import update

from procurement.infra.tx import Tx
from procurement.tenders.tables import TenderRow


async def adopt_drafts(tx: Tx, buyer: str, into: str) -> None:
    """Nothing of a draft is public, so it changes hands; what was published is finished under its buyer's name."""
    theirs = TenderRow.buyer_id == buyer, TenderRow.state.in_(("draft", "submitted"))
    await tx.session.execute(update(TenderRow).where(*theirs).values(buyer_id=into))
