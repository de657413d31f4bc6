"""Our sharing of secrets against itself, and against an independent join."""

from itertools import combinations

import pyshamir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.kernel.sealing import bech32, new_identity, shamir
from procurement.kernel.sealing.age import recipient_of

SCHEMES = [(2, 3), (3, 5), (4, 7)]
secrets_ = st.binary(min_size=32, max_size=32)


@st.composite
def schemes(draw: st.DrawFn) -> tuple[int, int, list[int]]:
    """(m, n, the places of a quorum of m or more, in any order)."""
    n = draw(st.integers(2, 15))
    m = draw(st.integers(2, n))
    places = draw(st.permutations(range(1, n + 1)))
    return m, n, places[: draw(st.integers(m, n))]


@settings(deadline=None, max_examples=60)
@given(secrets_, schemes())
def test_any_quorum_gives_the_secret_and_every_other_share(secret: bytes, scheme: tuple[int, int, list[int]]) -> None:
    m, n, quorum = scheme
    shares = shamir.split(secret, m, n)
    points = {x: shares[x - 1] for x in quorum}
    assert shamir.join(points) == secret
    assert [shamir.evaluate(points, x) for x in range(1, n + 1)] == shares


@pytest.mark.parametrize("m, n", SCHEMES)
def test_an_independent_program_joins_every_subset_to_the_same(m: int, n: int) -> None:
    secret = bytes(range(32))
    shares = shamir.split(secret, m, n)
    for places in combinations(range(1, n + 1), m):
        theirs = pyshamir.combine([shares[x - 1] + bytes([x]) for x in places])
        assert theirs == shamir.join({x: shares[x - 1] for x in places}) == secret


def test_we_join_what_an_independent_program_split() -> None:
    secret = bytes(range(32))
    points = {part[-1]: bytes(part[:-1]) for part in pyshamir.split(secret, 5, 3)}
    for places in combinations(points, 3):
        assert shamir.join({x: points[x] for x in places}) == secret


@pytest.mark.parametrize("m, n", SCHEMES)
def test_one_share_too_few_gives_something_else(m: int, n: int) -> None:
    secret = bytes(range(32))
    shares = shamir.split(secret, m, n)
    for places in combinations(range(1, n + 1), m - 1):
        assert shamir.join({x: shares[x - 1] for x in places}) != secret


@settings(deadline=None)
@given(st.integers(0, 255), st.integers(1, 255))
def test_one_share_too_few_fits_every_secret_equally(guess: int, share: int) -> None:
    """2 of 3, one byte: for each value of the secret exactly one polynomial goes through the share that is known."""
    points = {0: bytes([guess]), 1: bytes([share])}
    assert shamir.evaluate(points, 1) == bytes([share])
    assert shamir.join({1: bytes([share]), 2: shamir.evaluate(points, 2)}) == bytes([guess])


@settings(deadline=None)
@given(st.integers(0, 255), st.integers(0, 255))
def test_the_product_is_that_of_the_field_of_aes(a: int, b: int) -> None:
    long = 0
    for bit in range(8):
        long ^= (a << bit) if b >> bit & 1 else 0
    for bit in range(15, 7, -1):
        long ^= (shamir.FIELD << (bit - 8)) if long >> bit & 1 else 0
    assert shamir.multiply(a, b) == long


@pytest.mark.parametrize("m, n", [(1, 3), (4, 3), (2, 16), (0, 0)])
def test_an_impossible_number_of_shares_is_an_error(m: int, n: int) -> None:
    with pytest.raises(ValueError, match="2 to 15"):
        shamir.split(bytes(32), m, n)


def test_the_bytes_of_an_identity_come_back_as_age_spells_it() -> None:
    for _ in range(50):
        identity, recipient = new_identity()
        again = bech32.identity_of(bech32.secret_of(identity))
        assert again == identity and recipient_of(again) == recipient
