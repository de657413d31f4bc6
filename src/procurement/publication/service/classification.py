"""Classification codes and what they are called: loaded from a table, walked as a tree, found by words."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import aliased

from procurement.infra.tx import Tx
from procurement.kernel.words import plain
from procurement.publication.rules.classification import Label, searched, with_parents
from procurement.publication.rules.notice import code_beginning
from procurement.publication.search.postgres.matching import Match
from procurement.publication.service import derivation
from procurement.publication.tables import ClassificationRow as C

FEW = 8  # codes offered for the words of a search
USUAL, ENGLISH = "CPV", "en"

# Thousands of rows in one statement each: a row at a time takes half a minute.
PUT = text("""
    INSERT INTO classification (scheme, language, code, label, beginning, parent, tsv)
    SELECT :scheme, :language, code, label, beginning, '', to_tsvector('simple', words)
    FROM unnest(CAST(:codes AS text[]), CAST(:labels AS text[]), CAST(:beginnings AS text[]), CAST(:words AS text[]))
        AS given (code, label, beginning, words)
    ON CONFLICT (scheme, language, code) DO UPDATE
        SET label = excluded.label, beginning = excluded.beginning, tsv = excluded.tsv
""")
JOIN = text("""
    UPDATE classification SET parent = given.parent
    FROM unnest(CAST(:codes AS text[]), CAST(:parents AS text[])) AS given (code, parent)
    WHERE scheme = :scheme AND language = :language AND classification.code = given.code
        AND classification.parent <> given.parent
""")


class Category(msgspec.Struct, frozen=True):
    """A code with its label. `narrower` says whether other codes belong to it."""

    scheme: str
    code: str
    label: str
    narrower: bool


Narrower = aliased(C)
NARROWER = select(Narrower).where(
    Narrower.scheme == C.scheme, Narrower.language == C.language, Narrower.parent == C.code
)
CATEGORY = select(C.scheme, C.code, C.label, NARROWER.correlate(C).exists())
"""The fields of a Category."""


class Loaded(msgspec.Struct, frozen=True):
    """What a load changed: codes that are new, and those that have another label now."""

    added: int
    renamed: int


async def load(tx: Tx, scheme: str, language: str, labels: Sequence[Label]) -> Loaded:
    """Take in a scheme's codes. Those that it had before and are not among them stay: notices still speak of them.

    Loading the same again changes nothing. Where something changed, every notice is derived anew, little by little, so
    that it is found by the new words.
    """
    mine = select(C.code, C.label).where(C.scheme == scheme, C.language == language)
    before = {row.code: row.label for row in await tx.session.execute(mine)}
    changed = [one for one in labels if before.get(one.code) != one.label]
    if changed:
        await _put(tx, scheme, language, changed)
        await _join(tx, scheme, language)
        await derivation.begin_again(tx)
    renamed = sum(one.code in before for one in changed)
    return Loaded(len(changed) - renamed, renamed)


async def classification_tree(
    tx: Tx, code: str = "", scheme: str = USUAL, language: str = ENGLISH
) -> tuple[list[Category], list[Category]]:
    """The code with everything it belongs to, the widest first; and the codes that belong to it, in their order.

    "" gives the widest codes. Of a code that is not known, what it would belong to by its digits.
    """
    known = (C.scheme == scheme, C.language == language)
    beginning = code_beginning(code)
    above = [beginning[:length] for length in range(2, len(beginning) + 1)]
    line = CATEGORY.where(*known, C.beginning.in_(above)).order_by(func.length(C.beginning))
    ancestors = await _categories(tx, line) if above else []
    parent = ancestors[-1].code if ancestors else ""
    if code and not ancestors:
        return [], []
    return ancestors, await _categories(tx, CATEGORY.where(*known, C.parent == parent).order_by(C.code))


async def codes_for(
    tx: Tx, words: str, scheme: str = USUAL, language: str = ENGLISH, most: int = FEW
) -> list[Category]:
    """The codes whose labels say these words, the best first: the shorter a label, the more it is about them."""
    match = Match.of(words)
    if not match.parts:
        return []
    found = CATEGORY.where(C.scheme == scheme, C.language == language, match.found_in(C))
    rank = func.ts_rank(C.tsv, match.anyhow(), 1)  # 1: divided by the logarithm of the label's length
    return await _categories(tx, found.order_by(rank.desc(), func.length(C.beginning), C.code).limit(most))


async def _categories(tx: Tx, wanted: Select[str, str, str, bool]) -> list[Category]:
    return [Category(*row) for row in await tx.session.execute(wanted)]


async def _put(tx: Tx, scheme: str, language: str, labels: Sequence[Label]) -> None:
    columns = {
        "codes": [one.code for one in labels],
        "labels": [one.label for one in labels],
        "beginnings": [one.beginning for one in labels],
        "words": [plain(searched(one.label)) for one in labels],
    }
    await tx.session.execute(PUT, {"scheme": scheme, "language": language, **columns})


async def _join(tx: Tx, scheme: str, language: str) -> None:
    """Each code to the one it belongs to, now that there are more."""
    rows = await tx.session.execute(select(C.code, C.label).where(C.scheme == scheme, C.language == language))
    joined = with_parents(Label(row.code, row.label) for row in rows)
    columns = {"codes": [one.code for one in joined], "parents": [one.parent for one in joined]}
    await tx.session.execute(JOIN, {"scheme": scheme, "language": language, **columns})
