"""What a bidder declares with its bid."""

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.declarations import Statement
from procurement.tenders.rules import Criterion, Tender

GENERAL = {
    "terms": "We have read the tender documents, with every amendment and answer, and offer on their terms.",
    "independent": "We prepared this bid on our own, without any agreement with another bidder about it.",
    "no-exclusion": "No ground for exclusion applies to us or to those who represent us.",
    "validity": "This bid stays valid until the contract is signed, or the tender ends without one.",
}
UNITS = {"calendar-days": "calendar days", "working-days": "working days", "months": "months"}


def statements(tender: Tender) -> tuple[Statement, ...]:
    """Every declaration the tender asks for: the general ones, then one for each pass-fail criterion."""
    said = GENERAL | _validity(tender)
    general = tuple(Statement(code, text) for code, text in said.items())
    return general + tuple(_requirement(tender, one) for one in tender.criteria if one.kind == "pass-fail")


def _validity(tender: Tender) -> dict[str, str]:
    """In the words of the notice, where the procedure limits how long a bid binds."""
    if tender.validity is None:
        return {}
    count = tender.validity.count
    return {"validity": f"This bid stays valid for {count.length} {UNITS[count.unit]} after the deadline for bids."}


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
