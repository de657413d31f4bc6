"""Suite SB1: the envelope, the receipt and the closing root."""

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sealed_bids import (
    ENVELOPE,
    IDENTITY,
    KEYHOLDER,
    RECIPIENT,
    SHA,
    an_envelope,
    refusal,
)

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Blob,
    ReceiptBody,
    SignedReceipt,
    closing_root,
    digest,
    envelope_bytes,
    parse_envelope,
    parse_manifest,
    parse_prices,
    sign_receipt,
    unlock_identity,
    verify_receipt,
)
from procurement.kernel.sealing.receipt import moment

# The envelope


def test_an_envelope_comes_back_byte_for_byte() -> None:
    assert envelope_bytes(parse_envelope(ENVELOPE)) == ENVELOPE
    assert digest(ENVELOPE) == sha256_hex(ENVELOPE)
    assert unlock_identity(parse_envelope(ENVELOPE).locked_bytes(), KEYHOLDER) == IDENTITY


SCRYPT = base64.b64encode(b"age-encryption.org/v1\n-> scrypt bm90 18\nx\n--- y\n").decode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"suite": "SB2"}, "envelope-malformed"),
        ({"tender": ""}, "envelope-malformed"),
        ({"revision": "A" * 64}, "envelope-malformed"),
        ({"blobs": ()}, "envelope-malformed"),
        ({"blobs": (Blob(SHA, 9 << 20),)}, "envelope-malformed"),
        ({"blobs": (Blob(SHA, 1), Blob(SHA, 1))}, "blob-twice"),
        ({"part_size": 1}, "envelope-malformed"),
        ({"round": 0}, "envelope-malformed"),
        ({"kind": "secret"}, "envelope-malformed"),
        ({"sealed_by": "nobody"}, "envelope-malformed"),
        ({"locked": "****"}, "envelope-malformed"),
        ({"locked": "é"}, "envelope-malformed"),
        ({"locked": ""}, "seal-malformed"),
        ({"locked": SCRYPT}, "seal-malformed"),
        ({"locked": "A" * 50_000}, "envelope-malformed"),
        ({"recipient": "age1harbour"}, "recipient-malformed"),
        ({"recipient": IDENTITY}, "recipient-malformed"),
        ({"m": 2}, "members-malformed"),
        ({"tender": "x" * 2_000_000}, "envelope-malformed"),
    ],
)
def test_a_malformed_envelope_is_refused(change: dict[str, object], code: str) -> None:
    data = envelope_bytes(an_envelope(**change))
    assert refusal(lambda: parse_envelope(data)) == code


def test_only_the_canonical_spelling_is_an_envelope() -> None:
    data = ENVELOPE
    unknown = data[:-1] + b',"zzz":1}'
    twice = data[:-1] + b',"version":1,"version":1}'
    for other in (data + b"\n", b" " + data, data.replace(b'","', b'", "'), unknown, twice, b"[]", b"\xff", b"null"):
        assert refusal(lambda other=other: parse_envelope(other)) == "envelope-malformed"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_at_all_do_anything_but_parse_or_be_refused(data: bytes) -> None:
    for parse in (parse_envelope, parse_manifest):
        with pytest.raises(Refused):
            parse(data)
    with pytest.raises(Refused):
        parse_prices(data, "EUR", frozenset(), frozenset())


@settings(deadline=None)
@given(st.data())
def test_one_changed_byte_changes_the_digest_or_is_refused(data: st.DataObject) -> None:
    original = ENVELOPE
    place = data.draw(st.integers(0, len(original) - 1))
    changed = original[:place] + bytes([original[place] ^ data.draw(st.integers(1, 255))]) + original[place + 1 :]
    assert digest(changed) != digest(original)
    with suppress(Refused):
        assert envelope_bytes(parse_envelope(changed)) == changed


# The receipt

KEY = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
RECEIVED = datetime(2026, 11, 21, 15, 42, 7, 318204, tzinfo=UTC)
BODY = ReceiptBody(
    digest=SHA,
    tender="2026-0418",
    supplier="harbour",
    version=2,
    received_at=moment(RECEIVED),
    deadline_applied=moment(RECEIVED + timedelta(days=9)),
    record="e" * 64,
    merge_by=moment(RECEIVED + timedelta(minutes=1)),
    recipient=RECIPIENT,
    key="",
)


def test_a_receipt_verifies_after_a_round_trip_through_its_file() -> None:
    signed = sign_receipt(KEY, BODY)
    read = msgspec.json.decode(msgspec.json.encode(signed), type=SignedReceipt)
    verify_receipt(KEY.public_key(), read)
    assert read.receipt.received_at == "2026-11-21T15:42:07.318204Z"
    assert read.receipt.key.startswith("ed25519:")


def test_moments_are_spelled_in_utc_wherever_they_come_from() -> None:
    there = RECEIVED.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert moment(there) == moment(RECEIVED)


@pytest.mark.parametrize("field", ["digest", "tender", "supplier", "received_at", "deadline_applied", "record"])
def test_an_altered_receipt_does_not_verify(field: str) -> None:
    signed = sign_receipt(KEY, BODY)
    altered = msgspec.structs.replace(signed.receipt, **{field: getattr(signed.receipt, field)[::-1]})
    forged = msgspec.structs.replace(signed, receipt=altered)
    same = getattr(altered, field) == getattr(signed.receipt, field)
    assert same or refusal(lambda: verify_receipt(KEY.public_key(), forged)) == "signature-wrong"


def test_another_keys_receipt_or_a_broken_signature_does_not_verify() -> None:
    signed, other = sign_receipt(KEY, BODY), Ed25519PrivateKey.generate()
    assert refusal(lambda: verify_receipt(other.public_key(), signed)) == "signature-wrong"
    claimed = msgspec.structs.replace(sign_receipt(other, BODY), receipt=signed.receipt)
    assert refusal(lambda: verify_receipt(KEY.public_key(), claimed)) == "signature-wrong"
    garbled = msgspec.structs.replace(signed, signature="*")
    assert refusal(lambda: verify_receipt(KEY.public_key(), garbled)) == "signature-wrong"


def test_a_signed_receipt_for_a_late_bid_is_impossible() -> None:
    late = sign_receipt(KEY, msgspec.structs.replace(BODY, deadline_applied=BODY.received_at))
    assert refusal(lambda: verify_receipt(KEY.public_key(), late)) == "receipt-impossible"


# The closing root


@given(st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), unique=True, max_size=40), st.randoms())
def test_the_closing_root_knows_the_set_not_the_order(digests: list[str], random: object) -> None:
    shuffled = list(digests)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert closing_root(shuffled) == closing_root(digests)
    assert closing_root(digests)[0] == len(digests)
    assert closing_root([*digests, "ff" * 31 + "fe"])[1] != closing_root(digests)[1]


def test_the_closing_root_without_bids_is_that_of_the_empty_tree() -> None:
    assert closing_root([]) == (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
