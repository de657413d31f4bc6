"""What all pages of an evaluation share: the life line, and showing a refusal on the page it belongs to."""

from procurement.evaluation.service import Committee, Overview
from procurement.infra.tx import Tried, Tx
from procurement.infra.web.lifeline import Milestones, Row, line

PATH = "/tenders/{tender_id:str}/evaluation"


def address(tender_id: str, page: str = "") -> str:
    return f"/tenders/{tender_id}/evaluation{page}"


def life(tx: Tx, of: Committee | Overview) -> tuple[Row, ...]:
    """The life line of the tender."""
    tender = of.tender
    known = Milestones(
        published_at=tender.published_at,
        questions_until=tender.question_deadline,
        deadline=tender.deadline,
        opening_at=tender.opening_at,
        opened_at=of.opened_at,
        evaluated_at=of.evaluation.concluded_at,
    )
    return line(known, tx.now, show=("award", "standstill"))


def must_show(tried: Tried) -> bool:
    """Whether the page is drawn again with what went wrong; refusals of other kinds have pages of their own."""
    if tried.refused and tried.refused.status not in (409, 422):
        raise tried.refused
    return tried.refused is not None
