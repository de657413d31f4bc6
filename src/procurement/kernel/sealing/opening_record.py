"""What the public record says of the keyholder's word: under which key it stands, and whether it covers the opening."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from procurement.kernel.checkpoint import BadNote, VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_key import CODE, SignedOpeningKey, must_be_bound

KEY, PURPOSE = "KeyPublished", "keyholder"
MOVES = ("TenderPublished", "DeadlineExtended")  # the facts that name an opening time


class Told(msgspec.Struct, frozen=True):
    """A fact at its place in the log. Whoever gives it has proved that it stands there."""

    index: int
    type: str
    fact: Mapping[str, Any]


class Word(msgspec.Struct, frozen=True):
    """`key` is what the newest word on the opening was checked with; "" where the tender was published before the
    keyholder signed. `others` are the keyholder's other keys in the record, oldest first: there should be none."""

    key: str
    others: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        if not self.key:
            return (
                "published before the keyholder signed: its key and its time are the service's word alone, so the "
                "operator of the service could read a bid before the opening too"
            )
        return "the keyholder signed the key that bids are sealed to, and that nothing is opened before the time shown"


def keyholder_keys(told: Iterable[Told]) -> list[tuple[int, str]]:
    """(index, verifier key) of each that the record names as the keyholder's, oldest first."""
    named = [one for one in told if one.type == KEY and one.fact.get("purpose") == PURPOSE]
    return sorted((one.index, str(one.fact["verifier"])) for one in named)


def must_cover(
    told: Iterable[Told], tender: str, recipients: Mapping[str, str], opens: datetime | None, pin: str = ""
) -> Word:
    """The keyholder's newest word on the openings of `tender` covers these recipients (kind -> age1…), the opening time
    that the record names, and `opens`, the one that is shown.

    `pin` is the keyholder's key kept from elsewhere; "" takes the one that the record had named before. Refused
    ("opening-key-wrong", 422): a tender without a word is only let pass where no key was named before it.
    """
    facts = list(told)
    keys = keyholder_keys(facts)
    moves = [one for one in facts if one.type in MOVES and one.fact.get("tender") == tender]
    if not moves:
        raise Refused(CODE, f"The record does not say when tender {tender} is opened.", status=422)
    newest = max(moves, key=lambda one: one.index)
    key = pin or next((verifier for index, verifier in reversed(keys) if index < newest.index), "")
    signed = newest.fact.get("opening_keys", [])
    if not key and not signed:
        return Word("")
    must_be_said(newest, key, tender, recipients, opens)
    return Word(key, tuple(dict.fromkeys(verifier for _, verifier in keys if verifier != key)))


def must_be_said(
    fact: Told, key: str, tender: str, recipients: Mapping[str, str], opens: datetime | None = None
) -> None:
    """One fact that names an opening time carries the keyholder's word on it. Refused("opening-key-wrong", 422)."""
    try:
        verifier = VerifierKey.parse(key)
        signed = msgspec.convert(fact.fact.get("opening_keys", []), list[SignedOpeningKey])
        named = datetime.fromisoformat(fact.fact["opening_at"])
        latest = max(named, opens) if opens else named
    except (BadNote, ValueError, KeyError, TypeError) as wrong:  # msgspec's errors are ValueErrors
        raise Refused(CODE, f"Entry {fact.index} or the keyholder's key cannot be read: {wrong}.", status=422) from None
    must_be_bound(signed, verifier, tender, recipients, latest)
