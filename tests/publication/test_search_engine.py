"""Which engine answers: PostgreSQL at once whenever Meilisearch gives no answer that can be believed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rude_engine import Say, answering, dripping, rude_engine, saying, silent
from searched import MEALS, NOTICES, ROAD, WON, ask, ask_any
from tendering import SETUP

from procurement.infra.outbox import Handlers
from procurement.infra.search import COUNTED, Collection, Hits, Question
from procurement.infra.search.meili import SEARCH, WHOLE, Meili
from procurement.infra.tx import Database
from procurement.publication.search import engine, indexed
from procurement.publication.search.index_settings import name, version

pytestmark = pytest.mark.anyio

PAUSE = 2.0  # seconds that a test waits for nobody; a busy machine asks twice within them
PATIENT = 6.0  # seconds more that PostgreSQL may take on a busy machine; the slowest engines take longer
HIT = {"id": ROAD.id, "title": "Éire", "buyer": "", "suppliers": ["Ärger"]}
GOOD = {"hits": [], "estimatedTotalHits": 0, "facetDistribution": {}}


def matched(**place: Any) -> dict[str, Any]:
    return GOOD | {"hits": [HIT | {"_matchesPosition": {"title": [{"start": 0, "length": 1} | place]}}]}


@asynccontextmanager
async def beside(published: Database, url: str, prefix: str = "rude") -> AsyncIterator[tuple[Database, Meili]]:
    """The published database with an engine at that address, which the database takes for its own meanwhile."""
    async with published.begin(SETUP) as tx:
        before = {one: (row.uid, row.settings) for one, row in (await indexed.rows(tx)).items()}
    await believe(published, {one: (name(prefix, one), version(one)) for one in Collection})
    meili = Meili(url, "a-key", prefix, pause=PAUSE)
    database = Database(
        published.engine.url.render_as_string(hide_password=False), Handlers(()), carried={SEARCH: meili}
    )
    try:
        yield database, meili
    finally:
        meili.close()
        await database.dispose()
        await believe(published, before)


async def believe(published: Database, indexes: dict[Collection, tuple[str, str]]) -> None:
    """The database takes indexes of these names, made with these settings, for its own."""
    async with published.begin(SETUP) as tx:
        for collection, made in indexes.items():
            await indexed.built(tx, collection, *made, "ticket", 0)


async def timed(database: Database, **question: object) -> tuple[Hits, float]:
    began = time.monotonic()
    hits = await ask_any(database, **question)
    return hits, time.monotonic() - began


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(saying(b"<html>502</html>", 502), id="a proxy's error"),
        pytest.param(saying(b"<html>"), id="no JSON"),
        pytest.param(saying(b"[]"), id="another shape"),
        pytest.param(saying(b'{"results": null}'), id="nothing"),
        pytest.param(saying(b'{"results": []}'), id="too few answers"),
        pytest.param(saying(b'{"results": [' + b"1," * 50 + b"1]}"), id="numbers"),
        pytest.param(saying(b"[" * 100_000), id="endlessly nested"),
        pytest.param(saying(b" " * 5_000_000), id="larger than any answer"),
        pytest.param(saying(b'{"code": "invalid_api_key"}', 403), id="another key"),
        pytest.param(saying(b'{"code": "index_not_found"}', 404), id="no such index"),
        pytest.param(saying(b"", 307, Location="http://127.0.0.1:1/"), id="ask somebody else"),
        pytest.param(saying(b"\x1f\x8b garbage", **{"Content-Encoding": "gzip"}), id="not what it says"),
        pytest.param(answering(GOOD | {"hits": [{"id": 7}]}), id="an id that is none"),
        pytest.param(answering(GOOD | {"hits": [{}]}), id="a hit without id"),
        pytest.param(answering(GOOD | {"estimatedTotalHits": "many"}), id="a total that is none"),
        pytest.param(answering(GOOD | {"facetDistribution": {"kind": {"<b>works": 1}}}), id="a choice of its own"),
        pytest.param(answering(GOOD | {"facetDistribution": {"source": {"=zz": 1}}}), id="a choice that is no text"),
        pytest.param(answering(matched(start=0, length=99)), id="a match beyond its text"),
        pytest.param(answering(matched(start=-1)), id="a match before its text"),
        pytest.param(answering(matched(start=1, length=2)), id="a match within a letter"),
        pytest.param(answering(matched(length=0)), id="a match of nothing"),
        pytest.param(answering(matched(indices=[4])), id="a match in no value"),
        pytest.param(dripping, id="byte by byte"),
        pytest.param(silent, id="silence"),
    ],
)
async def test_an_answer_that_cannot_be_believed_is_none(say: Say, published: Database) -> None:
    with rude_engine(say) as server:
        async with beside(published, server.url) as (database, meili):
            hits, seconds = await timed(database, words="harbour road")
            assert (hits.found, hits.reserve) == ((ROAD.id,), True)
            assert not meili.answers and meili.problem
            assert seconds < WHOLE + PATIENT
            asked = len(server.asked)
            assert (await ask_any(database, words="school")).found == (MEALS.id,)
            assert len(server.asked) == asked == 1, "for a while nobody is sent there"


async def test_one_refused_question_keeps_nobody_else_from_asking(published: Database) -> None:
    with rude_engine(saying(b'{"code": "invalid_search_filter"}', 400)) as server:
        async with beside(published, server.url) as (database, meili):
            for _ in range(2):
                assert (await ask_any(database, words="harbour road")).reserve
            assert (len(server.asked), meili.answers) == (2, True)


async def test_what_nobody_listens_to_costs_no_time(published: Database) -> None:
    took = []
    for _ in range(3):  # whatever else keeps a machine busy, not each time
        async with beside(published, "http://127.0.0.1:1") as (database, _):
            hits, seconds = await timed(database, words="harbour road")
            assert (hits.found, hits.reserve) == ((ROAD.id,), True)
            took.append(seconds)
    assert min(took) < WHOLE


async def test_after_a_pause_one_is_sent_and_what_becomes_of_it_counts_for_all(published: Database) -> None:
    says = [saying(b"")]
    with rude_engine(lambda request, asked: says[0](request, asked)) as server:
        async with beside(published, server.url) as (database, meili):
            assert (await ask_any(database)).reserve
            await asyncio.sleep(PAUSE)
            assert (await ask_any(database)).reserve and (await ask_any(database)).reserve
            assert len(server.asked) == 2
            says[0] = answering(GOOD)
            await asyncio.sleep(PAUSE)
            assert not (await ask_any(database)).reserve and not (await ask_any(database)).reserve
            assert len(server.asked) == 4 and meili.answers


async def test_it_is_asked_for_nothing_but_one_search_with_the_key_of_the_settings(
    published: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Neither proxies nor passwords of the environment change where a question goes, and with what."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with rude_engine(answering(GOOD)) as server:
        async with beside(published, server.url) as (database, _):
            assert not (await ask_any(database, words="road", statuses=("open",), kinds=("works",))).reserve
        assert [path for path, _, _ in server.asked] == ["/multi-search"]
        assert server.asked[0][1]["authorization"] == "Bearer a-key"


@pytest.mark.parametrize("made_of", [("name", "notices"), ("settings", "0" * 16)])
async def test_an_index_of_another_program_is_not_asked(made_of: tuple[str, str], published: Database) -> None:
    """Of another name, or with other settings."""
    what, other = made_of
    with rude_engine(answering(GOOD)) as server:
        async with beside(published, server.url) as (database, meili):
            uid, settings = name("rude", Collection.NOTICES), version(Collection.NOTICES)
            made = (other, settings) if what == "name" else (uid, other)
            await believe(published, {Collection.NOTICES: made})
            assert (await ask_any(database, words="harbour road")).reserve
            assert (server.asked, meili.answers) == ([], True)


async def test_without_an_engine_postgresql_is_no_reserve(published: Database) -> None:
    assert not (await ask_any(published, words="harbour road")).reserve


async def test_pages_that_nobody_counts_are_postgresqls(published: Database) -> None:
    with rude_engine(answering(GOOD)) as server:
        async with beside(published, server.url) as (database, _):
            hits = await ask_any(database, after=f"{COUNTED}-{NOTICES[0].id}")
            assert (server.asked, hits.reserve) == ([], False)


async def test_totals_are_asked_at_once_and_by_the_reserve_when_need_be(
    published: Database, by_meilisearch: Database
) -> None:
    questions = [Question(), Question(kinds=("works",)), Question(collection=Collection.AWARDS), Question(words="nope")]
    for database in (published, by_meilisearch):
        async with database.begin(SETUP) as tx:
            assert await engine.totals(tx, questions) == [6, 4, 2, 0]
    async with beside(published, "http://127.0.0.1:1") as (database, _), database.begin(SETUP) as tx:
        assert await engine.totals(tx, questions) == [6, 4, 2, 0]
        assert tx.session.info["passing"], "no page of it is to be kept"


@pytest.mark.parametrize(
    ("words", "id_", "marks"),
    [
        ("ecole", MEALS.id, {"École", "school"}),  # another name of it
        ("resurf", ROAD.id, {"Resurfacing"}),
        ("harbour raod", ROAD.id, {"Harbour", "Road"}),
        ("brightwater street", WON.id, {"Street", "Brightwater"}),
        ("bridg", "2026-0004", {"bridge"}),
    ],
)
async def test_the_words_that_matched_are_told_as_they_are_written(
    words: str, id_: str, marks: set[str], by_meilisearch: Database
) -> None:
    hits = await ask(by_meilisearch, words=words, sort="best")
    assert set(hits.marks[id_]) == marks


async def test_a_nul_in_a_filter_is_a_sign_like_others(by_meilisearch: Database) -> None:
    assert (await ask(by_meilisearch, sources=("\0",), buyer="\0")).total == 0


async def test_what_matches_is_never_markup_of_the_engine(by_meilisearch: Database) -> None:
    hits = await ask(by_meilisearch, words="road")
    assert "<" not in json.dumps(hits.marks)
