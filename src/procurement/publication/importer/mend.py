"""Bring a published release into the shape OCDS 1.1 asks for, and note everything that had to be changed.

A `Shape` takes a value and gives the mended one, or `GONE` where nothing of it can be kept. What was there before
stands in a `Mend`, so that nothing another publisher said is lost, and pages can show it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import msgspec

GONE: Any = object()
LARGEST = Decimal(10) ** 15  # an amount beyond it is a slip of the keyboard, and beyond what is summed exactly

_MONGO_NUMBERS = {"$numberLong", "$numberInt", "$numberDouble", "$numberDecimal"}
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?)? ?(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)


class Mend(msgspec.Struct, frozen=True):
    """One change to what was published. `path`: "tender/value/amount"; `was`: what stood there; `why`: plain words."""

    path: str
    was: Any
    why: str


class Notes:
    """Where in the release we are, and what was changed so far."""

    def __init__(self, path: tuple[str, ...] = (), mends: list[Mend] | None = None) -> None:
        self.path, self.mends = path, [] if mends is None else mends

    def at(self, name: str | int) -> "Notes":
        return Notes((*self.path, str(name)), self.mends)

    def note(self, was: Any, why: str) -> None:
        self.mends.append(Mend("/".join(self.path), was, why))


Shape = Callable[[Any, Notes], Any]


def text(value: Any, at: Notes) -> Any:
    if isinstance(value, str):
        if "\0" in value:
            at.note(value, "a zero character is not text")
            return value.replace("\0", "")
        return value
    if isinstance(value, bool | int | float | Decimal):
        at.note(value, "a text was expected")
        return str(value).lower() if isinstance(value, bool) else str(value)
    return _gone(value, at, "a text was expected")


def identifier(value: Any, at: Notes) -> Any:
    """A text or a whole number: OCDS allows both."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return text(value, at)


def address(value: Any, at: Notes) -> Any:
    """A URI with its scheme (RFC 3986), by which something can be found from here too."""
    found = value.strip() if isinstance(value, str) else ""
    if not _URI.fullmatch(found):
        return _gone(value, at, "not a complete web address")
    if found != value:
        at.note(value, "spaces around a web address")
    return found


def number(value: Any, at: Notes) -> Any:
    found = _number(value)
    if found is None:
        return _gone(value, at, "not a number")
    if abs(Decimal(found)) >= LARGEST:
        return _gone(value, at, "too large to be meant")
    if isinstance(value, str):
        at.note(value, "a number written as text")
    return found


def whole(value: Any, at: Notes) -> Any:
    found = number(value, at)
    if found is GONE:
        return GONE
    if found != int(found):
        return _gone(value, at, "not a whole number")
    return int(found)


def flag(value: Any, at: Notes) -> Any:
    if isinstance(value, bool):
        return value
    meant = {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower())
    if meant is None:
        return _gone(value, at, "neither true nor false")
    at.note(value, "true or false was expected")
    return meant


