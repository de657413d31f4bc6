"""What Meilisearch says, read as strictly as if a stranger had said it: anything unexpected raises ValueError or
msgspec.ValidationError, and the answer does not count.

Words that matched are cut out of the document's own text by the positions that the engine gives: no text of the
engine's making, least of all HTML, is shown.
"""

import re
from collections.abc import Iterable

import msgspec

from procurement.infra.search import LARGEST, Count
from procurement.kernel.words import closest, plain, stem
from procurement.publication.search.documents import UNDECIDED, inexact

END_OF_WORD = re.compile(r"\w*")
SPELT = ("kind", "source", "buyer", "supplier")  # facets whose values are spelt by `exact`
LARGE = ("buyer", "supplier")  # facets of which only the largest choices are told
ENDED = ("planned", "awarded", "cancelled", "unsuccessful")


class Place(msgspec.Struct, frozen=True):
    """Bytes of a field, or of one of its values."""

    start: int
    length: int
    indices: tuple[int, ...] = ()


class Typos(msgspec.Struct, frozen=True):
    count: int = msgspec.field(name="typoCount")


class Details(msgspec.Struct, frozen=True):
    """Why a hit stands where it stands."""

    typo: Typos | None = None


class Hit(msgspec.Struct, frozen=True):
    """What is shown of a document, with what matched in it."""

    id: str
    title: str = ""
    buyer: str = ""
    place: str = ""
    suppliers: tuple[str, ...] = ()
    matches: dict[str, tuple[Place, ...]] = msgspec.field(name="_matchesPosition", default_factory=dict)
    details: Details = msgspec.field(name="_rankingScoreDetails", default_factory=Details)

    def marks(self) -> tuple[str, ...]:
        """The words that matched, as they are written there, each once."""
        found = (self._word(field, place) for field, places in self.matches.items() for place in places)
        return tuple(dict.fromkeys(found))

    def _word(self, field: str, place: Place) -> str:
        """From where the match begins to the end of the word that it ends in."""
        texts = {"title": (self.title,), "buyer": (self.buyer,), "place": (self.place,), "suppliers": self.suppliers}
        values, index = texts.get(field, (self.id,)), place.indices[0] if place.indices else 0
        if not 0 <= index < len(values):
            raise ValueError("a match in a value that is not there")
        written = values[index].encode()
        if place.start < 0 or place.length < 1 or place.start + place.length > len(written):
            raise ValueError("a match outside of its text")
        before, match = written[: place.start].decode(), written[place.start : place.start + place.length].decode()
        ended = END_OF_WORD.match(values[index], len(before) + len(match))
        return match + (ended.group() if ended else "")


class Answer(msgspec.Struct, frozen=True):
    """Of one query. `total` stops counting at what an index was told to count to."""

    hits: tuple[Hit, ...]
    total: int = msgspec.field(name="estimatedTotalHits")
    facets: dict[str, dict[str, int]] = msgspec.field(name="facetDistribution", default_factory=dict)


def choices(facet: str, counts: dict[str, int]) -> tuple[Count, ...]:
    """The choices of a facet, the most frequent first; of years the newest. One too long to be spelt is left out."""
    named = {inexact(value) if facet in SPELT else value: count for value, count in counts.items()}
    found = in_order({value: count for value, count in named.items() if value is not None})
    if facet == "year":
        return tuple(sorted(found, key=lambda one: one.value, reverse=True))
    return tuple(one for one in found if one.value)[:LARGEST] if facet in LARGE else found


def stages(outcomes: dict[str, int], opened: int) -> tuple[Count, ...]:
    """The choices of the status: of what is undecided so many are open, the rest is closed."""
    closed = outcomes.get("closed", 0) + outcomes.get(UNDECIDED, 0) - opened
    return in_order({"open": opened, "closed": closed} | {name: outcomes.get(name, 0) for name in ENDED})


def in_order(counts: dict[str, int]) -> tuple[Count, ...]:
    shown = [Count(value, count) for value, count in counts.items() if count > 0]
    return tuple(sorted(shown, key=lambda one: (-one.count, one.value)))


def meant(words: Iterable[str], best: Iterable[Hit]) -> str:
    """The words as the best hits write them, where these have one of them only with other letters; else ""."""
    hits = list(best)
    if not hits or hits[0].details.typo is None or hits[0].details.typo.count == 0:
        return ""
    written = list(dict.fromkeys(word for hit in hits for mark in hit.marks() for word in plain(mark).split()))
    asked = list(words)
    spelt = [word if _is_written(word, written) else closest(word, written) for word in asked]
    return " ".join(spelt) if spelt != asked else ""


def _is_written(word: str, written: Iterable[str]) -> bool:
    return any(one.startswith(stem(word)) for one in written)
