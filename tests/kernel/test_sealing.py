"""Suite SB1: what is sealed comes back, and nothing else passes for it."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealed_bids import IDENTITY, KEYHOLDER, KEYHOLDER_RECIPIENT, RECIPIENT, SHA, a_manifest, refusal, sealed

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.money import Money
from procurement.kernel.sealing import (
    PART,
    Blob,
    ItemPrice,
    LotTotal,
    Prices,
    age,
    check_binding,
    check_blobs,
    files,
    lock_identity,
    manifest_bytes,
    new_identity,
    padded_size,
    parse_manifest,
    parse_prices,
    prices_bytes,
    recipient_of,
    seal_manifest,
    seal_part,
    unlock_identity,
)

# Padding


@given(st.integers(0, 1 << 45))
def test_padding_costs_at_most_twelve_percent_and_never_shortens(size: int) -> None:
    assert size <= padded_size(size) <= size * 1.12
    assert padded_size(padded_size(size)) == padded_size(size)


def test_few_lengths_remain_to_be_told_apart() -> None:
    assert len({padded_size(size) for size in range(1 << 20, 2 << 20, 97)}) <= 33


# Parts


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=200_000), st.integers(1, 70_000))
def test_a_file_comes_back_whatever_the_chunks(data: bytes, step: int) -> None:
    sealer, parts = sealed(data, step)
    plain = b"".join(age.decrypt(part.data, IDENTITY) for part in parts)
    assert plain == data + bytes(padded_size(len(data)) - len(data))
    assert [part.blob for part in parts] == [Blob(sha256_hex(part.data), len(part.data)) for part in parts]
    assert sealer.entry().size == len(data)
    assert sealer.entry().parts == tuple(part.hashes for part in parts)


def test_a_long_file_becomes_parts_of_eight_mebibytes() -> None:
    data = b"0123456789abcdef" * (PART // 16 * 2 + 1)
    sealer, parts = sealed(data, 3 << 20)
    lengths = [len(age.decrypt(part.data, IDENTITY)) for part in parts]
    assert lengths[:2] == [PART, PART]
    assert sum(lengths) == padded_size(len(data))
    assert len(sealer.entry().parts) == len(parts) == 3


def test_padding_may_need_a_part_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PART", 1024)
    size = 64 * 1024 + 1
    sealer, parts = sealed(bytes(size))
    assert padded_size(size) == 66 * 1024
    assert len(parts) == len(sealer.entry().parts) == 66


def test_an_empty_file_is_one_part() -> None:
    sealer, parts = sealed(b"")
    assert (len(parts), sealer.entry().size, age.decrypt(parts[0].data, IDENTITY)) == (1, 0, b"")


def test_a_part_beyond_its_size_is_refused() -> None:
    assert refusal(lambda: seal_part(bytes(PART + 1), RECIPIENT)) == "part-too-large"


def test_an_altered_or_cut_part_does_not_open() -> None:
    data = seal_part(b"price", RECIPIENT)
    for bad in (data[:-1], data[:-1] + bytes([data[-1] ^ 1]), data + b"x"):
        assert refusal(lambda bad=bad: age.decrypt(bad, IDENTITY)) == "seal-broken"
    assert refusal(lambda: age.decrypt(data, new_identity()[0])) == "seal-broken"


# The lock


def test_the_keyholders_identity_opens_the_lock() -> None:
    assert unlock_identity(lock_identity(IDENTITY, KEYHOLDER_RECIPIENT), KEYHOLDER) == IDENTITY
    assert recipient_of(IDENTITY) == RECIPIENT


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"x" * 5000,
        b'{"identity":"x"}',
        canonical({"type": "share/v1", "identity": IDENTITY}),
        canonical({"type": "identity/v1", "identity": IDENTITY, "more": 1}),
        b'{"type":"identity/v1","identity":"' + IDENTITY.encode() + b'"}',
    ],
)
def test_the_keyholder_opens_nothing_but_identities(inside: bytes) -> None:
    locked = age.encrypt(inside, KEYHOLDER_RECIPIENT)
    assert refusal(lambda: unlock_identity(locked, KEYHOLDER)) == "lock-malformed"


def test_an_identity_that_is_none_is_refused() -> None:
    locked = age.encrypt(canonical({"type": "identity/v1", "identity": "me"}), KEYHOLDER_RECIPIENT)
    assert refusal(lambda: unlock_identity(locked, KEYHOLDER)) == "identity-malformed"
    assert refusal(lambda: lock_identity("me", KEYHOLDER_RECIPIENT)) == "identity-malformed"
    assert refusal(lambda: lock_identity(IDENTITY, "age1harbour")) == "recipient-malformed"


# The manifest


def test_a_manifest_comes_back_from_its_padded_part() -> None:
    manifest = a_manifest()
    plain = age.decrypt(seal_manifest(manifest, RECIPIENT).data, IDENTITY)
    assert len(plain) == padded_size(len(manifest_bytes(manifest)))
    assert parse_manifest(plain) == manifest


@pytest.mark.parametrize(
    "change",
    [{"tender": "2026-0001"}, {"revision": "c" * 64}, {"supplier": "adler"}, {"version": 1}, {"round": 2},
     {"kind": "technical"}],
)  # fmt: skip
def test_what_was_sealed_as_another_bid_does_not_open_as_this_one(change: dict[str, object]) -> None:
    bid = {"tender": "2026-0418", "revision": SHA, "kind": "single", "round": 1, "supplier": "harbour", "version": 2}
    check_binding(a_manifest(), **bid)  # type: ignore[arg-type]  # one dict of the six arguments
    assert refusal(lambda: check_binding(a_manifest(**change), **bid)) == "bid-misplaced"  # type: ignore[arg-type]


def test_parts_dropped_added_or_in_another_order_are_refused() -> None:
    _, parts = sealed(bytes(PART + 1))
    blobs = [part.blob for part in parts]
    file = msgspec.structs.replace(a_manifest().files[0], parts=tuple(part.hashes for part in parts))
    manifest, first = a_manifest(files=(file,)), Blob("f" * 64, 9)
    check_blobs(manifest, [first, *blobs])
    for other in ([first, *blobs[::-1]], [first, *blobs[:1]], [first, *blobs, first], blobs):
        assert refusal(lambda other=other: check_blobs(manifest, other)) == "parts-differ"


def test_a_manifest_without_prices_first_or_with_a_name_twice_is_refused() -> None:
    file = a_manifest().files[0]
    offer = msgspec.structs.replace(file, name="offer.pdf")
    for listed in ((offer,), (offer, file), (file, offer, offer)):
        assert refusal(lambda listed=listed: parse_manifest(manifest_bytes(a_manifest(files=listed)))) == (
            "manifest-malformed"
        )


# Prices


PRICES = Prices(
    currency="EUR",
    items=(ItemPrice(item="i1", unit_price="12.345678"),),
    lots=(LotTotal(lot="1", total="1240.50"), LotTotal(lot="2", total="0")),
)
LOTS, ITEMS = frozenset({"1", "2", "3"}), frozenset({"i1", "i2"})


def test_prices_are_exact() -> None:
    read = parse_prices(prices_bytes(PRICES), "EUR", LOTS, ITEMS)
    assert read.lot_totals() == {"1": Money(124050, "EUR"), "2": Money(0, "EUR")}


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "USD"},
        {"lots": ()},
        {"lots": (LotTotal(lot="9", total="1"),)},
        {"lots": (LotTotal(lot="1", total="1"), LotTotal(lot="1", total="2"))},
        {"lots": (LotTotal(lot="1", total="1.005"),)},
        {"items": (ItemPrice(item="i9", unit_price="1"),)},
        {"items": (ItemPrice(item="i1", unit_price="1"), ItemPrice(item="i1", unit_price="1"))},
        *({"items": (ItemPrice(item="i1", unit_price=bad),)} for bad in ("", "-1", "1e9", "01", "1,5", "NaN", ".5")),
    ],
)
def test_prices_that_do_not_fit_the_tender_are_refused(change: dict[str, object]) -> None:
    data = prices_bytes(msgspec.structs.replace(PRICES, **change))
    assert refusal(lambda: parse_prices(data, "EUR", LOTS, ITEMS)) == "prices-malformed"
