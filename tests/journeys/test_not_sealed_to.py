"""What a browser does not seal to: keys, rosters and terms that the public record does not say, or not to everybody."""

from datetime import timedelta

import msgspec
import pytest
from bids_to_seal import LINES, asked_of, committee
from playwright.sync_api import Page
from sealing_counter import Counter

from procurement.kernel.sealing import new_identity, roster_hash, sign_roster

SEAL = "() => sealBid('/calls', [], {}).then(() => 'sealed', (wrong) => wrong.code)"
CHECK = "(given) => checkedRoster(...given).catch((wrong) => wrong.message)"


def test_a_roster_that_a_holder_did_not_sign_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    roster, keys = committee("2026-9999", 2, 3)
    counter.expect(asked_of(9999, roster, keys))
    one, two = roster.members[:2]
    signatures = counter.asked.signatures | {two: counter.asked.signatures[one]}
    counter.asked = msgspec.structs.replace(counter.asked, tender="2026-9999", signatures=signatures)
    said = sealer.evaluate(SEAL)
    assert said == "roster-wrong" and counter.begun is None


def test_a_roster_that_is_not_the_one_in_the_public_record_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    shown, keys = committee("2026-9998", 2, 3)
    public, _ = committee("2026-9998", 2, 3)
    counter.expect(asked_of(9998, public, []))
    counter.asked = asked_of(9998, shown, keys)
    assert sealer.evaluate(SEAL) == "roster-unknown" and counter.begun is None


def test_a_key_beside_the_fingerprint_of_another_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    """Signed by all and frozen in the record; but what second people compared were the true holders' keys."""
    (shown, keys), (true, _) = committee("2026-9996", 2, 3), committee("2026-9996", 2, 3)
    counter.expect(asked_of(9996, shown, keys), compared=true.holders)
    assert sealer.evaluate(SEAL) == "roster-unknown" and counter.begun is None


def test_a_key_that_had_ended_or_was_enrolled_twice_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    shown, keys = committee("2026-9995", 2, 3)
    counter.expect(asked_of(9995, shown, keys), ended=shown.members[:1])
    assert sealer.evaluate(SEAL) == "roster-unknown" and counter.begun is None
    shown, keys = committee("2026-9994", 2, 3)
    counter.expect(asked_of(9994, shown, keys))
    again = {"holder": shown.members[0], "age": new_identity()[1], "sign": "", "fingerprint": ""}
    counter.record.enter("KeyHolderEnrolled", "", again)
    assert sealer.evaluate(SEAL) == "roster-unknown" and counter.begun is None


@pytest.mark.parametrize(
    ("hidden", "code"),
    [
        ("TenderPublished", "seal-unknown"),
        ("RosterFrozen", "roster-unknown"),
        ("KeyHolderEnrolled", "roster-unknown"),
        ("KeyHolderConfirmed", "roster-unknown"),
    ],
)
def test_what_is_hidden_from_everybody_else_is_not_sealed_to(
    sealer: Page, counter: Counter, hidden: str, code: str
) -> None:
    """The record's own key signed it, and everything fits; but others may never be shown it. Repeated in an open entry,
    where monitors ask for it, it counts."""
    number = 9900 + len(hidden)
    roster, keys = committee(f"2026-{number}", 2, 3)
    counter.expect(asked_of(number, roster, keys), hidden={hidden})
    assert sealer.evaluate(SEAL) == code and counter.begun is None
    counter.record.hidden = {"RecordsRepeated"}
    counter.record.repeat()
    assert sealer.evaluate(SEAL) == code and counter.begun is None
    counter.record.hidden = ()
    counter.record.repeat()
    assert sealer.evaluate(SEAL) not in ("seal-unknown", "roster-unknown") and counter.begun


def test_a_key_in_another_spelling_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    shown, keys = committee("2026-9993", 2, 3)
    loud = msgspec.structs.replace(shown.holders[2], age=shown.holders[2].age.upper())
    last = msgspec.structs.replace(shown.holders[2], sign=shown.holders[2].sign[:-2] + "B=")
    for other in (loud, last):
        roster = msgspec.structs.replace(shown, holders=(*shown.holders[:2], other))
        said = sealer.evaluate(CHECK, [msgspec.to_builtins(roster), shown.tender, {}])
        assert said == "A key is written in another way than its one spelling."
    signed = {key.holder: sign_roster(key.private, shown) for key in keys}
    assert sealer.evaluate(CHECK, [msgspec.to_builtins(shown), shown.tender, signed]) == roster_hash(shown)


def test_what_the_record_does_not_say_of_level_and_keyholder_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    roster, keys = committee("2026-9997", 2, 3)
    asked = asked_of(9997, roster, keys)
    counter.expect(asked)
    for change in (
        {"recipient": new_identity()[1]},
        {"level": "S1", "roster": None},
        {"roster": None},
        {"level": "S1"},
        {"financial_recipient": new_identity()[1]},
        {"ocid": "ocds-test-of-no-record"},
    ):
        counter.asked = msgspec.structs.replace(asked, **change)
        said = sealer.evaluate(SEAL)
        assert said == "seal-unknown" and counter.begun is None


def test_what_the_keyholder_keeps_closed_for_less_long_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    asked = asked_of(9992, None, [])
    assert asked.opening_at
    counter.expect(asked, bound=asked.opening_at - timedelta(microseconds=1))
    assert sealer.evaluate(SEAL) == "opening-key-wrong" and counter.begun is None
    counter.expect(later := asked_of(9991, None, []))
    assert later.opening_at
    counter.asked = msgspec.structs.replace(later, opening_at=later.opening_at + timedelta(days=1))
    assert sealer.evaluate(SEAL) == "opening-key-wrong" and counter.begun is None, "shown later than it is bound to"


def test_prices_are_sealed_to_no_other_key_than_was_published_whatever_is_told_later(
    sealer: Page, counter: Counter
) -> None:
    later = {"financial_recipient": new_identity()[1]}
    counter.expect(asked_of(9990, None, [], two=True), later)
    typed = {line.item: "1" for line in LINES}
    said = sealer.evaluate("(typed) => sealBid('/calls', [], typed).catch((wrong) => wrong.code)", typed)
    assert said == "seal-unknown" and counter.begun and counter.offer is None
