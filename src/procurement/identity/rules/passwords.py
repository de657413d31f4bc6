"""Which passwords are refused (ASVS 5.0: 6.2.1, 6.2.4, 6.2.9, 6.2.12): short ones, and those that guessing starts with.

Those are words by theme, ours, and the 30,000 passwords that breaches showed most often, as zxcvbn ships them: nothing
is asked of anybody outside. No rule asks for digits or symbols: length counts, composition does not (NIST SP 800-63B).
"""

import re
from functools import cache

from procurement.kernel.refusal import Refused, invalid

SHORTEST, LONGEST = 12, 200  # characters; the upper bound only keeps hashing cheap

# Words that people reach for when asked for a password: ours, by theme. Digits, symbols and the usual
# swaps (0 for o, 3 for e ...) around them add nothing, so they are taken away before the comparison.
_THEMES = (
    "password passphrase passwort motdepasse contrasena secret private access login signin enter open",
    "welcome hello goodmorning letmein changeme changeit default temporary temp initial test testing demo guest",
    "admin administrator root superuser manager user username account office computer internet server system",
    "procurement tender bidding bidder supplier contract marketplace government ministry republic public",
    "spring summer autumn winter january february march april june july august september october november december",
    "monday tuesday wednesday thursday friday saturday sunday iloveyou sunshine football princess dragon",
)
_COMMON = frozenset(" ".join(_THEMES).split())
_SWAPS = str.maketrans("013457@$!", "oieastasi")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")
_RUN = 5  # neighbours in a row that count as one keystroke


def check(password: str, email: str = "", names: tuple[str, ...] = ()) -> None:
    """Refused("form-invalid") naming the field `password`. `names` are words about the person, e.g. of their office."""
    if problem := weakness(password, email, names):
        raise weak(problem)


def weak(problem: str) -> Refused:
    return invalid("Choose another password.", password=problem)


def weakness(password: str, email: str = "", names: tuple[str, ...] = ()) -> str:
    """Why this password is refused, in words for its owner; "" when it is fine."""
    plain = password.lower()
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three or four unrelated words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if any(len(word) >= 4 and word in plain for word in _words(email.partition("@")[0], *names)):
        return "Do not use your own name, your e-mail address or your organisation's name in it."
    if len(set(plain)) < 5 or _repeats(plain) or _effort(plain) < SHORTEST // 2:
        return "It repeats or follows the keyboard. Use three or four unrelated words."
    if _is_common(plain) or _is_breached(plain):
        return "It is one of the first that anybody would guess. Use three or four unrelated words."
    return ""


def _words(*texts: str) -> list[str]:
    return [word for text in texts for word in re.split(r"[\W_]+", text.lower())]


def _repeats(plain: str) -> bool:
    """Whether it is a short piece said again and again: abcabcabcabc."""
    return any((plain[:size] * len(plain)).startswith(plain) for size in range(1, 7))


def _effort(plain: str) -> int:
    """How many keystrokes are left when every run along the alphabet or the keyboard counts as one."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    left, place = 0, 0
    while place < len(plain):
        run = max(_run_length(plain, place, row) for row in rows)
        place += run if run >= _RUN else 1
        left += 1
    return left


def _run_length(plain: str, place: int, row: str) -> int:
    start = row.find(plain[place])
    length = 0
    while start >= 0 and plain[place + length : place + length + 1] == row[start + length : start + length + 1] != "":
        length += 1
    return length


def _is_common(plain: str) -> bool:
    """Whether, without digits, symbols and swaps, only one or two common words remain."""
    bare = {re.sub(r"[^a-z]", "", plain), re.sub(r"[^a-z]", "", plain.strip("0123456789!?.$@#").translate(_SWAPS))}
    return any(_splits(word) for word in bare if word)


def _is_breached(plain: str) -> bool:
    """Whether it, or what stands between digits and symbols around it, is among the passwords of breaches."""
    return not _breached().isdisjoint({plain, plain.strip("0123456789!?.,-_$@# ")})


@cache
def _breached() -> frozenset[str]:
    # read with the first password that is chosen: it is long
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # it ships no types

    return frozenset(FREQUENCY_LISTS["passwords"])


def _splits(letters: str) -> bool:
    return letters in _COMMON or any(
        letters[:cut] in _COMMON and letters[cut:] in _COMMON for cut in range(3, len(letters) - 2)
    )
