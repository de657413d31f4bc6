"""The 32 bytes inside an age identity or recipient (Bech32, BIP 173; age has no limit of 90 characters).

pyrage takes and gives whole strings only, and shares are made of the bytes.
"""

from collections.abc import Iterable, Iterator

from procurement.kernel.refusal import Refused

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
IDENTITY = "age-secret-key-"


def identity_of(secret: bytes) -> str:
    """`AGE-SECRET-KEY-1…` of 32 raw bytes."""
    return _encode(IDENTITY, secret).upper()


def secret_of(identity: str) -> bytes:
    """The 32 raw bytes of `AGE-SECRET-KEY-1…`. Refused("identity-malformed", 422)."""
    secret = _decode(IDENTITY, identity.lower()) if identity == identity.upper() else None
    if secret is None or len(secret) != 32:
        raise Refused("identity-malformed", "This is not an age identity.", status=422)
    return secret


def _encode(name: str, data: bytes) -> str:
    fives = list(_regrouped(data, 8, 5))
    if left := len(data) * 8 % 5:  # the last five bits are filled with zeros
        fives.append(int.from_bytes(data) << (5 - left) & 31)
    folded = _folded([*_spread(name), *fives, *[0] * 6]) ^ 1
    return name + "1" + "".join(LETTERS[five] for five in [*fives, *(folded >> 5 * (5 - i) & 31 for i in range(6))])


def _decode(name: str, text: str) -> bytes | None:
    """The payload, or nothing for another name, a wrong letter, sum or filling."""
    start, letters = text[: len(name) + 1], text[len(name) + 1 :]
    if start != name + "1" or len(letters) < 6 or set(letters) - set(LETTERS):
        return None
    fives = [LETTERS.index(letter) for letter in letters]
    data = bytes(_regrouped(fives[:-6], 5, 8))
    return data if _encode(name, data) == text else None


def _regrouped(values: Iterable[int], given: int, taken: int) -> Iterator[int]:
    """Numbers of `given` bits as numbers of `taken` bits, the highest bit first. What is left over is dropped."""
    held = bits = 0
    for value in values:
        held, bits = held << given | value, bits + given
        while bits >= taken:
            bits -= taken
            yield held >> bits & (1 << taken) - 1


def _folded(values: Iterable[int]) -> int:
    """The checksum of BIP 173."""
    sum_ = 1
    for value in values:
        top, sum_ = sum_ >> 25, (sum_ & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(GENERATOR):
            sum_ ^= generator if top >> bit & 1 else 0
    return sum_


def _spread(name: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in name), 0, *(ord(letter) & 31 for letter in name)]
