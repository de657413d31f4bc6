"""The keyholder gives up bids when every condition holds. For each that does not, it refuses."""

from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import pytest
from keyholding import OPENING, OPENS_AT, ORIGIN, Ledger, Office, closing_record

from procurement.kernel.checkpoint import BadNote, SignerKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import digest, envelope_bytes, lock_identity, new_identity, parse_envelope
from procurement.keyholder import protocol as say
from procurement.keyholder import rules


@dataclass
class Closed:
    """A closed tender with two bids, after its opening time, before anyone asked."""

    office: Office
    identities: list[str] = field(default_factory=list)
    envelopes: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        for _ in range(2):
            identity, envelope = self.office.sealed()
            self.identities.append(identity)
            self.envelopes.append(envelope)
        self.digests = [digest(envelope) for envelope in self.envelopes]
        self.evidence = self.office.ledger.evidence(closing_record(self.digests))
        self.leaf = rules.leaf_of(self.evidence)
        self.office.clock.at = OPENS_AT

    def both_want(self) -> None:
        self.office.wants("marsh", self.leaf)
        self.office.wants("okafor", self.leaf)

    def refusal(self, evidence: say.Evidence | None = None, digests: list[str] | None = None) -> str:
        with pytest.raises(Refused) as no:
            self.office.release(evidence or self.evidence, self.digests if digests is None else digests)
        return no.value.code


@pytest.fixture
def closed(office: Office) -> Closed:
    return Closed(office)


def test_two_officers_open_exactly_the_closed_bids(closed: Closed) -> None:
    closed.both_want()
    granted = closed.office.release(closed.evidence, closed.digests)
    unlocked = [closed.office.keyholder.unlock(granted.leaf, envelope).identity for envelope in closed.envelopes]
    assert unlocked == closed.identities


def test_the_same_closing_again_gives_the_same_answer_a_week_later(closed: Closed) -> None:
    closed.both_want()
    first = closed.office.release(closed.evidence, closed.digests)
    closed.office.clock.move(7 * 86400)
    assert closed.office.release(closed.evidence, closed.digests) == first


def test_one_microsecond_early_nobody_can_even_ask(closed: Closed) -> None:
    closed.office.clock.at = OPENS_AT - timedelta(microseconds=1)
    with pytest.raises(Refused, match="releases nothing before") as no:
        closed.office.wants("marsh", closed.leaf)
    assert no.value.code == "too-early"


def test_a_postponed_opening_refuses_what_was_asked_before(closed: Closed) -> None:
    closed.both_want()
    closed.office.keyholder.postpone(OPENING, OPENS_AT + timedelta(days=1))
    assert closed.refusal() == "too-early"


def test_a_closing_whose_own_deadline_lies_ahead_opens_nothing(closed: Closed) -> None:
    later = closing_record(closed.digests, deadline=OPENS_AT + timedelta(days=30))
    closed.evidence = closed.office.ledger.evidence(later)
    closed.leaf = rules.leaf_of(closed.evidence)
    closed.both_want()
    assert closed.refusal() == "too-early"


def test_no_key_is_made_that_could_open_at_once(office: Office) -> None:
    with pytest.raises(Refused) as no:
        office.keyholder.identity(OPENING, office.clock())
    assert no.value.code == "opening-time-past"


def test_one_officer_is_not_enough(closed: Closed) -> None:
    closed.office.wants("marsh", closed.leaf)
    closed.office.clock.move(60)
    assert closed.office.wants("marsh", closed.leaf).persons == ("marsh",)
    assert closed.refusal() == "two-persons-needed"


def test_yesterdays_request_has_to_be_made_again(closed: Closed) -> None:
    closed.office.wants("marsh", closed.leaf)
    closed.office.clock.move(86401)
    closed.office.wants("okafor", closed.leaf)
    assert closed.refusal() == "two-persons-needed"


def test_a_request_for_another_closing_does_not_count(closed: Closed) -> None:
    closed.office.wants("marsh", closed.leaf)
    closed.office.wants("okafor", "ab" * 32)
    assert closed.refusal() == "two-persons-needed"


def test_a_closing_that_another_key_signed_is_refused(closed: Closed) -> None:
    closed.both_want()
    forged = Ledger(b"x" * 32).evidence(closing_record(closed.digests))
    assert closed.refusal(forged) == "closing-unproven"


def test_a_closing_in_a_log_of_another_origin_is_refused(closed: Closed) -> None:
    closed.both_want()
    other = Ledger(origin="elsewhere.example/record").evidence(closing_record(closed.digests))
    assert closed.refusal(other) == "closing-unproven"


def test_a_closing_outside_the_checkpoint_is_refused(closed: Closed) -> None:
    closed.both_want()
    assert closed.refusal(msgspec.structs.replace(closed.evidence, index=4)) == "closing-unproven"
    assert closed.refusal(msgspec.structs.replace(closed.evidence, proof=())) == "closing-unproven"
    assert closed.refusal(msgspec.structs.replace(closed.evidence, salt="00" * 32)) == "closing-unproven"


def test_the_closing_of_another_tender_is_refused(closed: Closed) -> None:
    evidence = closed.office.ledger.evidence(closing_record(closed.digests, tender="2026-0001"))
    assert closed.refusal(evidence) == "closing-differs"


def test_another_fact_with_the_same_words_is_refused(closed: Closed) -> None:
    evidence = closed.office.ledger.evidence(closing_record(closed.digests, type_="TenderPublished"))
    assert closed.refusal(evidence) == "closing-differs"


