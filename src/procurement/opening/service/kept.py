"""What openings keep: the documents of opened bids."""

from sqlalchemy import literal, select

from procurement.opening.tables import OpenedBidRow, OpenedDocumentRow

NAMED = (
    select(
        literal("opened").label("kind"),
        OpenedDocumentRow.sha256,
        OpenedDocumentRow.bid_id.label("owner"),
        OpenedBidRow.tender_id.label("tender"),
    ).join(OpenedBidRow, OpenedBidRow.bid_id == OpenedDocumentRow.bid_id),
)
