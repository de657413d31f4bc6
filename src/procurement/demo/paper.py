"""The documents of practice tenders and bids: real PDFs, made of the tender itself."""

from datetime import UTC, datetime

import msgspec

from procurement.infra import documents
from procurement.tenders.rules import Tender

TEMPLATE = "demo/paper.typ"
MADE = datetime(2026, 1, 1, tzinfo=UTC)  # the same content gives the same bytes


class Section(msgspec.Struct, frozen=True):
    title: str
    text: str


class Paper(msgspec.Struct, frozen=True):
    kicker: str
    title: str
    sections: list[Section]
    lines: list[tuple[str, str]]


async def of_tender(tender: Tender, terms: str) -> list[tuple[str, bytes]]:
    """File names and PDFs: instructions to bidders, and the draft contract."""
    lines = [(f"{item.number}. {item.description}", f"{item.quantity:f} {item.unit}") for item in tender.items]
    judged = ", ".join(f"{one.name} {one.weight:f} %" for one in tender.criteria) or "The lowest price wins."
    instructions = Paper(
        kicker=f"Tender {tender.id}",
        title=tender.title,
        sections=[Section("What is bought", tender.description), Section("How bids are judged", judged)],
        lines=lines,
    )
    contract = Paper(f"Tender {tender.id}", "Draft contract", [Section("Terms", terms)], lines)
    return [
        ("Instructions to bidders.pdf", await documents.pdf(TEMPLATE, instructions, MADE)),
        ("Draft contract.pdf", await documents.pdf(TEMPLATE, contract, MADE)),
    ]


async def of_bid(tender: Tender, supplier: str) -> bytes:
    """A bidder's method statement."""
    words = "We start within ten days of the order, with our own people. One site manager answers within the hour."
    return await documents.pdf(
        TEMPLATE, Paper(supplier, f"Method for {tender.title}", [Section("Method", words)], []), MADE
    )
