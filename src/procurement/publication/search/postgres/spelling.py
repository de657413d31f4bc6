"""What was meant, where a word is found nowhere, or hardly ever beside one that is spelled much like it."""

from collections.abc import AsyncIterator, Sequence
from difflib import SequenceMatcher

from sqlalchemy import func, literal, select, text, union_all

from procurement.infra.search import Question
from procurement.infra.tx import Tx
from procurement.kernel.words import ALIKE, closest, stem
from procurement.publication.rules.vocabulary import Alternatives, forms, named
from procurement.publication.search.postgres import plans
from procurement.publication.search.postgres.collected import TABLES, Row
from procurement.publication.search.postgres.limits import filters
from procurement.publication.search.postgres.matching import Match, part_in
from procurement.publication.search.postgres.sample import bounded_count
from procurement.publication.tables import NoticeRow as N
from procurement.publication.tables import WordRow

SIMILAR = 0.2  # of a word's trigrams, to be looked at more closely
LOOKED_THROUGH = 2_000  # notices among which those with the most similar words are sought
BESIDE = 10_000  # rows with one part of a question among which those with others too are sought
CANDIDATES = 100  # of them, whose words are looked at
LIKE = 30  # words that are like another one
MUCH_ALIKE = 0.8  # of the letters that a word shares with the one it may have been meant to be
MUCH_MORE = 10  # times as often that one must occur
COUNTED = 1_000  # rows that have a word; more are as many
SHORTEST = 4  # letters of a word that is doubted


async def instead(tx: Tx, question: Question, match: Match) -> AsyncIterator[str]:
    """Words to be searched in the place of those that found nothing: first as they are most likely spelled, then
    without those that stand beside the others nowhere, as long as half of them are left."""
    table = TABLES[question.collection]
    await plans.plan(tx, by_words=False)
    numbers = await _occurrences(tx, table, match.parts)
    asked = [part[0] for part in match.parts]
    unknown = [phrase[0] for phrase, number in zip(asked, numbers, strict=True) if not number and len(phrase) == 1]
    respelled = await _respelled(tx, question, unknown)
    words = [" ".join(respelled.get(word, word) for word in phrase) for phrase in asked]
    if (spelled := " ".join(words)) != match.words:
        yield spelled
        match = Match.of(spelled)
        numbers = await _occurrences(tx, table, match.parts)
    if kept := await _together(tx, question, match.parts, numbers):
        yield " ".join(" ".join(part[0]) for part in kept)


async def meant(tx: Tx, question: Question, match: Match) -> str:
    """The question with each rare word as a frequent one is spelled that it may have been meant to be; "" if none."""
    doubted = [part[0][0] for part in match.parts if len(part) == 1 and _can_be_doubted(part[0][0])]
    found = {word: await _more_common(tx, question, word) for word in doubted}
    better = {word: other for word, other in found.items() if other}
    return " ".join(better.get(word, word) for word in match.words.split()) if better else ""


