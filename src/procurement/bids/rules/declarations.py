"""What a bidder declares with its bid."""

import msgspec

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.tenders.rules import Criterion, Tender

DECLARATIONS = "declarations.json"  # the name of the file in the sealed bid
GENERAL = {
    "terms": "We have read the tender documents, with every amendment and answer, and offer on their terms.",
    "independent": "We prepared this bid on our own, without any agreement with another bidder about it.",
    "no-exclusion": "No ground for exclusion applies to us or to those who represent us.",
    "validity": "This bid stays valid for the period the tender asks for.",
}


class Statement(msgspec.Struct, frozen=True):
    """`code` is stable; for a pass-fail criterion it is the criterion's id."""

    code: str
    text: str


def statements(tender: Tender) -> tuple[Statement, ...]:
    """Every declaration the tender asks for: the general ones, then one for each pass-fail criterion."""
    general = tuple(Statement(code, text) for code, text in GENERAL.items())
    return general + tuple(_requirement(tender, one) for one in tender.criteria if one.kind == "pass-fail")


def _requirement(tender: Tender, criterion: Criterion) -> Statement:
    lot = tender.lot(criterion.lot)
    start = f"Where we bid for lot {lot.number}, we meet" if lot else "We meet"
    return Statement(criterion.id, f"{start} this requirement: {criterion.name}")


def declare(tender: Tender, confirmed: frozenset[str]) -> tuple[str, ...]:
    """The codes confirmed, all that are asked. Refused("form-invalid", 422) names those that are missing."""
    asked = statements(tender)
    if missing := {s.code: "Confirm this, or you cannot bid." for s in asked if s.code not in confirmed}:
        raise Refused("form-invalid", "Every declaration has to be confirmed.", status=422, fields=missing)
    return tuple(statement.code for statement in asked)


def declarations_bytes(tender: Tender) -> bytes:
    """declarations.json: the statements confirmed, in full words, as RFC 8785 JSON."""
    return canonical({"type": "declarations/v1", "confirmed": statements(tender)})
