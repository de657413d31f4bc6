"""The tender section, with its lots (lots extension)."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from procurement.identity.rules.membership import Organisation
from procurement.publication.ocds.parts import Json, document, exact, moment, period, present, reference, value
from procurement.tenders.rules.model import Criterion, Item, Lot, Tender

PRICE_ONLY, RATED = "priceOnly", "ratedCriteria"  # words of the awardCriteria codelist


def tender_section(tender: Tender, buyer: Organisation, notice_url: str, status: str = "active") -> Json:
    """Everything the published call says. `notice_url` is the public page, without a slash at its end."""
    rated = any(criterion.kind == "quality" for criterion in tender.criteria)
    return present(
        id=tender.id,
        title=tender.title,
        description=tender.description,
        status=status,
        procuringEntity=reference(buyer),
        value=value(tender.value) if tender.value.amount else None,
        procurementMethod=tender.procedure_rules.get("ocds_method", "open"),
        procurementMethodDetails=tender.procedure_rules.get("title"),
        mainProcurementCategory=tender.category,
        awardCriteria=RATED if rated else PRICE_ONLY,
        awardCriteriaDetails=_criteria(tender.criteria),
        submissionMethod=["electronicSubmission"],
        submissionMethodDetails=_submission(tender, notice_url),
        tenderPeriod=period(tender.published_at, tender.deadline),
        enquiryPeriod=period(tender.published_at, tender.question_deadline),
        documents=_documents(tender, notice_url),
        lots=[_lot(lot, status) for lot in tender.lots],
        items=[_item(item) for item in tender.items],
    )


def _submission(tender: Tender, notice_url: str) -> str:
    """Where bids are sent, and at which level they are sealed where that is not the least one."""
    where = f"{notice_url}/bid"
    return where if tender.seal_level == "S1" else f"{where} (seal level {tender.seal_level}: {notice_url}#sealing)"


def _documents(tender: Tender, notice_url: str) -> list[Json]:
    notice = {"id": "notice", "documentType": "tenderNotice", "url": notice_url, "format": "text/html"}
    files = [
        document(one, "biddingDocuments", f"{notice_url}/documents/{one.id}/{quote(one.name)}")
        for one in tender.documents
    ]
    return [notice, *files]


def standing(tender: Tender, status: str, lots: dict[str, str]) -> Json:
    """What a later release says of the tender: how it stands, and those `lots` (by id) whose status is new."""
    return present(id=tender.id, status=status, lots=[{"id": lot, "status": found} for lot, found in lots.items()])


def amendment(release_id: str, at: datetime, rationale: str, description: str) -> Json:
    """Why what was published is now different; `release_id` is the release that says how."""
    return present(id=release_id, date=moment(at), rationale=rationale, description=description, releaseID=release_id)


def answers(tender: Tender, notice_url: str, at: datetime) -> Json:
    """A question was answered, for everyone at once: where the answers stand. Who asked is never said."""
    page = {
        "id": "answers",
        "documentType": "clarifications",
        "title": "Questions and answers",
        "url": f"{notice_url}#questions",
        "dateModified": moment(at),
        "format": "text/html",
    }
    return {"id": tender.id, "hasEnquiries": True, "documents": [page]}


def _lot(lot: Lot, status: str) -> Json:
    return present(
        id=lot.id,
        title=lot.title,
        description=lot.description,
        status=status,
        value=value(lot.value) if lot.value else None,
    )


def _item(item: Item) -> Json:
    return present(
        id=item.id,
        description=item.description,
        classification=present(
            scheme=item.classification_scheme, id=item.classification_id, description=item.classification_description
        ),
        quantity=exact(item.quantity),
        unit={"name": item.unit},
        relatedLot=item.lot,
    )


def _criteria(criteria: Iterable[Criterion]) -> str:
    """The criteria in one text: OCDS 1.1 has no fields for weights."""
    weighted = [f"{one.name}: {exact(one.weight)}%" for one in criteria if one.weight]
    passed = [f"{one.name}: pass or fail" for one in criteria if one.kind == "pass-fail"]
    return "; ".join(weighted + passed)
