"""The language in which Meilisearch is told what limits a search. Whatever somebody typed enters by `quoted` alone.

An empty condition limits nothing, and is left out of what it is part of.
"""

from collections.abc import Iterable

LITERAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:_-=#")
LARGEST = 2**53  # the engine's numbers are floating point, exact up to here


def quoted(value: str) -> str:
    """A value between quotes. Every sign that could mean something there is written by its number."""
    return '"' + "".join(sign if sign in LITERAL else f"\\u{{{ord(sign):x}}}" for sign in value) + '"'


def number(value: int) -> str:
    """A whole number; one that the engine could not hold is the largest that it can."""
    return str(max(-LARGEST, min(value, LARGEST)))


def equals(field: str, value: str) -> str:
    return f"{field} = {quoted(value)}"


def among(field: str, values: Iterable[str]) -> str:
    """One of the values. Of no values: nothing is."""
    return f"{field} IN [{', '.join(map(quoted, values))}]"


def between(field: str, least: int | None, most: int | None) -> str:
    """From the least to the most, both included; None sets no bound."""
    lower = "" if least is None else f"{field} >= {number(least)}"
    return every(lower, "" if most is None else f"{field} <= {number(most)}")


def above(field: str, value: int) -> str:
    return f"{field} > {number(value)}"


def below(field: str, value: int) -> str:
    return f"{field} < {number(value)}"


def every(*conditions: str) -> str:
    return _joined(" AND ", conditions)


def some(*conditions: str) -> str:
    return _joined(" OR ", conditions)


def neither(condition: str) -> str:
    """What does not fulfil it, and what lacks the field."""
    return f"NOT ({condition})"


def _joined(word: str, conditions: Iterable[str]) -> str:
    given = [condition for condition in conditions if condition]
    return f"({word.join(given)})" if len(given) > 1 else "".join(given)
