"""Financial envelopes: released after the technical decision, of those who passed, and of nobody else."""

from collections.abc import Sequence

import pytest
from keyholding import OPENS_AT, Ledger, Office, closing_record, ended_record

from procurement.kernel.entry import record_bytes
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import digest, parse_envelope
from procurement.keyholder import protocol as say
from procurement.keyholder import rules

TECHNICAL, FINANCIAL = say.Opening("2026-0418", kind="technical"), say.Opening("2026-0418", kind="financial")


def decision_record(
    passed: Sequence[str], closing: str, tender: str = "2026-0418", type_: str = "TechnicalDecided"
) -> bytes:
    fact = {"tender": tender, "closing": closing, "passed": list(passed), "failed": []}
    return record_bytes(type_, OPENS_AT, "ocds-xmarrow-2026-0418", "system:opening", "", fact)


class Two:
    """Two bidders with two envelopes each, closed and due. The first passes, the second does not."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.technical = [office.sealed(opening=TECHNICAL) for _ in range(2)]
        self.financial = [office.sealed(opening=FINANCIAL) for _ in range(2)]
        self.digests = [digest(envelope) for _, envelope in (*self.technical, *self.financial)]
        self.passed = self.digests[2]
        self.evidence = office.ledger.evidence(closing_record(self.digests))
        self.closing = rules.leaf_of(self.evidence)
        office.clock.at = OPENS_AT

    def open_technical(self) -> None:
        self.both_want(self.evidence, TECHNICAL)
        self.office.release(self.evidence, self.digests, TECHNICAL)

    def both_want(self, evidence: say.Evidence, opening: say.Opening = FINANCIAL) -> None:
        self.office.clock.move(60)
        for person in ("marsh", "okafor"):
            self.office.wants(person, rules.leaf_of(evidence), opening=opening)

    def decided(self, passed: Sequence[str] | None = None, **changes: str) -> say.Evidence:
        named = [self.passed] if passed is None else passed
        return self.office.ledger.evidence(decision_record(named, **{"closing": self.closing, **changes}))

    def refusal(self, evidence: say.Evidence, digests: Sequence[str] | None = None) -> str:
        self.both_want(evidence)
        with pytest.raises(Refused) as no:
            self.office.release(evidence, [self.passed] if digests is None else list(digests), FINANCIAL)
        return no.value.code

    def unlocks(self, leaf: str, envelope: bytes) -> str:
        return self.office.keyholder.unlock(leaf, envelope).identity


@pytest.fixture
def two(office: Office) -> Two:
    return Two(office)


def test_after_the_decision_the_financial_envelopes_of_those_who_passed_are_released(two: Two) -> None:
    two.open_technical()
    decided = two.decided()
    two.both_want(decided)
    granted = two.office.release(decided, [two.passed], FINANCIAL)
    identity, envelope = two.financial[0]
    assert two.unlocks(granted.leaf, envelope) == identity
    assert two.office.release(decided, [two.passed], FINANCIAL) == granted


def test_the_financial_envelope_of_a_bidder_who_failed_is_never_unlocked(two: Two) -> None:
    two.open_technical()
    decided = two.decided()
    two.both_want(decided)
    two.office.release(decided, [two.passed], FINANCIAL)
    for leaf in (rules.leaf_of(decided), two.closing):
        with pytest.raises(Refused) as no:
            two.unlocks(leaf, two.financial[1][1])
        assert no.value.code in ("not-released", "envelope-misplaced")


def test_the_release_of_technical_envelopes_unlocks_no_financial_one(two: Two) -> None:
    two.open_technical()
    identity, envelope = two.technical[0]
    assert two.unlocks(two.closing, envelope) == identity
    with pytest.raises(Refused) as no:
        two.unlocks(two.closing, two.financial[0][1])
    assert no.value.code == "envelope-misplaced"


def test_a_decision_that_nobody_else_may_have_seen_releases_nothing(two: Two) -> None:
    two.open_technical()
    decided = two.decided()
    two.both_want(decided)
    hidden = two.office.ledger.evidence(decided.record.encode(), at_once=False)
    assert two.refusal(hidden, [two.passed]) == "evidence-hidden"


def test_the_closing_alone_releases_no_financial_envelope(two: Two) -> None:
    assert two.refusal(two.evidence, two.digests) == "technical-sealed"
    two.open_technical()
    for digests in (two.digests, two.digests[2:]):
        assert two.refusal(two.evidence, digests) == "decision-differs"


def test_a_decision_before_the_technical_envelopes_were_released_is_refused(two: Two) -> None:
    assert two.refusal(two.decided()) == "technical-sealed"


def test_other_envelopes_than_the_decision_names_are_refused(two: Two) -> None:
    two.open_technical()
    failed = two.digests[3]
    for digests in ([two.passed, failed], [failed], [], [two.passed, two.passed]):
        assert two.refusal(two.decided(), digests) == "decision-differs"


def test_a_decision_that_names_an_envelope_which_closing_did_not_fix_is_refused(two: Two) -> None:
    two.open_technical()
    late = digest(two.office.sealed(opening=FINANCIAL)[1])
    assert two.refusal(two.decided([two.passed, late]), [two.passed, late]) == "decision-differs"


def test_the_decision_of_another_tender_closing_or_kind_is_refused(two: Two) -> None:
    two.open_technical()
    assert two.refusal(two.decided(tender="2026-0001")) == "decision-differs"
    assert two.refusal(two.decided(closing="ab" * 32)) == "decision-differs"
    assert two.refusal(two.decided(type_="TechnicalProposed")) == "decision-differs"
    assert two.refusal(two.office.ledger.evidence(b"[]")) == "decision-differs"


def test_a_decision_that_another_key_signed_is_refused(two: Two) -> None:
    two.open_technical()
    forged = Ledger(b"x" * 32).evidence(decision_record([two.passed], two.closing))
    assert two.refusal(forged) == "closing-unproven"


def test_one_officer_does_not_open_financial_envelopes(two: Two) -> None:
    two.open_technical()
    decided = two.decided()
    two.office.clock.move(60)
    two.office.wants("marsh", rules.leaf_of(decided), opening=FINANCIAL)
    with pytest.raises(Refused) as no:
        two.office.release(decided, [two.passed], FINANCIAL)
    assert no.value.code == "two-persons-needed"


def test_two_officers_who_asked_for_the_technical_opening_did_not_ask_for_the_financial_one(two: Two) -> None:
    two.open_technical()
    with pytest.raises(Refused) as no:
        two.office.release(two.decided(), [two.passed], FINANCIAL)
    assert no.value.code == "two-persons-needed"


def test_a_second_decision_releases_nothing_more(two: Two) -> None:
    two.open_technical()
    first = two.decided()
    two.both_want(first)
    two.office.release(first, [two.passed], FINANCIAL)
    both = two.digests[2:]
    assert two.refusal(two.decided(both), both) == "already-released"


def test_before_their_bound_time_financial_envelopes_are_not_even_asked_for(two: Two) -> None:
    two.open_technical()
    decided = two.decided()
    two.office.keyholder.postpone(FINANCIAL, OPENS_AT.replace(day=1, month=12))
    with pytest.raises(Refused) as no:
        two.both_want(decided)
    assert no.value.code == "too-early"


def test_where_nobody_passed_the_key_ends_with_the_tender_that_was_opened(two: Two) -> None:
    two.open_technical()
    end = two.office.ledger.evidence(ended_record("SealKeysEnded", OPENS_AT))
    with pytest.raises(Refused) as young:
        two.office.keyholder.destroy(FINANCIAL, end)
    assert young.value.code == "ending-too-young"
    two.office.clock.move(31 * 86400)
    two.office.keyholder.destroy(FINANCIAL, end)
    with pytest.raises(Refused) as gone:
        two.office.keyholder.identity(FINANCIAL, OPENS_AT)
    assert gone.value.code == "identity-destroyed"


LOT_1, LOT_2 = (say.Opening("2026-0418", lot_group=lot, kind="financial") for lot in ("lot-1", "lot-2"))


def test_the_envelopes_of_all_lots_belong_to_the_opening_of_no_lot_group_and_are_released_one_by_one(
    office: Office,
) -> None:
    two = Two(office)
    lots = [office.sealed(opening=FINANCIAL, lot_group=one.lot_group) for one in (LOT_1, LOT_2)]
    (first, passed), (_, failed) = lots
    two.digests = [*two.digests[:2], digest(passed), digest(failed)]
    two.evidence = office.ledger.evidence(closing_record(two.digests))
    two.closing, two.passed = rules.leaf_of(two.evidence), digest(passed)
    two.open_technical()
    decided = two.decided()
    two.both_want(decided)
    granted = office.release(decided, [two.passed], FINANCIAL)
    assert two.unlocks(granted.leaf, passed) == first
    for leaf, code in ((granted.leaf, "not-released"), (two.closing, "envelope-misplaced")):
        with pytest.raises(Refused) as no:
            two.unlocks(leaf, failed)
        assert no.value.code == code, "the lot in which its bidder failed stays closed"


def test_an_envelope_of_one_lot_belongs_to_no_opening_of_another_and_one_of_all_to_none_of_a_lot(
    office: Office,
) -> None:
    of_lot, of_all = (parse_envelope(office.sealed(opening=FINANCIAL, lot_group=lot)[1]) for lot in ("lot-1", ""))
    for envelope, opening in ((of_lot, FINANCIAL), (of_lot, LOT_1), (of_all, FINANCIAL)):
        rules.must_belong(envelope, opening)
    elsewhere = say.Opening("2026-0419", kind="financial")
    later = say.Opening("2026-0418", kind="financial", round=2)
    for envelope, opening in (
        (of_lot, LOT_2),
        (of_all, LOT_1),
        (of_lot, TECHNICAL),
        (of_lot, elsewhere),
        (of_lot, later),
    ):
        with pytest.raises(Refused) as no:
            rules.must_belong(envelope, opening)
        assert no.value.code == "envelope-misplaced"
