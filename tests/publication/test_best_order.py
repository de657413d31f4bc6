"""The best first in PostgreSQL: read at once, or of very many going back from today, page by page."""

import pytest
from searched import BRIDGE, ask

from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.publication.search.postgres import facets

pytestmark = pytest.mark.anyio


@pytest.fixture
def very_many(published: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """More is found than is counted."""
    monkeypatch.setattr(facets, "enough", lambda _: -1)
    return published


async def _page_by_page(database: Database, words: str) -> list[str]:
    found, after = [], ""
    while True:
        hits = await ask(database, words=words, sort="best", size=1, after=after)
        found += hits.found
        if not hits.next:
            return found
        after = hits.next


@pytest.mark.parametrize("words", ["road", "city of marrow", "highway", "brightwater electric", "ocds"])
async def test_very_many_stand_in_the_order_of_few(
    words: str, published: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = await _page_by_page(published, words)
    assert few == list((await ask(published, words=words, sort="best")).found)
    monkeypatch.setattr(facets, "enough", lambda _: -1)
    assert few and await _page_by_page(published, words) == few


async def test_a_page_goes_on_by_number_behind_what_is_not_found_any_more(published: Database) -> None:
    first, second, *_ = await _page_by_page(published, "road")
    hits = await ask(published, words="road", sort="best", size=1, after=f"1-{BRIDGE.id}")
    assert first != BRIDGE.id and hits.found == (second,)


async def test_a_page_behind_nothing_that_there_is_is_refused(very_many: Database) -> None:
    with pytest.raises(Refused, match="damaged"):
        await ask(very_many, words="road", sort="best", after="1-made-up")
