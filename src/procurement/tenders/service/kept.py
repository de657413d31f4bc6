"""What tenders keep: their public files, and the moments from which other records' time counts."""

from typing import Any

from sqlalchemy import Subquery, func, literal, select

from procurement.infra.retained import Rows
from procurement.tenders.tables import DocumentRow, TenderRow

NAMED: tuple[Rows, ...] = (
    select(
        literal("documents").label("kind"),
        DocumentRow.sha256,
        DocumentRow.id.label("owner"),
        DocumentRow.tender_id.label("tender"),
    ),
)


def moments() -> Subquery:
    """Of every published tender: `id`, `buyer`, `cancelled_at`, and `call_over` (from then on nobody can bid)."""
    published: Any = TenderRow.published_at.is_not(None)
    return (
        select(
            TenderRow.id,
            TenderRow.buyer_id.label("buyer"),
            TenderRow.cancelled_at,
            func.coalesce(TenderRow.cancelled_at, TenderRow.deadline).label("call_over"),
        )
        .where(published)
        .subquery()
    )
