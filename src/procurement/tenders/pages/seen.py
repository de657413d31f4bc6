"""What each form of a draft shows, by the names of its fields: the version that it was opened with is made of this.

Only what a form writes counts: colleagues who work on different steps of a draft do not stop each other.
"""

from typing import Any

import msgspec

from procurement.infra.web.as_read import must_be_as_read, sent_version, version
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused
from procurement.tenders.rules import Criterion, Item, Lot, Tender

Shown = dict[str, Any]
NEW: Shown = {}
UNSHOWN = {"id", "number"}


def about(tender: Tender) -> Shown:
    """What is bought."""
    names = ("title", "category", "description", "contract_terms", "procedure")
    amounts = {"value": tender.value if tender.value.amount else "", "deposit": tender.deposit or ""}
    return {name: getattr(tender, name) for name in names} | amounts


def deadline(tender: Tender) -> Shown:
    return {"deadline": tender.deadline}


def method(tender: Tender) -> Shown:
    return {"award_method": tender.award_method}


def row(one: Lot | Item | Criterion | None) -> Shown:
    """A lot, an item or a criterion; a new one shows nothing that anybody could have changed."""
    if one is None:
        return NEW
    return {name: value for name, value in msgspec.structs.asdict(one).items() if name not in UNSHOWN}


async def must_be_the_row(request: AnyRequest, found: Lot | Item | Criterion | None) -> None:
    """Refused("changed-meanwhile") when a colleague changed the row, or took it away."""
    if found is None and await sent_version(request) not in ("", version(NEW)):
        raise Refused(
            "changed-meanwhile",
            "A colleague removed this after you opened the page. What you typed is below: add it again, or leave it.",
        )
    await must_be_as_read(request, row(found))
