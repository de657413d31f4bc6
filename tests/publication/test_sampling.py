"""What a sample decides in PostgreSQL: that more is found than is counted, and nothing else."""

import re
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from searched import ask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tendering import SETUP

from procurement.infra.search import Collection, Hits, Question
from procurement.infra.tx import Database
from procurement.publication.search import engine
from procurement.publication.search.postgres import facets, sample
from procurement.publication.tables import NoticeRow

pytestmark = pytest.mark.anyio

COUNTED, MANY, RARE = 500, 3_000, 40  # as many are counted here, are there, and are cancelled
FILL = """
    INSERT INTO notice (id, source, ocid, title, summary, kind, buyer_id, buyer, supplier_ids, suppliers, categories,
        amount, currency, outcome, published_at, deadline, words, tsv)
    SELECT 'N-' || n, CASE WHEN n % 2 = 0 THEN 'Roads Agency' ELSE '' END, 'ocds-' || n, 'Road', '', 'works',
        'buyer-' || n % 10, 'Buyer', '{}', '{}',
        ARRAY['45', CASE WHEN n % 50 = 1 THEN '451' WHEN n % 3 = 0 THEN '452' ELSE '453' END],
        n, 'EUR', CASE WHEN n <= $2 THEN 'cancelled' ELSE 'awarded' END,
        timestamptz '2024-06-01Z' + n * interval '1 hour', NULL, 'road',
        to_tsvector('simple', CASE WHEN n % 50 = 1 THEN 'road bridge' ELSE 'road' END)
    FROM generate_series(1, $1) AS n
"""


@pytest.fixture
async def many(
    database: Database, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    await owner.execute(FILL, MANY, RARE)
    await owner.execute("ANALYZE notice")
    monkeypatch.setattr(facets, "COUNTED", COUNTED)
    monkeypatch.setattr(engine, "BESIDE", COUNTED)
    yield database


def told(hits: Hits, facet: str) -> dict[str, int]:
    return {one.value: one.count for one in hits.facets[facet]}


@pytest.mark.parametrize("words", ["road", ""])
async def test_very_many_are_more_than_is_counted_and_their_choices_are_there_without_a_number(
    many: Database, words: str
) -> None:
    hits = await ask(many, words=words, sort="best")
    assert hits.total == COUNTED + 1 and len(hits.found) == 20
    assert {name: sum(told(hits, name).values()) > COUNTED for name in ("status", "kind", "source", "year")} == {
        "status": True, "kind": True, "source": True, "year": True,
    }  # fmt: skip
    assert told(hits, "source").keys() == {"", "Roads Agency"} and len(told(hits, "buyer")) == 10


async def test_what_is_few_is_counted_exactly_while_its_other_choices_are_very_many(many: Database) -> None:
    hits = await ask(many, words="road", statuses=("cancelled",), sort="best")
    assert hits.total == RARE and told(hits, "kind") == {"works": RARE}
    assert sum(told(hits, "status").values()) > COUNTED
    assert told(hits, "category") == {"45": RARE, "451": 1, "452": RARE // 3, "453": RARE - RARE // 3 - 1}


async def test_two_choices_are_each_counted_as_if_only_the_other_were_made(many: Database) -> None:
    hits = await ask(many, words="road", statuses=("cancelled",), sources=("",), buyer="buyer-1")
    assert hits.total == RARE // 10
    assert told(hits, "status") == {"cancelled": RARE // 10, "awarded": MANY // 10 - RARE // 10}
    assert told(hits, "source") == {"": RARE // 10}


async def test_a_category_has_those_below_it(many: Database) -> None:
    hits = await ask(many, statuses=("cancelled",), category="45000000")
    assert told(hits, "category") == {"451": 1, "452": RARE // 3, "453": RARE - RARE // 3 - 1}


async def test_another_tab_says_more_only_where_a_sample_shows_it(many: Database) -> None:
    async with many.begin(SETUP) as tx:
        every, some = Question(words="road"), Question(words="road", statuses=("cancelled",))
        awards = Question(collection=Collection.AWARDS, words="road")
        assert await engine.totals(tx, [every, some, awards]) == [COUNTED + 1, RARE, 0]


@pytest.mark.parametrize("id_", ["'2026-' || lpad(n::text, 4, '0')", "'award-' || n", "md5(n::text)"])
async def test_ids_of_any_kind_fall_into_the_sample_by_chance(owner: asyncpg.Connection, id_: str) -> None:
    where = str(sample.sampled(NoticeRow)).replace("notice.id", id_)
    found = await owner.fetchval(f"SELECT count(*) FROM generate_series(1, 10000) AS n WHERE {where}")
    assert abs(found - 10_000 / sample.ONE_OF) < sample.enough(10_000) - 10_000 / sample.ONE_OF


@pytest.fixture
def asked() -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    heard: list[tuple[str, tuple[object, ...]]] = []

    def hear(connection: object, cursor: object, statement: str, values: tuple[object, ...], *rest: object) -> None:
        heard.append((statement, values))

    event.listen(Engine, "before_cursor_execute", hear)
    yield heard
    event.remove(Engine, "before_cursor_execute", hear)


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ({"words": "bridge"}, "notice_sample(_counted)?"),
        ({"category": "451"}, "notice_sample"),
        ({}, "notice_sample_counted"),
        ({"collection": Collection.AWARDS, "words": "bridge"}, "public_award_sample(_counted)?"),
        ({"collection": Collection.AWARDS}, "public_award_sample_counted"),
    ],
)
async def test_an_index_holds_the_sample(
    question: dict[str, object],
    index: str,
    many: Database,
    owner: asyncpg.Connection,
    asked: list[tuple[str, tuple[object, ...]]],
) -> None:
    await ask(many, **question)
    statement, values = next(one for one in asked if "hashtext" in one[0])
    await owner.execute("SET enable_seqscan = off; SET plan_cache_mode = force_custom_plan")
    plan = "\n".join(row[0] for row in await owner.fetch(f"EXPLAIN {statement}", *values))
    assert re.search(rf"(?:using|Index Scan on) {index} ", plan), plan
