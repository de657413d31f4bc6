"""Which step of a tender's life may follow which. Each function returns the fact, or raises Refused."""

from datetime import datetime

from msgspec import UNSET

from procurement.holders.rules import Chosen
from procurement.kernel.actor import must_be_two
from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import Rulebook
from procurement.tenders.rules.draft import must_be_complete
from procurement.tenders.rules.facts import (
    DeadlineExtended,
    PublishedDocument,
    TenderCancelled,
    TenderPublished,
    TenderReturned,
    TenderSubmitted,
)
from procurement.tenders.rules.model import Extension, Phase, Tender
from procurement.tenders.rules.timetable import Timetable, must_leave_time, timetable

INTERNAL = ("created_by", "created_at", "submitted_by", "submitted_at", "returned_reason", "closed_at", "settled_at")
LATER = ("state", "revision_hash", "cancelled_at", "cancel_reason")  # known only after the content is hashed


def must_be_draft(tender: Tender) -> None:
    """Refused("not-a-draft"): what was submitted or published changes only by its own steps."""
    if tender.state != "draft":
        raise Refused("not-a-draft", "This tender is no longer a draft, so it cannot be edited.")


def submit(
    tender: Tender, rulebook: Rulebook, person: str, now: datetime, chosen: Chosen | None = None
) -> TenderSubmitted:
    """Ask for approval. Refused("not-a-draft"), ("tender-incomplete", 422)."""
    must_be_draft(tender)
    must_be_complete(tender, rulebook, now, chosen)
    return TenderSubmitted(tender=tender.id, submitted_by=person)


def send_back(tender: Tender, person: str, reason: str) -> TenderReturned:
    """Back to the drafter, with what to change. Refused("not-submitted")."""
    _must_be_submitted(tender)
    return TenderReturned(tender=tender.id, reason=reason, returned_by=person)


def must_be_approvable(
    tender: Tender, rulebook: Rulebook, person: str, now: datetime, chosen: Chosen | None = None
) -> Timetable:
    """The timetable with which this person may publish now.

    Refused("not-submitted"), ("same-person", 403), ("deadline-too-early", 422) when time has run on since submission.
    """
    _must_be_submitted(tender)
    if rulebook.approvals.publication.needed(tender.value):
        must_be_two(tender.submitted_by, person)
    if tender.deadline is None:
        raise Refused("tender-incomplete", "Set the deadline for bids.", status=422)
    must_leave_time(rulebook, tender.deadline, now)
    must_be_complete(tender, rulebook, now, chosen)
    return timetable(rulebook, tender.deadline)


def content(tender: Tender) -> bytes:
    """The canonical bytes of what is published: a revision's hash is their SHA-256, and bids bind to it."""
    return canonical(
        {
            "type": "tender/v1",
            **{
                field: value
                for field in tender.__struct_fields__
                if field not in INTERNAL + LATER and (value := getattr(tender, field)) is not None
            },
        }
    )


def published(tender: Tender, approved_by: str) -> TenderPublished:
    """The fact of a tender that has just become public; every moment of it is set."""
    times = _times(tender)
    return TenderPublished(
        tender=tender.id,
        ocid=tender.ocid,
        buyer=tender.buyer,
        revision=tender.revision,
        revision_hash=tender.revision_hash,
        rulebook=tender.rulebook,
        rulebook_sha256=tender.rulebook_sha256,
        procedure=tender.procedure,
        seal_level=tender.seal_level,
        recipient=tender.keyholder_recipient,
        question_deadline=times.question_deadline,
        answer_deadline=times.answer_deadline,
        deadline=times.deadline,
        opening_at=times.opening_at,
        documents=[PublishedDocument(document.id, document.sha256) for document in tender.documents],
        submitted_by=tender.submitted_by,
        approved_by=approved_by,
        financial_recipient=tender.financial_recipient or UNSET,
        opening_keys=tender.opening_keys or (),
    )


def must_be_extendable(tender: Tender, deadline: datetime, now: datetime) -> None:
    """Refused("tender-not-open") outside bidding, ("deadline-shortened", 422): a deadline only moves forward."""
    if tender.phase(now) is not Phase.OPEN or tender.deadline is None:
        raise Refused("tender-not-open", "A deadline can be moved only while bids are taken.")
    if deadline <= tender.deadline:
        raise Refused(
            "deadline-shortened",
            "A published deadline is never shortened. Choose a later moment.",
            status=422,
            fields={"deadline": "Choose a moment after the present deadline."},
        )


def extended(before: Tender, after: Tender, extension: Extension, approved_by: str) -> DeadlineExtended:
    """Refused("same-person") when one person proposed and approves."""
    must_be_two(extension.proposed_by, approved_by)
    times = _times(after)
    return DeadlineExtended(
        tender=after.id,
        revision=after.revision,
        revision_hash=after.revision_hash,
        previous_deadline=_times(before).deadline,
        question_deadline=times.question_deadline,
        answer_deadline=times.answer_deadline,
        deadline=times.deadline,
        opening_at=times.opening_at,
        reason=extension.reason,
        proposed_by=extension.proposed_by,
        approved_by=approved_by,
        opening_keys=after.opening_keys or (),
    )


def cancel(tender: Tender, person: str, reason: str) -> TenderCancelled:
    """Any time from publication until the award is final (Model Law article 19(1)).

    Refused("tender-not-public"), ("already-cancelled"), ("tender-settled").
    """
    if tender.state == "cancelled":
        raise Refused("already-cancelled", "This tender is cancelled already.")
    if tender.state != "open":
        raise Refused("tender-not-public", "Only a published tender is cancelled. A draft is simply left.")
    if tender.settled_at is not None:
        raise Refused("tender-settled", "The award of this tender is final, so it can no longer be cancelled.")
    return TenderCancelled(tender=tender.id, reason=reason, cancelled_by=person)


def must_be_due(tender: Tender, now: datetime) -> None:
    """Refused("not-due") unless an open tender's deadline has passed and its latch is not set."""
    if tender.state != "open" or tender.closed_at is not None or tender.deadline is None or now < tender.deadline:
        raise Refused("not-due", "This tender is not due for closing.")


def _must_be_submitted(tender: Tender) -> None:
    if tender.state != "submitted":
        raise Refused("not-submitted", "This tender does not wait for approval.")


def _times(tender: Tender) -> Timetable:
    """The moments of a published tender, which has them all (CHECK published_whole)."""
    moments = (tender.question_deadline, tender.answer_deadline, tender.deadline, tender.opening_at)
    known = [moment for moment in moments if moment is not None]
    if len(known) != len(moments):
        raise ValueError(f"tender {tender.id} is not published")
    return Timetable(*known)
