"""What can be done in an evaluation. Every function takes the transaction first and raises `Refused`."""

from procurement.evaluation.rules.conclusion import EvaluationResult
from procurement.evaluation.rules.ranking import CriterionPoints, Ranked
from procurement.evaluation.service.case import lock_all
from procurement.evaluation.service.committee import appoint, declare, eligible
from procurement.evaluation.service.conclusion import conclude, report_sha256, result
from procurement.evaluation.service.judging import agree, decide_compliance, lock_scores, save_scores
from procurement.evaluation.service.low_prices import ask, explain, questions_for
from procurement.evaluation.service.low_prices import decide as decide_low_price
from procurement.evaluation.service.technical import (
    decide_technical,
    propose_technical,
    return_technical,
    technical_outcomes,
)
from procurement.evaluation.service.view import (
    Committee,
    Overview,
    Sheet,
    committee,
    deposits,
    document,
    eligible_names,
    opened,
    overview,
    own_report,
    own_sheet,
)

__all__ = [
    "Committee",
    "CriterionPoints",
    "EvaluationResult",
    "Overview",
    "Ranked",
    "Sheet",
    "agree",
    "appoint",
    "ask",
    "committee",
    "conclude",
    "decide_compliance",
    "decide_low_price",
    "decide_technical",
    "declare",
    "deposits",
    "document",
    "eligible",
    "eligible_names",
    "explain",
    "lock_all",
    "lock_scores",
    "opened",
    "overview",
    "own_report",
    "own_sheet",
    "propose_technical",
    "questions_for",
    "report_sha256",
    "result",
    "return_technical",
    "save_scores",
    "technical_outcomes",
]