def moment(value: Any, at: Notes) -> Any:
    """RFC 3339. A day alone means its first moment in UTC; a time without a zone is taken as UTC."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**43:
        at.note(value, "milliseconds instead of a date and time")
        return datetime.fromtimestamp(value / 1000, UTC).isoformat().replace("+00:00", "Z")
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return _gone(value, at, "not a date and time")
    day, minute, second, fraction, zone = match.groups()
    zone = (zone or "Z").upper()
    zone = zone if zone == "Z" or ":" in zone else f"{zone[:3]}:{zone[3:]}"
    meant = f"{day}T{minute or '00:00'}{second or ':00'}{fraction or ''}{zone}"
    try:
        datetime.fromisoformat(meant)
    except ValueError:
        return _gone(value, at, "not a date and time that exists")
    if meant != value:
        at.note(value, "not written as RFC 3339 writes a date and time")
    return meant


def code(*known: str, **synonyms: str) -> Shape:
    """A word of a closed codelist. Another spelling of it is mended; another word goes into the notes."""
    spellings = {_plain(word): word for word in known} | synonyms

    def shape(value: Any, at: Notes) -> Any:
        if value in known:
            return value
        meant = spellings.get(_plain(value)) if isinstance(value, str) else None
        if meant is None:
            return _gone(value, at, "not a word of the codelist")
        at.note(value, f"the codelist says “{meant}”")
        return meant

    return shape


def currency(value: Any, at: Notes) -> Any:
    """ISO 4217: three capitals."""
    if isinstance(value, str) and re.fullmatch("[A-Z]{3}", meant := value.strip().upper()):
        if meant != value:
            at.note(value, "not written as ISO 4217 writes a currency")
        return meant
    return _gone(value, at, "not a currency of ISO 4217")


def many(shape: Shape, *, some: bool = False, named: bool = False) -> Shape:
    """A list. One value alone is the list's only member.

    `some`: an empty list is left out, because OCDS wants at least one member or nothing.
    `named`: each member needs an id, by which later releases are merged; one without gets the digest of what it says.
    """

    def mend(value: Any, at: Notes) -> Any:
        if not isinstance(value, list):
            at.note(value, "a list was expected")
            value = [value]
        mended = []
        for place, member in enumerate(value):
            found = shape(member, at.at(place)) if member is not None else GONE
            if found is not GONE and named and found.get("id") in (None, ""):
                at.at(place).at("id").note(found.get("id"), "without an id: its digest serves as one")
                found = {**found, "id": sha256(repr(member).encode()).hexdigest()[:16]}
            if found is not GONE and found not in mended:  # OCDS: the members of a list differ
                mended.append(found)
        return GONE if some and not mended else mended

    return mend


def named_by(*names: str) -> Shape:
    """A text that some write as an object holding it: `{"lotId": "1"}`."""

    def mend(value: Any, at: Notes) -> Any:
        if isinstance(value, dict) and (found := next((value[name] for name in names if value.get(name)), None)):
            at.note(value, "an object where its id was expected")
            value = found
        return text(value, at)

    return mend


def one(shape: Shape) -> Shape:
    """A single object. Of a list its first member is taken; the others stand in the notes."""

    def mend(value: Any, at: Notes) -> Any:
        if isinstance(value, list):
            at.note(value, "a list where one was expected: its first is taken")
            value = next((member for member in value if isinstance(member, dict)), GONE)
        return GONE if value is GONE else shape(value, at)

    return mend


def fields(**shapes: Shape) -> Shape:
    """An object. Fields that OCDS does not know are kept as they are: publishers may add their own."""

    def mend(value: Any, at: Notes) -> Any:
        if not isinstance(value, dict):
            return _gone(value, at, "an object was expected")
        mended = {}
        for name, content in value.items():
            shape = shapes.get(name)
            if shape is None or content is None:
                mended[name] = content
            elif (found := shape(content, at.at(name))) is not GONE:
                mended[name] = found
        return mended

    return one(mend)


def unwrap(value: Any, at: Notes) -> Any:
    """MongoDB's way of writing numbers, dates and ids (`{"$numberLong": "5"}`), everywhere, as plain JSON."""
    if isinstance(value, list):
        return [unwrap(member, at.at(place)) for place, member in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, content),) = value.items()
        if name in _MONGO_NUMBERS and (found := _number(content)) is not None:
            at.note(value, "a number in MongoDB's notation")
            return found
        if name in ("$date", "$oid"):
            at.note(value, "MongoDB's notation")
            return unwrap(content, at)
    return {name: unwrap(content, at.at(name)) for name, content in value.items()}


def _number(value: Any) -> Decimal | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, int):
        return value
    try:
        found = Decimal(str(value).strip().replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    if not found.is_finite():
        return None
    return int(found) if isinstance(value, str) and found.as_tuple().exponent == 0 else found


def _gone(value: Any, at: Notes, why: str) -> Any:
    at.note(value, "empty text" if value == "" else why)
    return GONE


def _plain(word: str) -> str:
    return re.sub(r"[^a-z]", "", word.lower())
