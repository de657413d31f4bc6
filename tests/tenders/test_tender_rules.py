"""The rules of tenders, each refusal once, without a database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tendering import MODEL_LAW, at

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.rulebooks import rules as rulebooks
from procurement.tenders.rules import Criterion, Item, Lot, Phase, Tender, draft, life
from procurement.tenders.rules.model import Extension
from procurement.tenders.rules.timetable import must_leave_time, official_moment, timetable

RULES = rulebooks.read(MODEL_LAW)
NOON = at(2026, 11, 2, 12)
TOO_LATE = NOON + timedelta(days=731)
DEADLINE = at(2026, 12, 7, 21)
LOT, QUAY = Lot(id="lot1", number=1, title="Road"), Lot(id="lot2", number=2, title="Quay")


def item(lot: str) -> Item:
    return Item(
        id=f"item-{lot}",
        lot=lot,
        number=1,
        description="Asphalt",
        classification_scheme="CPV",
        classification_id="45233222-1",
        quantity=Decimal("12500.5"),
        unit="m2",
    )


def criterion(kind: Any, weight: int, lot: str = "") -> Criterion:
    return Criterion(id=f"{kind}{weight}{lot}", lot=lot, number=1, name=kind, kind=kind, weight=Decimal(weight))


DRAFT = Tender(
    id="2026-0418",
    ocid="ocds-xmarrow-2026-0418",
    buyer="city",
    state="draft",
    revision=0,
    revision_hash="",
    title="Resurfacing of Harbour Road",
    description="New asphalt.",
    category="works",
    value=Money(124_000_000, "EUR"),
    procedure="open",
    procedure_rules={},
    award_method="weighted",
    contract_terms="Done within 90 days.",
    rulebook="",
    rulebook_sha256="",
    seal_level="",
    keyholder_recipient="",
    created_by="olga",
    created_at=NOON,
    submitted_by="",
    submitted_at=None,
    returned_reason="",
    published_at=None,
    question_deadline=None,
    answer_deadline=None,
    deadline=DEADLINE,
    opening_at=None,
    closed_at=None,
    settled_at=None,
    cancelled_at=None,
    cancel_reason="",
    lots=(LOT, QUAY),
    items=(item("lot1"), item("lot2")),
    criteria=(criterion("price", 60), criterion("quality", 40)),
)
SUBMITTED = msgspec.structs.replace(DRAFT, state="submitted", submitted_by="olga", submitted_at=NOON)
OPEN = msgspec.structs.replace(
    SUBMITTED,
    state="open",
    published_at=NOON,
    revision=1,
    revision_hash="0" * 64,
    **msgspec.structs.asdict(timetable(RULES, DEADLINE)),
)
EXTENSION = Extension(
    id="x", tender=DRAFT.id, deadline=DEADLINE + timedelta(days=7), reason="asked", proposed_by="olga", proposed_at=NOON
)


def but(tender: Tender, **changed: Any) -> Tender:
    return msgspec.structs.replace(tender, **changed)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        act()
    return no.value.code


INCOMPLETE = {
    "no title": ("about", {"title": ""}, "title"),
    "no description": ("about", {"description": ""}, "Describe"),
    "no value": ("about", {"value": Money(0, "EUR")}, "Estimate"),
    "another currency": ("about", {"value": Money(1, "USD")}, "in EUR"),
    "no contract terms": ("about", {"contract_terms": ""}, "contract"),
    "a procedure that the rulebook does not know": ("about", {"procedure": "secret"}, "procedure"),
    "no lot": ("lots", {"lots": ()}, "at least one lot"),
    "a lot without a title": ("lots", {"lots": (LOT, but(QUAY, title=""))}, "every lot"),
    "lots worth more": ("lots", {"lots": (but(LOT, value=Money(124_000_001, "EUR")), QUAY)}, "more than"),
    "lots worth less": (
        "lots",
        {"lots": (but(LOT, value=Money(1, "EUR")), but(QUAY, value=Money(1, "EUR")))},
        "less than",
    ),
    "a lot without items": ("items", {"items": (item("lot1"),)}, "lot 2"),
    "an unknown award method": ("criteria", {"award_method": "beauty"}, "Choose how"),
    "quality where only the price decides": ("criteria", {"award_method": "lowest-price"}, "no criterion"),
    "no price": ("criteria", {"criteria": (criterion("quality", 100),)}, "exactly one"),
    "two prices": ("criteria", {"criteria": (criterion("price", 60), criterion("price", 40))}, "exactly one"),
    "no quality": ("criteria", {"criteria": (criterion("price", 100),)}, "at least one"),
    "weights of 90": ("criteria", {"criteria": (criterion("price", 50), criterion("quality", 40))}, "make 90 %"),
    "weights of 100 in one lot only": (
        "criteria",
        {"criteria": (criterion("price", 60), criterion("quality", 40, "lot1"))},
        "lot 2",
    ),
    "a quality without a weight": (
        "criteria",
        {"criteria": (criterion("price", 60), criterion("quality", 40), criterion("quality", 0))},
        "needs a weight",
    ),
    "no deadline": ("timetable", {"deadline": None}, "Set the deadline"),
    "a deadline too early": ("timetable", {"deadline": NOON + timedelta(days=15, microseconds=-1)}, "later deadline"),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_draft_says_what_it_still_needs(name: str) -> None:
    step, changed, words = INCOMPLETE[name]
    incomplete = but(DRAFT, **changed)
    missing = {task.step: " ".join(task.missing) for task in draft.tasks(incomplete, RULES, NOON)}
    assert words in missing[step]
    assert code(lambda: life.submit(incomplete, RULES, "olga", NOON)) == "tender-incomplete"


def test_a_complete_draft_may_be_submitted_whatever_way_it_is_judged() -> None:
    assert life.submit(DRAFT, RULES, "olga", NOON).submitted_by == "olga"
    by_price = but(DRAFT, award_method="lowest-price", criteria=(criterion("pass-fail", 0),))
    assert life.submit(by_price, RULES, "olga", NOON)
    earliest = but(DRAFT, deadline=NOON + timedelta(days=15))
    assert life.submit(earliest, RULES, "olga", NOON)


def test_a_procedure_ends_at_its_value() -> None:
    text = MODEL_LAW.replace(b'ocds_method = "open"', b'ocds_method = "open"\nup_to = "1240000"')
    assert life.submit(DRAFT, rulebooks.read(text), "olga", NOON)
    more = but(DRAFT, value=Money(124_000_001, "EUR"))
    assert code(lambda: life.submit(more, rulebooks.read(text), "olga", NOON)) == "tender-incomplete"


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda: life.submit(SUBMITTED, RULES, "olga", NOON), "not-a-draft"),
        (lambda: life.send_back(DRAFT, "pia", "why"), "not-submitted"),
        (lambda: life.must_be_approvable(DRAFT, RULES, "pia", NOON), "not-submitted"),
        (lambda: life.must_be_approvable(OPEN, RULES, "pia", NOON), "not-submitted"),
        (lambda: life.must_be_approvable(SUBMITTED, RULES, "olga", NOON), "same-person"),
        (lambda: life.must_be_approvable(but(SUBMITTED, deadline=None), RULES, "pia", NOON), "tender-incomplete"),
        (
            lambda: life.must_be_approvable(SUBMITTED, RULES, "pia", DEADLINE - timedelta(days=14)),
            "deadline-too-early",
        ),
        (
            lambda: life.must_be_approvable(but(SUBMITTED, deadline=TOO_LATE), RULES, "pia", NOON),
            "deadline-too-late",
        ),
        (lambda: life.must_be_extendable(SUBMITTED, EXTENSION.deadline, NOON), "tender-not-open"),
        (lambda: life.must_be_extendable(OPEN, EXTENSION.deadline, DEADLINE), "tender-not-open"),
        (lambda: life.must_be_extendable(but(OPEN, closed_at=NOON), EXTENSION.deadline, NOON), "tender-not-open"),
        (lambda: life.must_be_extendable(OPEN, DEADLINE, NOON), "deadline-shortened"),
        (lambda: life.must_be_extendable(OPEN, DEADLINE - timedelta(seconds=1), NOON), "deadline-shortened"),
        (lambda: life.extended(OPEN, OPEN, EXTENSION, "olga"), "same-person"),
        (lambda: life.cancel(DRAFT, "olga", "why"), "tender-not-public"),
        (lambda: life.cancel(SUBMITTED, "olga", "why"), "tender-not-public"),
        (lambda: life.cancel(but(OPEN, state="cancelled"), "olga", "why"), "already-cancelled"),
        (lambda: life.cancel(but(OPEN, settled_at=NOON), "olga", "why"), "tender-settled"),
        (lambda: life.must_be_due(OPEN, DEADLINE - timedelta(microseconds=1)), "not-due"),
        (lambda: life.must_be_due(but(OPEN, closed_at=DEADLINE), DEADLINE), "not-due"),
        (lambda: life.must_be_due(but(OPEN, state="cancelled"), DEADLINE), "not-due"),
    ],
)
def test_no_step_is_skipped(act: Callable[[], object], expected: str) -> None:
    assert code(act) == expected


def test_a_tender_is_due_at_the_very_moment_of_its_deadline() -> None:
    life.must_be_due(OPEN, DEADLINE)
    assert OPEN.phase(DEADLINE) is Phase.CLOSED
    assert OPEN.phase(DEADLINE - timedelta(microseconds=1)) is Phase.OPEN


def test_questions_are_taken_from_publication_until_the_cut_off() -> None:
    assert OPEN.question_deadline == at(2026, 12, 1)
    assert OPEN.takes_questions(NOON)
    assert not OPEN.takes_questions(NOON - timedelta(microseconds=1))
    assert OPEN.takes_questions(at(2026, 12, 1) - timedelta(microseconds=1))
    assert not OPEN.takes_questions(at(2026, 12, 1))
    assert not DRAFT.takes_questions(NOON)


def test_the_published_content_is_what_bidders_need_and_nothing_internal() -> None:
    content = msgspec.json.decode(life.content(OPEN))
    assert content["type"] == "tender/v1"
    assert content["deadline"] == "2026-12-07T21:00:00Z"
    assert not content.keys() & {"created_by", "submitted_by", "returned_reason", "state", "revision_hash", "closed_at"}
    assert life.content(OPEN) == life.content(but(OPEN, state="cancelled", cancelled_at=NOON, cancel_reason="why"))
    assert life.content(OPEN) != life.content(but(OPEN, items=(item("lot1"),)))


def test_a_rulebook_decides_whether_one_person_is_enough() -> None:
    text = MODEL_LAW.replace(b'[approvals.publication]\nabove = "0"', b'[approvals.publication]\nabove = "1240000"')
    assert life.must_be_approvable(SUBMITTED, rulebooks.read(text), "olga", NOON).deadline == DEADLINE


def test_the_refusal_of_an_early_deadline_names_the_earliest() -> None:
    with pytest.raises(Refused) as no:
        must_leave_time(RULES, NOON, NOON)
    assert "17 November 2026, 12:00" in no.value.detail
    assert "deadline" in no.value.fields


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-11-30", "2026-02-30T10:00", "2026-11-30T21:00:00Z"])
def test_a_moment_is_typed_as_date_and_time(typed: str) -> None:
    assert code(lambda: official_moment(ZoneInfo("Europe/Brussels"), typed)) == "form-invalid"


def test_a_moment_is_official_time_and_an_hour_left_out_is_refused() -> None:
    brussels = ZoneInfo("Europe/Brussels")
    assert official_moment(brussels, "2026-11-30T21:00") == datetime(2026, 11, 30, 20, tzinfo=UTC)
    assert code(lambda: official_moment(brussels, "2026-03-29T02:30")) == "form-invalid"