def test_a_record_that_is_no_record_is_refused(closed: Closed) -> None:
    assert closed.refusal(closed.office.ledger.evidence(b"[]")) == "closing-differs"
    twofold = b'{"type":"Other",' + closing_record(closed.digests)[1:]
    assert closed.refusal(closed.office.ledger.evidence(twofold)) == "closing-differs"


def test_a_bid_added_left_out_or_repeated_after_closing_is_refused(closed: Closed) -> None:
    closed.both_want()
    one, two = closed.digests
    for digests in ([one, two, "cd" * 32], [one], [one, two, two], [one, "cd" * 32], []):
        assert closed.refusal(digests=digests) == "closing-differs"


def test_a_second_closing_of_an_opened_tender_is_refused(closed: Closed) -> None:
    closed.both_want()
    closed.office.release(closed.evidence, closed.digests)
    closed.office.clock.move(60)
    again = closed.office.ledger.evidence(closing_record(closed.digests[:1]))
    for person in ("marsh", "okafor"):
        closed.office.wants(person, rules.leaf_of(again))
    assert closed.refusal(again, closed.digests[:1]) == "already-released"


def test_an_opening_without_bids_is_granted_too(office: Office) -> None:
    office.keyholder.identity(OPENING, OPENS_AT)
    office.clock.at = OPENS_AT
    evidence = office.ledger.evidence(closing_record([]))
    for person in ("marsh", "okafor"):
        office.wants(person, rules.leaf_of(evidence))
    assert office.release(evidence, []).at == OPENS_AT


def test_before_the_grant_no_envelope_is_unlocked(closed: Closed) -> None:
    closed.both_want()
    with pytest.raises(Refused) as no:
        closed.office.keyholder.unlock(closed.leaf, closed.envelopes[0])
    assert no.value.code == "not-released"


def test_after_the_grant_no_other_envelope_is_unlocked(closed: Closed) -> None:
    closed.both_want()
    _, late = closed.office.sealed()
    closed.office.release(closed.evidence, closed.digests)
    with pytest.raises(Refused) as no:
        closed.office.keyholder.unlock(closed.leaf, late)
    assert no.value.code == "not-released"


def test_one_bad_envelope_is_refused_alone(office: Office) -> None:
    _, bound = new_identity(), office.keyholder.identity(OPENING, OPENS_AT)
    identity, good = office.sealed()
    import base64

    wrong_inside = base64.b64encode(lock_identity(new_identity()[0], bound.recipient)).decode()
    to_stranger = base64.b64encode(lock_identity(identity, new_identity()[1])).decode()
    base = parse_envelope(good)
    bad = {
        "identity-differs": envelope_bytes(msgspec.structs.replace(base, locked=wrong_inside)),
        "seal-broken": envelope_bytes(msgspec.structs.replace(base, locked=to_stranger)),
        "envelope-misplaced": envelope_bytes(msgspec.structs.replace(base, tender="2026-0001")),
        "envelope-malformed": b"{}",
    }
    envelopes = [good, *bad.values()]
    digests = [digest(envelope) for envelope in envelopes]
    office.clock.at = OPENS_AT
    evidence = office.ledger.evidence(closing_record(digests))
    leaf = rules.leaf_of(evidence)
    for person in ("marsh", "okafor"):
        office.wants(person, leaf)
    office.release(evidence, digests)
    for code, envelope in bad.items():
        with pytest.raises(Refused) as no:
            office.keyholder.unlock(leaf, envelope)
        assert no.value.code == code
    assert office.keyholder.unlock(leaf, good).identity == identity


def test_the_pinned_ledger_is_never_exchanged(office: Office) -> None:
    verifier = str(office.ledger.key.verifier)
    office.keyholder.installed.pin(verifier, ORIGIN)
    for key, origin in ((str(Ledger(b"x" * 32).key.verifier), ORIGIN), (verifier, "elsewhere.example/record")):
        with pytest.raises(Refused) as no:
            office.keyholder.installed.pin(key, origin)
        assert no.value.code == "pinned-otherwise"


def test_only_its_own_terminal_lets_it_believe_another_ledger(office: Office) -> None:
    renamed = SignerKey(f"{ORIGIN}/2", b"x" * 32).verifier
    office.keyholder.installed.pin_again(str(renamed))
    office.keyholder.installed.pin(str(renamed), renamed.name)
    with pytest.raises(Refused):
        office.keyholder.installed.pin(str(office.ledger.key.verifier), ORIGIN)
    with pytest.raises(BadNote):
        office.keyholder.installed.pin_again("no key")


def test_an_opening_time_moves_later_never_earlier(office: Office) -> None:
    bound = office.keyholder.identity(OPENING, OPENS_AT)
    assert office.keyholder.identity(OPENING, OPENS_AT) == bound
    later = office.keyholder.postpone(OPENING, OPENS_AT + timedelta(hours=1))
    assert later.recipient == bound.recipient
    for ask in (office.keyholder.postpone, office.keyholder.identity):
        with pytest.raises(Refused) as no:
            ask(OPENING, OPENS_AT)
        assert no.value.code == "opening-time-earlier"


def test_what_was_never_made_cannot_be_postponed_or_asked_for(office: Office) -> None:
    for ask in (lambda: office.keyholder.postpone(OPENING, OPENS_AT), lambda: office.wants("marsh", "ab" * 32)):
        with pytest.raises(Refused) as no:
            ask()
        assert no.value.code == "opening-unknown"
