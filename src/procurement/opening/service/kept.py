"""What openings keep: the documents of opened bids."""

from sqlalchemy import literal, select

from procurement.infra.retained import Rows
from procurement.opening.tables import OpenedBidRow, OpenedDocumentRow

NAMED: tuple[Rows, ...] = (
    select(
        literal("opened").label("kind"),
        OpenedDocumentRow.sha256,
        OpenedDocumentRow.bid_id.label("owner"),
        OpenedBidRow.tender_id.label("tender"),
    ).join(OpenedBidRow, OpenedBidRow.bid_id == OpenedDocumentRow.bid_id),
)
