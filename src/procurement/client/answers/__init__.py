"""What the service answers, as far as programs commonly use it.

Money is in minor units. docs/api.md and `/api/v1/openapi.json` say what each answer holds.
"""

from procurement.client.answers.bids import (
    Award,
    Contract,
    EvaluatedBid,
    Evaluation,
    Hold,
    OpenedBid,
    Opening,
    Ranked,
    Received,
    Submitted,
    WhatToSeal,
    Withdrawn,
)
from procurement.client.answers.record import Change, ChangePage, Clock, Keys, Notice, NoticePage
from procurement.client.answers.tenders import (
    Criterion,
    Document,
    HeldRole,
    Item,
    Lot,
    Made,
    Me,
    Question,
    SteppedUp,
    Tender,
    TenderPage,
    TenderSummary,
)

__all__ = [
    "Award",
    "Change",
    "ChangePage",
    "Clock",
    "Contract",
    "Criterion",
    "Document",
    "EvaluatedBid",
    "Evaluation",
    "HeldRole",
    "Hold",
    "Item",
    "Keys",
    "Lot",
    "Made",
    "Me",
    "Notice",
    "NoticePage",
    "OpenedBid",
    "Opening",
    "Question",
    "Ranked",
    "Received",
    "SteppedUp",
    "Submitted",
    "Tender",
    "TenderPage",
    "TenderSummary",
    "WhatToSeal",
    "Withdrawn",
]
