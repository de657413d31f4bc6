"""Shamir's secret sharing over GF(2^8), the field of AES (polynomial 0x11b), byte by byte.

Share x is the value of a random polynomial of degree m - 1 at x; the secret is its value at 0. Places are fixed,
x = 1..n, and any m points give the value at every other place: so whoever joins can recompute all shares. Wrong points
join silently to garbage: always compare what came out with what is known of it.
"""

import secrets
from collections.abc import Callable, Mapping

FIELD = 0x11B
MOST = 15  # shares

Random = Callable[[int], bytes]


def split(secret: bytes, m: int, n: int, random: Random = secrets.token_bytes) -> list[bytes]:
    """The values at x = 1..n, each as long as the secret. `random(k)` gives k bytes for each of x¹ … x^(m-1) in turn.

    ValueError unless 2 <= m <= n <= 15.
    """
    if not 2 <= m <= n <= MOST:
        raise ValueError("there are 2 to 15 shares, and at least 2 of them join")
    coefficients = [secret, *(random(len(secret)) for _ in range(m - 1))]
    return [_sum([_scaled(part, _power(x, k)) for k, part in enumerate(coefficients)]) for x in range(1, n + 1)]


def join(points: Mapping[int, bytes]) -> bytes:
    """The secret, from m points: x -> value."""
    return evaluate(points, 0)


def evaluate(points: Mapping[int, bytes], at: int) -> bytes:
    """The value at `at` of the one polynomial of degree len(points) - 1 through the points (Lagrange)."""
    return _sum([_scaled(value, _weight(x, points, at)) for x, value in points.items()])


def multiply(a: int, b: int) -> int:
    """The product of two elements, without tables: time and memory do not depend on them."""
    product = 0
    for bit in range(8):
        product ^= -(b >> bit & 1) & a
        a = (a << 1) ^ (-(a >> 7) & FIELD)
    return product


def _weight(x: int, points: Mapping[int, bytes], at: int) -> int:
    """The product of (at - other) / (x - other): 1 at x, 0 at the other points. Minus is the same as plus."""
    above = below = 1
    for other in points:
        if other != x:
            above, below = multiply(above, at ^ other), multiply(below, x ^ other)
    return multiply(above, _power(below, 254))  # the inverse: a^255 = 1


def _power(a: int, exponent: int) -> int:
    product = 1
    for _ in range(exponent):
        product = multiply(product, a)
    return product


def _scaled(data: bytes, factor: int) -> bytes:
    return bytes(multiply(byte, factor) for byte in data)


def _sum(parts: list[bytes]) -> bytes:
    total = 0
    for part in parts:
        total ^= int.from_bytes(part)
    return total.to_bytes(len(parts[0]))
