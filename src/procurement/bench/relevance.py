"""How well each engine finds what people mean: judged searches over the sample releases of four publishers.

nDCG@10: what stands higher counts more, and 1 is the best order there is. It measures both engines on the same data
with the same questions; `fixtures/relevance.toml` says who should find what, and why. It needs the reference data
beside the checkout, and makes a database of its own, which is gone afterwards.
"""

import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from math import log2
from pathlib import Path
from statistics import mean
from typing import Any

import msgspec

from procurement.bench import CannotMeasure
from procurement.bench._reference import REFERENCE, labels
from procurement.bench._stores import Engine, meilisearch, postgres
from procurement.infra.search import Hits, Question
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.words import terms
from procurement.publication import service
from procurement.publication.importer.run import import_files
from procurement.publication.search.engine import search
from procurement.publication.service.classification import load
from procurement.publication.service.counting import count_words
from procurement.settings import Settings, asset

SHOWN = 10  # hits that count
WEAKEST = 5  # searches that are named with their figure


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One judged search. `judged` are a grade from 0 to 3, the OCID that earned it, and why."""

    group: str
    words: str
    judged: tuple[tuple[int, str, str], ...]
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    category: str = ""
    least: int | None = None
    unvalued: bool = True
    until: datetime | None = None

    def question(self) -> Question:
        """As the search page asks it."""
        limits = {name: getattr(self, name) for name in ("kinds", "statuses", "category", "least", "unvalued", "until")}
        return Question(words=self.words, sort="best" if terms(self.words) else "", size=SHOWN, **limits)


class Figures(msgspec.Struct, frozen=True):
    """nDCG@10 of one engine: of all searches, by group, and of those that it answers worst."""

    all: float
    groups: dict[str, float]
    weakest: dict[str, float]


class Relevance(msgspec.Struct, frozen=True):
    """`meilisearch` is None where there is none."""

    job: str
    searches: int
    unit: str
    postgresql: Figures
    meilisearch: Figures | None


def searches() -> tuple[Search, ...]:
    """Every judged search."""
    text = (asset("fixtures") / "relevance.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["searches"], tuple[Search, ...])


def ndcg(found: Sequence[str], judged: dict[str, int]) -> float:
    """Of the first ten. A grade g is worth 2^g - 1, divided by the logarithm of its place."""
    ideal = _gain(sorted(judged.values(), reverse=True)[:SHOWN])
    return _gain([judged.get(ocid, 0) for ocid in found[:SHOWN]]) / ideal


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


async def measure(job: str, settings: Settings) -> Relevance:
    """Raises CannotMeasure without the reference data."""
    if not (REFERENCE / "cpv.csv").exists():
        raise CannotMeasure(
            f"The reference data is not at {REFERENCE.resolve()}: this bench is for a checkout with it."
        )
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        house = await stack.enter_async_context(postgres(folder, settings))
        await _fill(house)
        other = await stack.enter_async_context(meilisearch(folder, house))
        return Relevance(
            job=job,
            searches=len(searches()),
            unit=f"nDCG@{SHOWN}",
            postgresql=await _figures(house),
            meilisearch=await _figures(other) if other else None,
        )


async def _fill(house: Engine) -> None:
    """The labels first, so that the notices have them at once; then every sample."""
    async with house.database() as database:
        async with database.begin(system("bench")) as tx:
            await load(tx, "CPV", "en", labels())
        await import_files(house.settings, sorted((REFERENCE / "ocds/samples").rglob("*.json")), lambda _: None)
        async with database.begin(system("bench")) as tx:
            await count_words(tx)


async def _figures(engine: Engine) -> Figures:
    groups, each = defaultdict[str, list[float]](list), dict[str, float]()
    async with engine.database() as database:
        for one in searches():
            figure = ndcg(await _ocids(database, one.question()), {ocid: grade for grade, ocid, _ in one.judged})
            groups[one.group].append(figure)
            each[f"{one.group}: {one.words or one.category}"] = round(figure, 3)
    weakest = sorted(each.items(), key=lambda one: one[1])[:WEAKEST]
    return Figures(
        all=round(mean(figure for figures in groups.values() for figure in figures), 3),
        groups={group: round(mean(figures), 3) for group, figures in groups.items()},
        weakest=dict(weakest),
    )


async def _ocids(database: Database, question: Question) -> list[str]:
    async with database.begin(NOBODY) as tx:
        hits: Hits = await search(tx, question)
        if hits.reserve:
            raise CannotMeasure("Meilisearch did not answer.")
        found: dict[str, Any] = await service.notices(tx, hits.found)
    return [found[id_].ocid for id_ in hits.found]
