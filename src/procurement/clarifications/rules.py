"""When a question may be asked and answered. Pure."""

from datetime import datetime
from typing import ClassVar

import msgspec

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused, invalid
from procurement.tenders.rules import Phase, Tender

MOST_TEXT = 5000  # characters of a question or an answer
MOST_WAITING = 20  # unanswered questions of one supplier to one tender


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question as its asker and the officer see it; who asked is shown to nobody. `answer` is "" while it waits."""

    id: str
    number: int
    text: str
    asked_at: datetime
    answer: str = ""
    answered_at: datetime | None = None


class QuestionAsked(Fact, frozen=True, kw_only=True):
    """Some supplier asked. The record of it never tells who (Model Law article 15(1))."""

    visible: ClassVar[Visible] = Visible.NEVER

    tender: str
    question: str
    number: int


class QuestionAnswered(Fact, frozen=True, kw_only=True):
    """Everybody may read question and answer. `sha256` is over the JCS of {question, answer} as published."""

    tender: str
    question: str
    number: int
    sha256: str


def ask(tender: Tender, question_id: str, number: int, text: str, waiting: int, now: datetime) -> QuestionAsked:
    """Refused("questions-closed") outside the window, ("form-invalid"), ("too-many", 429)."""
    if not tender.takes_questions(now):
        raise Refused(
            "questions-closed",
            "Questions are no longer taken for this tender."
            if tender.phase(now) is Phase.OPEN
            else "This tender does not take questions.",
        )
    _must_say_something(text=text)
    if waiting >= MOST_WAITING:
        raise Refused("too-many", f"{MOST_WAITING} of your questions wait for an answer. Ask again then.", status=429)
    return QuestionAsked(tender=tender.id, question=question_id, number=number)


def answer(tender: Tender, question: Question, wording: str, text: str, now: datetime) -> QuestionAnswered:
    """Once, and in time for every bidder. Refused("already-answered"), ("tender-not-open"), ("answer-late")."""
    if question.answered_at is not None:
        raise Refused("already-answered", "This question is answered already. An answer is final.")
    if tender.phase(now) is not Phase.OPEN or tender.answer_deadline is None:
        raise Refused("tender-not-open", "Bids are no longer taken, so an answer would come too late for everybody.")
    if now >= tender.answer_deadline:
        raise Refused(
            "answer-late",
            "An answer now would leave bidders too little time. Extend the deadline first, then answer.",
        )
    _must_say_something(question=wording, answer=text)
    digest = sha256_hex(canonical({"question": wording, "answer": text}))
    return QuestionAnswered(tender=tender.id, question=question.id, number=question.number, sha256=digest)


def _must_say_something(**texts: str) -> None:
    wrong = {
        name: f"Write 1 to {MOST_TEXT:,} characters." for name, text in texts.items() if not 0 < len(text) <= MOST_TEXT
    }
    if wrong:
        raise invalid("Some answers need another look.", **wrong)
