"""The words of a question as PostgreSQL's full text search takes them."""

import msgspec
from sqlalchemy import ColumnElement, Text, cast, func, literal, text
from sqlalchemy.dialects.postgresql import REGCONFIG

from procurement.publication.rules.vocabulary import Alternatives, Phrase, forms, meanings
from procurement.publication.search.postgres.collected import Row
from procurement.publication.tables import ClassificationRow

Vectored = Row | type[ClassificationRow]

SIMPLE = cast("simple", REGCONFIG)  # no language's endings: notices come in many
WEIGHTS = text("'{0.05, 0.2, 0.4, 1}'::float4[]")  # what is broader, the text, labels of its codes, title and names
PAIR = 2  # words
SHORT = 3  # letters of a word that is not taken for a beginning where nobody typed it


class Match(msgspec.Struct, frozen=True):
    """A question's words. `parts` is what each of its words or phrases may also be called."""

    parts: tuple[Alternatives, ...]

    @classmethod
    def of(cls, words: str) -> "Match":
        return cls(tuple(meanings(words)))

    @property
    def words(self) -> str:
        """What was asked for, plain."""
        return " ".join(" ".join(part[0]) for part in self.parts)

    def found_in(self, table: Vectored) -> ColumnElement[bool]:
        """Every part of it, under one of its names."""
        return table.tsv.op("@@")(_query(" & ".join(map(_any_name, self.parts))))

    def anyhow(self) -> ColumnElement[object]:
        """The query for any part of it, under any of its names."""
        return _query(" | ".join(map(_any_name, self.parts)))

    def rank(self, table: Row) -> ColumnElement[float]:
        """How well a row that has all of it fits: where the words stand, and whether exactly so."""
        exactly = _query(" | ".join(_exact(part[0]) for part in self.parts))
        ranks = [func.ts_rank(WEIGHTS, table.tsv, query) for query in (exactly, self.anyhow())]
        return ranks[0] + ranks[1]

    def near(self, words: ColumnElement[str]) -> ColumnElement[float]:
        """How near the title and names of a row come to it: from 0 to 1, at ten times the work of a rank."""
        return func.word_similarity(literal(self.words, Text), words)


def part_in(table: Row, part: Alternatives) -> ColumnElement[bool]:
    """Whether a row has one part of a question."""
    return table.tsv.op("@@")(_query(_any_name(part)))


def _query(wanted: str) -> ColumnElement[object]:
    return func.to_tsquery(SIMPLE, wanted)


def _any_name(part: Alternatives) -> str:
    """Names that end alike are asked for together: the index is read once for each word that is written here."""
    alike: dict[Phrase, list[Phrase]] = {}
    for name in part[1:]:
        alike.setdefault(("", name[-1]) if len(name) == PAIR else name, []).append(name)
    return _either([_typed(part[0]), *map(_named_alike, alike.values())])


def _typed(phrase: Phrase) -> str:
    """Words as somebody typed them: each may be the beginning of one, and they may stand apart."""
    return _all([_either([f"'{form}':*" for form in forms(word)]) for word in phrase], " & ")


def _exact(phrase: Phrase) -> str:
    return _all([_either([f"'{one}'" for one in dict.fromkeys((word, *forms(word)))]) for word in phrase], " & ")


def _named_alike(names: list[Phrase]) -> str:
    """Names that are one and the same, or pairs of words with the same end."""
    if len(names) == 1:
        return _named(names[0])
    beginnings = _either([_named((name[0],)) for name in names])
    return f"({beginnings} <-> {_named((names[0][-1],))})"


def _named(phrase: Phrase) -> str:
    """Another name of it: as a whole, in its singular or plural."""
    return _all([_either([_ending(form) for form in forms(word)]) for word in phrase], " <-> ")


def _ending(form: str) -> str:
    return f"'{form}':*" if len(form) > SHORT else _either([f"'{form}'", f"'{form}s'"])


def _either(choices: list[str]) -> str:
    return choices[0] if len(choices) == 1 else f"({' | '.join(choices)})"


def _all(wanted: list[str], joined: str) -> str:
    return wanted[0] if len(wanted) == 1 else f"({joined.join(wanted)})"