def _can_be_doubted(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha()


async def _more_common(tx: Tx, question: Question, word: str) -> str:
    numbers = {row.word: row.number for row in await _words_like(tx, question, word)}
    own = sum(number for other, number in numbers.items() if other.startswith(stem(word)))
    same = {word, *forms(word)}
    likely = [
        other
        for other, number in numbers.items()
        if number >= MUCH_MORE * max(own, 1) and not same & {other, *forms(other)} and _alike(word, other) >= MUCH_ALIKE
    ]
    return max(likely, key=lambda other: (_alike(word, other), numbers[other]), default="")


async def _words_like(tx: Tx, question: Question, word: str) -> Sequence[WordRow]:
    await tx.session.execute(text(f"SET LOCAL pg_trgm.similarity_threshold = {SIMILAR}"))
    near = func.similarity(WordRow.word, word)
    rows = select(WordRow).where(WordRow.collection == question.collection, WordRow.word.op("%")(word))
    return (await tx.session.scalars(rows.order_by(near.desc(), WordRow.number.desc()).limit(LIKE))).all()


async def _occurrences(tx: Tx, table: Row, parts: Sequence[Alternatives]) -> list[int]:
    """In how many rows each part of a question stands, whatever else was asked."""
    counts = [bounded_count(table, COUNTED, part_in(table, part)) for part in parts]
    return list((await tx.session.execute(select(*counts))).one()) if counts else []


async def _together(
    tx: Tx, question: Question, parts: Sequence[Alternatives], numbers: Sequence[int]
) -> list[Alternatives]:
    """Those parts that stand together somewhere: the rarest, which says most, and each next one found with it."""
    left = [part for part, number in sorted(zip(parts, numbers, strict=True), key=lambda one: one[1]) if number]
    kept: list[Alternatives] = []
    while left and not kept:
        rarest, *left = left
        beside = await _beside(tx, question, rarest, left)
        kept = [rarest] if beside else []
        for place, part in enumerate(left if beside else ()):
            if with_it := [has for has in beside if has[place]]:
                kept.append(part)
                beside = with_it
    return [part for part in parts if part in kept] if len(parts) > len(kept) >= (len(parts) + 1) // 2 else []


async def _beside(
    tx: Tx, question: Question, rarest: Alternatives, others: Sequence[Alternatives]
) -> Sequence[Sequence[bool]]:
    """Which of the other parts stand beside one: each combination there is, among the rows that are looked through."""
    table = TABLES[question.collection]
    limits = [limit for name, limit in filters(question, tx.now).items() if name != "words"]
    stand = [part_in(table, part).label(f"has_{place}") for place, part in enumerate(others)]
    rows = select(table.id, *stand).where(*limits, part_in(table, rarest)).limit(BESIDE).subquery()
    combined = [rows.c[column.name] for column in stand]
    number = func.count()
    found = await tx.session.execute(select(number, *combined).group_by(*combined).having(number > 0))
    return [tuple(row)[1:] for row in found]  # nothing where the one part stands nowhere, even if there are no others


def _alike(word: str, other: str) -> float:
    """The share of their letters that two words have in common, in order."""
    return SequenceMatcher(None, word, other, autojunk=False).ratio()


async def _respelled(tx: Tx, question: Question, unknown: list[str]) -> dict[str, str]:
    """Each word as it is most likely meant: among the counted words and those that have other names, or in some notice
    while none were counted."""
    unknown = [word for word in unknown if not word.isdigit()]  # no number is another one misspelt
    found = {word: other for word in unknown if (other := await _likely(tx, question, word))}
    left = [word for word in unknown if word not in found]
    if left and not await tx.session.scalar(select(select(WordRow.word).exists())):
        found |= await _in_some_notice(tx, left)
    return found


async def _likely(tx: Tx, question: Question, word: str) -> str:
    numbers = {row.word: row.number for row in await _words_like(tx, question, word)}
    likely = [other for other in numbers if _alike(word, other) >= ALIKE]
    counted = max(likely, key=lambda other: (round(_alike(word, other), 1), numbers[other]), default="")
    other = closest(word, named())  # no notice need have it: “laptps” is a laptop, which they call a portable computer
    nearer = other != word and round(_alike(word, other), 1) > round(_alike(word, counted), 1)
    stands = nearer and any(await _occurrences(tx, TABLES[question.collection], Match.of(other).parts))
    return other if stands else counted


async def _in_some_notice(tx: Tx, unknown: list[str]) -> dict[str, str]:
    """The closest word in some notice, by trigrams, then letters: for what was not counted yet."""
    if not unknown:
        return {}
    await tx.session.execute(text(f"SET LOCAL pg_trgm.word_similarity_threshold = {SIMILAR}"))
    wanted = []
    for word in unknown:
        some = select(N.words).where(literal(word).op("<%")(N.words)).limit(LOOKED_THROUGH).subquery()
        best = select(some.c.words).order_by(func.word_similarity(word, some.c.words).desc()).limit(CANDIDATES)
        wanted.append(select(literal(word).label("word"), best.subquery().c.words))
    found: dict[str, list[str]] = {word: [] for word in unknown}
    for row in await tx.session.execute(union_all(*wanted)):
        found[row.word] += row.words.split()
    return {word: closest(word, words) for word, words in found.items()}
