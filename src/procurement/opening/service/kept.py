"""What openings keep: the documents of opened bids, the opening records, and the keys that bids were sealed to."""

from sqlalchemy import Select, literal, select

from procurement.infra.retained import Rows
from procurement.opening.tables import OpenedBidRow, OpenedDocumentRow, OpeningPaperRow, SealKeyEndRow

NAMED: tuple[Rows, ...] = (
    select(
        literal("opened").label("kind"),
        OpenedDocumentRow.sha256,
        OpenedDocumentRow.bid_id.label("owner"),
        OpenedBidRow.tender_id.label("tender"),
    ).join(OpenedBidRow, OpenedBidRow.bid_id == OpenedDocumentRow.bid_id),
    select(
        literal("documents").label("kind"),
        OpeningPaperRow.sha256,
        OpeningPaperRow.tender_id.label("owner"),
        OpeningPaperRow.tender_id.label("tender"),
    ).where(OpeningPaperRow.sha256.is_not(None)),
)


def keys_ended() -> Select[tuple[str]]:
    """The tenders whose key was declared to be at its end."""
    return select(SealKeyEndRow.tender_id)
