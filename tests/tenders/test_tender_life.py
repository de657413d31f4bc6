"""Any order of steps, by anybody, at any time: no step is skipped and nothing goes back (hypothesis)."""

import itertools
from datetime import datetime, timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from test_tender_rules import DRAFT, NOON, RULES

from procurement.kernel.refusal import Refused
from procurement.tenders.rules import Phase, Tender, life
from procurement.tenders.rules.model import Extension
from procurement.tenders.rules.timetable import timetable

PEOPLE = st.sampled_from(["olga", "otto", "pia"])
ORDER = ["draft", "submitted", "open", "closed", "cancelled"]
BACK = ("submitted", "draft")  # sent back before anything was public


class Life(RuleBasedStateMachine):
    """The tender as the service would leave it after each step that the rules allow."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.tender = NOON, DRAFT
        self.waits: Extension | None = None
        self.seen: list[Tender] = []

    def change(self, **values: object) -> None:
        self.seen.append(self.tender)
        before, self.tender = self.tender, msgspec.structs.replace(self.tender, **values)
        step = before.phase(self.now), self.tender.phase(self.now)
        assert step == BACK or ORDER.index(step[0]) <= ORDER.index(step[1])

    @rule(hours=st.integers(1, 24 * 12))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(days=st.integers(1, 40))
    def the_drafter_sets_a_deadline(self, days: int) -> None:
        try:
            life.must_be_draft(self.tender)
        except Refused:
            return
        self.change(deadline=self.now + timedelta(days=days))

    @rule(person=PEOPLE)
    def submitted(self, person: str) -> None:
        try:
            life.submit(self.tender, RULES, person, self.now)
        except Refused:
            return
        assert self.tender.state == "draft"
        self.change(state="submitted", submitted_by=person)

    @rule(person=PEOPLE)
    def sent_back(self, person: str) -> None:
        try:
            life.send_back(self.tender, person, "change it")
        except Refused:
            return
        self.change(state="draft")

    @rule(person=PEOPLE)
    def approved(self, person: str) -> None:
        try:
            times = life.must_be_approvable(self.tender, RULES, person, self.now)
        except Refused:
            return
        assert self.tender.state == "submitted"
        assert person != self.tender.submitted_by
        assert times.deadline >= self.now + timedelta(days=15)
        self.change(state="open", published_at=self.now, revision=1, **msgspec.structs.asdict(times))

    @rule(person=PEOPLE, hours=st.integers(-48, 24 * 20))
    def a_later_deadline_is_proposed(self, person: str, hours: int) -> None:
        wanted = (self.tender.deadline or self.now) + timedelta(hours=hours)
        try:
            life.must_be_extendable(self.tender, wanted, self.now)
        except Refused:
            return
        self.waits = Extension(
            id="x", tender=DRAFT.id, deadline=wanted, reason="asked", proposed_by=person, proposed_at=self.now
        )

    @rule(person=PEOPLE)
    def the_extension_is_approved(self, person: str) -> None:
        if self.waits is None:
            return
        times = timetable(RULES, self.waits.deadline)
        after = msgspec.structs.replace(self.tender, revision=self.tender.revision + 1, **msgspec.structs.asdict(times))
        try:
            life.must_be_extendable(self.tender, self.waits.deadline, self.now)
            life.extended(self.tender, after, self.waits, person)
        except Refused:
            return
        assert person != self.waits.proposed_by
        self.change(revision=after.revision, **msgspec.structs.asdict(times))
        self.waits = None

    @rule()
    def latched(self) -> None:
        try:
            life.must_be_due(self.tender, self.now)
        except Refused:
            return
        assert self.tender.phase(self.now) is Phase.CLOSED
        self.change(closed_at=self.now)

    @rule(person=PEOPLE)
    def cancelled(self, person: str) -> None:
        try:
            life.cancel(self.tender, person, "no money")
        except Refused:
            return
        self.change(state="cancelled", cancelled_at=self.now)

    @rule()
    def settled(self) -> None:
        if self.tender.closed_at is not None and self.tender.state == "open":
            self.change(settled_at=self.now)

    @invariant()
    def what_is_public_stays_and_only_moves_forward(self) -> None:
        public = [tender for tender in [*self.seen, self.tender] if tender.is_public]
        for before, after in itertools.pairwise(public):
            assert _moments(after) >= _moments(before)
            assert after.revision >= before.revision
            assert before.closed_at is None or after.closed_at == before.closed_at
            assert before.settled_at is None or after.state != "cancelled"
            assert before.closed_at is None or after.deadline == before.deadline

    @invariant()
    def a_public_tender_has_its_whole_timetable(self) -> None:
        if self.tender.is_public:
            asked, answered, deadline, opening = _moments(self.tender)
            assert asked <= answered <= deadline <= opening


def _moments(tender: Tender) -> tuple[datetime, ...]:
    moments = (tender.question_deadline, tender.answer_deadline, tender.deadline, tender.opening_at)
    return tuple(moment for moment in moments if moment is not None)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
