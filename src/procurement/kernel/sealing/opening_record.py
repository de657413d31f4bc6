"""What the public record says of the keyholder's word: under which key it stands, and whether it covers the opening."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_key import SignedOpeningKey, must_be_bound

KEY, PURPOSE = "KeyPublished", "keyholder"
MOVES = ("TenderPublished", "DeadlineExtended")  # the facts that name an opening time
SIGNED = "the keyholder signed the key that bids are sealed to, and that nothing is opened before the time shown"
UNSIGNED = (
    "published before the keyholder signed: its key and its time are the service's word alone, so the operator of the "
    "service could read a bid before the opening too"
)


class Told(msgspec.Struct, frozen=True):
    """A fact at its place in the log. Whoever gives it has proved that it stands there."""

    index: int
    type: str
    fact: Mapping[str, Any]


class Word(msgspec.Struct, frozen=True):
    """`key` is what the newest word on the opening was checked with; "" where the tender was published before the
    keyholder signed. `until` is before when it lets nothing be opened, then as the record says it. `others` are the
    keyholder's other keys in the record, oldest first: there should be none."""

    key: str
    until: datetime
    others: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        return SIGNED if self.key else UNSIGNED


def keyholder_keys(told: Iterable[Told]) -> list[tuple[int, str]]:
    """(index, verifier key) of each that the record names as the keyholder's, oldest first."""
    named = [one for one in told if one.type == KEY and one.fact.get("purpose") == PURPOSE]
    return sorted((one.index, str(one.fact["verifier"])) for one in named)


def recipients_of(published: Mapping[str, Any]) -> dict[str, str]:
    """What each kind of envelope is locked to, by the fact TenderPublished."""
    if second := published.get("financial_recipient"):
        return {"technical": str(published["recipient"]), "financial": str(second)}
    return {"single": str(published["recipient"])}


def must_cover(told: Iterable[Told], tender: str, opens: datetime | None, pin: str = "") -> Word:
    """The keyholder's newest word on the openings of `tender` covers the recipients and the opening time that the
    record names, and `opens`, the one that is shown.

    `pin` is the keyholder's key kept from elsewhere; "" takes the one that the record had named before. Refused
    ("opening-key-wrong", 422): a tender without a word is only let pass where no key was named before it.
    """
    facts = list(told)
    keys = keyholder_keys(facts)
    moves = sorted(_moves(facts, tender), key=lambda one: one.index)
    if not moves or moves[0].type != MOVES[0]:
        raise Refused("opening-key-wrong", f"The record does not say how tender {tender} was published.", status=422)
    newest = moves[-1]
    key = pin or in_force(keys, newest.index)
    if not key and not newest.fact.get("opening_keys"):
        return Word("", _named(newest))
    signed = must_be_said(newest, key, moves[0].fact, opens)
    until = max(one.statement.time for one in signed)
    return Word(key, until, tuple(dict.fromkeys(verifier for _, verifier in keys if verifier != key)))


def in_force(keys: Iterable[tuple[int, str]], index: int) -> str:
    """The keyholder's key that the record named last before entry `index`, "" where it had named none."""
    return max((one for one in keys if one[0] < index), default=(0, ""))[1]


def must_be_said(
    fact: Told, key: str, published: Mapping[str, Any] | None, opens: datetime | None = None
) -> list[SignedOpeningKey]:
    """`fact`, which names an opening time, carries the keyholder's word on it and on the recipients of the tender that
    was `published` so: the word. Refused("opening-key-wrong", 422).

    Of an extension whose publication is not at hand (None) its recipients are taken as it says: the keyholder makes one
    key of an opening, ever, so its true word can name no other.
    """
    try:
        verifier, said = VerifierKey.parse(key), fact.fact.get("opening_keys", [])
        signed = msgspec.convert(said, list[SignedOpeningKey])
        if msgspec.to_builtins(signed) != said:
            raise ValueError("a statement is not in its one form")
        tender = str(fact.fact["tender"])
        own = {one.statement.opening.kind: one.statement.recipient for one in signed}
        recipients = recipients_of(published) if published is not None else own
    except (ValueError, KeyError, TypeError) as wrong:  # BadNote and msgspec's errors are ValueErrors
        raise _unread(fact, wrong) from None
    named = _named(fact)
    if not recipients:
        raise Refused(
            "opening-key-wrong", f"Entry {fact.index} names an opening time without the keyholder's word.", status=422
        )
    must_be_bound(signed, verifier, tender, recipients, max(named, opens) if opens else named)
    return signed


def _moves(facts: Iterable[Told], tender: str) -> Iterable[Told]:
    return (one for one in facts if one.type in MOVES and one.fact.get("tender") == tender)


def _named(fact: Told) -> datetime:
    """The opening time that it names."""
    try:
        at = datetime.fromisoformat(fact.fact["opening_at"])
        if at.tzinfo is None:
            raise ValueError("a moment without its zone")
    except (ValueError, KeyError, TypeError) as wrong:
        raise _unread(fact, wrong) from None
    return at


def _unread(fact: Told, wrong: Exception) -> Refused:
    said = f"Entry {fact.index} or the keyholder's key cannot be read: {wrong}."
    return Refused("opening-key-wrong", said, status=422)
