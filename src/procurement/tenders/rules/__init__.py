"""What the law says about tenders. Pure: no clock, no database, no framework."""

from procurement.tenders.rules.facts import (
    DeadlineExtended,
    PublishedDocument,
    TenderCancelled,
    TenderPublished,
    TenderReturned,
    TenderSubmitted,
)
from procurement.tenders.rules.model import (
    Category,
    Criterion,
    Document,
    Extension,
    Item,
    Kind,
    Lot,
    Phase,
    Summary,
    Tender,
)

__all__ = [
    "Category",
    "Criterion",
    "DeadlineExtended",
    "Document",
    "Extension",
    "Item",
    "Kind",
    "Lot",
    "Phase",
    "PublishedDocument",
    "Summary",
    "Tender",
    "TenderCancelled",
    "TenderPublished",
    "TenderReturned",
    "TenderSubmitted",
]
