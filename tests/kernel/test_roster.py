"""The roster, its signatures, the holder's key, and the proof that they still have it."""

import base64

import msgspec
import pytest
from committee import Committee, DealtBid
from sealed_bids import refusal

from procurement.kernel.canonical import canonical
from procurement.kernel.sealing import (
    Holder,
    answer_challenge,
    check_all_signed,
    check_roster_signature,
    expected_answer,
    holder_key_bytes,
    new_challenge,
    new_holder_key,
    parse_holder_key,
    parse_roster,
    roster_bytes,
    roster_hash,
    seal_challenge,
    sign_roster,
)
from procurement.kernel.sealing.age import encrypt

COMMITTEE = Committee(2, 3)
ROSTER = COMMITTEE.roster
SIGNED = {key.holder: sign_roster(key.private, ROSTER) for key in COMMITTEE.keys}


def respelled(holder: Holder) -> str:
    """The same signing key in base64 whose last letter has bits that no byte takes."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = holder.sign[:-2] + letters[letters.index(holder.sign[-2]) + 1] + "="
    assert other != holder.sign and base64.b64decode(other, validate=True) == base64.b64decode(holder.sign)
    return other


def signing_as(sign: str) -> Holder:
    return msgspec.structs.replace(ROSTER.holders[2], sign=sign)


def test_a_key_in_capitals_is_no_other_key() -> None:
    """Else one key could sit in two places."""
    one, two, three = ROSTER.holders
    for age in (one.age.upper(), three.age.upper()):
        data = canonical(msgspec.structs.replace(ROSTER, holders=(one, two, msgspec.structs.replace(three, age=age))))
        assert refusal(lambda data=data: parse_roster(data)) == "recipient-malformed"  # type: ignore[misc]  # a default


def test_a_roster_that_all_signed_comes_back_byte_for_byte() -> None:
    assert parse_roster(roster_bytes(ROSTER)) == ROSTER
    check_all_signed(ROSTER, SIGNED)


def test_a_signature_is_missing_false_or_of_another_roster() -> None:
    assert refusal(lambda: check_all_signed(ROSTER, SIGNED | {"holder-2": "AA=="})) == "signature-wrong"
    assert refusal(lambda: check_all_signed(ROSTER, SIGNED | {"holder-2": "é"})) == "signature-wrong"
    missing = {member: signature for member, signature in SIGNED.items() if member != "holder-3"}
    assert refusal(lambda: check_all_signed(ROSTER, missing)) == "roster-unsigned"
    swapped = SIGNED | {"holder-1": SIGNED["holder-2"]}
    assert refusal(lambda: check_all_signed(ROSTER, swapped)) == "signature-wrong"
    assert refusal(lambda: check_roster_signature(ROSTER, "stranger", SIGNED["holder-1"])) == "signature-wrong"


@pytest.mark.parametrize("change", [{"m": 3}, {"level": "S3"}, {"tender": "2026-0001"}])
def test_a_roster_with_one_word_changed_is_no_longer_signed(change: dict[str, object]) -> None:
    other = msgspec.structs.replace(ROSTER, **change)
    assert roster_hash(other) != roster_hash(ROSTER)
    assert refusal(lambda: check_all_signed(other, SIGNED)) == "signature-wrong"


def test_a_holder_with_an_exchanged_key_is_no_longer_signed() -> None:
    one, two, three = ROSTER.holders
    swapped = msgspec.structs.replace(two, age=new_holder_key("holder-2").recipient)
    other = msgspec.structs.replace(ROSTER, holders=(one, swapped, three))
    assert refusal(lambda: check_all_signed(other, SIGNED)) == "signature-wrong"


@pytest.mark.parametrize(
    "change",
    [
        {"m": 1},
        {"m": 4},
        {"level": "S1"},
        {"holders": ROSTER.holders[:1]},
        {"holders": (ROSTER.holders[0],) * 3},
        {"holders": (*ROSTER.holders[:2], msgspec.structs.replace(ROSTER.holders[2], age=ROSTER.holders[0].age))},
        {"holders": (*ROSTER.holders[:2], msgspec.structs.replace(ROSTER.holders[2], sign=ROSTER.holders[0].sign))},
        {"holders": (*ROSTER.holders[:2], msgspec.structs.replace(ROSTER.holders[2], sign="AAAA"))},
        {"holders": Committee(2, 16).roster.holders},
        {"tender": ""},
        {"holders": (*ROSTER.holders[:2], signing_as(respelled(ROSTER.holders[0])))},
        {"holders": (*ROSTER.holders[:2], signing_as(respelled(ROSTER.holders[2])))},
    ],
)
def test_an_impossible_roster_is_refused(change: dict[str, object]) -> None:
    data = canonical(msgspec.structs.replace(ROSTER, **change))
    assert refusal(lambda: parse_roster(data)) == "roster-malformed"


def test_a_holder_whose_recipient_is_no_key_is_refused() -> None:
    holders = (msgspec.structs.replace(ROSTER.holders[0], age="age1harbour"), *ROSTER.holders[1:])
    data = canonical(msgspec.structs.replace(ROSTER, holders=holders))
    assert refusal(lambda: parse_roster(data)) == "recipient-malformed"


def test_a_holders_key_comes_back_byte_for_byte() -> None:
    key = new_holder_key("holder-1")
    assert parse_holder_key(holder_key_bytes(key)) == key
    assert len(base64.b64decode(key.sign)) == 32
    assert refusal(lambda: parse_holder_key(b"{}")) == "holder-key-malformed"
    broken = holder_key_bytes(msgspec.structs.replace(key, identity="AGE-SECRET-KEY-1QQ"))
    assert refusal(lambda: parse_holder_key(broken)) == "identity-malformed"


def test_possession_is_proved_with_the_key_alone() -> None:
    key, other = COMMITTEE.keys[:2]
    challenge = new_challenge("2026-0418", key.holder)
    sealed = seal_challenge(challenge, key.recipient)
    assert answer_challenge(sealed, key.identity, key.holder) == expected_answer(challenge)
    assert expected_answer(new_challenge("2026-0418", key.holder)) != expected_answer(challenge)
    assert refusal(lambda: answer_challenge(sealed, other.identity, key.holder)) == "seal-broken"
    assert refusal(lambda: answer_challenge(sealed, key.identity, other.holder)) == "challenge-malformed"


def test_a_share_sent_as_a_challenge_is_not_answered() -> None:
    bid = DealtBid(COMMITTEE)
    disguised = encrypt(bid.given([1])["holder-1"], COMMITTEE.keys[0].recipient)
    assert refusal(lambda: answer_challenge(disguised, COMMITTEE.keys[0].identity, "holder-1")) == "challenge-malformed"
