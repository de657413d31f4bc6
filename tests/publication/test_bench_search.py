"""The bench of search works: a small archive, each side asked once; what it measures is for people to judge."""

import shutil
from pathlib import Path

import pytest

from procurement.bench import search as bench
from procurement.bench.search.asked import questions, read
from procurement.infra.search import Collection
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

FEW = 6  # questions


def test_there_are_sixty_questions_of_every_tab_which_all_can_be_read() -> None:
    asked = [read(one if isinstance(one, str) else one.address) for one in questions()]
    assert len(asked) >= 60
    assert {one.find for one in asked} == set(Collection)
    assert len(set(questions())) == len(asked), "each is asked once"


async def test_it_measures_pages_and_what_they_ask_on_every_engine_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    every = bench.addresses

    async def some(house: bench.Engine) -> list[str]:
        return (await every(house))[:: len(questions()) // FEW][:FEW]

    monkeypatch.setattr(bench, "addresses", some)
    found = await bench.measure("search", Settings.read(), notices=100, keep=tmp_path)
    assert (found.notices, found.questions) == (100, FEW)
    assert (found.meilisearch is not None) == bool(shutil.which("meilisearch"))
    for one in filter(None, (found.postgresql, found.meilisearch)):
        assert 0 < one.p50 <= one.p95
        assert 0 < one.direct_p50 <= one.direct_p95
        assert one.ratio == pytest.approx(one.p95 / one.limit_p95, abs=0.001)
        assert one.page_overhead > 1, "a page cannot be quicker than what it asks"
        assert one.overhead is None or one.overhead > 0.5
        assert one.slowest
