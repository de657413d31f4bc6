"""Searching, the same by either engine: words and their misspellings, filters, orders, pages, counts.

Where the engines rightly differ, the test says how.
"""

from datetime import timedelta

import pytest
from searched import (
    BRIDGE,
    CITY,
    ELECTRIC,
    LIGHTS,
    MEALS,
    NOTICES,
    NOW,
    PLANNED,
    ROAD,
    SCHOOLS,
    SIGNALS,
    TRUCKS,
    WON,
    ask,
    notice,
    publish,
    titles,
)
from tendering import SETUP

from procurement.infra.search import Collection
from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.publication.rules.notice import Notice
from procurement.publication.rules.organisation_line import Named
from procurement.publication.search import PostgresSearch

pytestmark = pytest.mark.anyio

AWARDS, ORGANISATIONS = Collection.AWARDS, Collection.ORGANISATIONS
HOSTILE = (
    "' OR 1=1 --",
    "a:* & !b",
    "\\",
    '"',
    "-road",
    "%_",
    "🙂",
    "x" * 5000,
    ") | (",
    "<b>",
    "\n",
    "_",
    "the",
    "{}",
    "[]",
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("harbour road", [ROAD]),
        ("HARBOUR", [ROAD]),
        ("harbor", [ROAD]),
        ("ecole", [MEALS]),
        ("roads", [TRUCKS, PLANNED, ROAD]),
        ("highway", [TRUCKS, PLANNED, ROAD]),
        ("resurf", [ROAD]),
        ("brightwater", [WON]),
        ("2026-0004", [BRIDGE]),
        ("ocds-abc123-5", [PLANNED]),
        ("education", [MEALS]),
        ("repair of the bridge", [BRIDGE]),
    ],
)
async def test_words_are_found_without_case_accents_or_plural(
    words: str, found: list[Notice], searching: Database
) -> None:
    assert sorted(await titles(searching, words=words)) == sorted(one.title for one in found)


@pytest.mark.parametrize(
    ("words", "spelt", "found"),
    [
        ("harbor rode", "harbor road", ROAD),
        ("resurfasing", "resurfacing", ROAD),
        ("scool meels", "school meals", MEALS),
        ("brigde", "bridge", BRIDGE),
        ("elektric lihgts", "electric lights", WON),
    ],
)
async def test_a_wrong_letter_does_no_harm(words: str, spelt: str, found: Notice, searching: Database) -> None:
    """PostgreSQL searches other words instead; Meilisearch finds them, and says how they are spelt."""
    hits = await ask(searching, words=words, sort="best")
    assert hits.instead or hits.meant == spelt
    assert hits.found == (found.id,)


async def test_a_misspelt_word_is_found_where_notices_call_it_by_another(searching: Database) -> None:
    """“Garbage” stands in none of them, nor in any label: only its meaning tells how it is spelt."""
    hits = await ask(searching, words="garbige", sort="best")
    assert (hits.instead, hits.found) == ("garbage", (TRUCKS.id,))


async def test_what_was_meant_is_said_in_every_order(searching: Database) -> None:
    hits = await ask(searching, words="brigde", sort="value")
    assert "bridge" in (hits.instead, hits.meant)


async def test_words_that_nothing_has_together_are_left_out_and_that_is_said(searching: Database) -> None:
    hits = await ask(searching, words="harbour road submarine", sort="best")
    assert (hits.found, hits.instead) == ((ROAD.id,), "harbour road")


async def test_no_number_is_another_one_misspelt(searching: Database) -> None:
    hits = await ask(searching, words="45233229")
    assert (hits.found, hits.instead, hits.meant) == ((), "", "")


async def test_what_nobody_wrote_is_not_found(searching: Database) -> None:
    hits = await ask(searching, words="submarine")
    assert (hits.found, hits.total, hits.instead, hits.meant) == ((), 0, "", "")


async def test_a_word_in_the_title_weighs_more_than_one_in_the_text(searching: Database) -> None:
    assert (await titles(searching, words="road", sort="best"))[-1] == TRUCKS.title


@pytest.mark.parametrize("hostile", [*HOSTILE, "\0"])
async def test_no_sign_breaks_a_question(hostile: str, searching: Database) -> None:
    for collection in Collection:
        await ask(searching, collection=collection, words=hostile, sort="best")


@pytest.mark.parametrize("hostile", [*HOSTILE, '" OR source = "Roads Agency', "Roads Agency' OR '1'='1"])
async def test_no_sign_lets_a_filter_out_of_its_quotes(hostile: str, searching: Database) -> None:
    """What is filtered by is compared as it is, so what nothing has finds nothing, and counts nothing."""
    hits = await ask(searching, sources=(hostile,))
    assert (hits.found, hits.total) == ((), 0)
    for part in ("buyer", "supplier"):
        assert (await ask(searching, **{part: hostile})).total == 0
    assert (await ask(searching, kinds=(hostile, "goods"))).total == 1
    assert (await ask(searching, category=f"{hostile}99999999")).total == 0


async def test_amounts_beyond_all_measure_change_nothing(searching: Database) -> None:
    assert (await ask(searching, least=10**18, unvalued=False)).total == 0
    assert (await ask(searching, most=10**18, least=-(10**18))).total == len(NOTICES)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"statuses": ("open",)}, [TRUCKS, MEALS, ROAD]),
        ({"statuses": ("closed",)}, [BRIDGE]),
        ({"statuses": ("awarded", "planned")}, [WON, PLANNED]),
        ({"statuses": ("cancelled", "unsuccessful")}, []),
        ({"kinds": ("goods", "services")}, [TRUCKS, MEALS]),
        ({"sources": ("Roads Agency",)}, [PLANNED]),
        ({"sources": ("roads agency",)}, []),
        ({"sources": ("",)}, [WON, BRIDGE, TRUCKS, MEALS, ROAD]),
        ({"buyer": "education"}, [MEALS]),
        ({"supplier": "brightwater"}, [WON]),
        ({"category": "45233220-7"}, [ROAD]),
        ({"category": "45000000"}, [ROAD]),
        ({"category": "4523322"}, [ROAD]),
        ({"category": "no digits"}, []),
        ({"closes_before": NOW + timedelta(days=2, hours=1)}, [MEALS, ROAD]),
        ({"since": PLANNED.published_at}, [WON, PLANNED]),
        ({"until": MEALS.published_at}, [ROAD]),
        ({"since": MEALS.published_at, "until": BRIDGE.published_at}, [TRUCKS, MEALS]),
        ({"least": 250_000, "most": 450_000}, [BRIDGE, TRUCKS]),
        ({"least": 250_000, "most": 450_000, "unvalued": False}, [BRIDGE]),
        ({"unvalued": False}, [WON, PLANNED, BRIDGE, MEALS, ROAD]),
        ({"collection": AWARDS}, [SIGNALS, LIGHTS]),
        ({"collection": AWARDS, "words": "traffic light"}, [SIGNALS]),
        ({"collection": AWARDS, "statuses": ("pending",)}, [SIGNALS]),
        ({"collection": AWARDS, "kinds": ("works",)}, [LIGHTS]),
        ({"collection": AWARDS, "supplier": "brightwater", "least": 1, "unvalued": False}, [LIGHTS]),
        ({"collection": AWARDS, "until": SIGNALS.awarded_at}, [LIGHTS]),
    ],
)
async def test_filters(question: dict[str, object], found: list[Notice], searching: Database) -> None:
    assert await titles(searching, **question) == [one.title for one in found]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"sort": "name"}, [ELECTRIC, CITY, SCHOOLS]),
        ({"sort": "value"}, [CITY, ELECTRIC, SCHOOLS]),
        ({"roles": ("supplier",)}, [ELECTRIC]),
        ({"words": "sillford", "sort": "name"}, [ELECTRIC, SCHOOLS]),
        ({"words": "bright", "sort": "best"}, [ELECTRIC]),
    ],
)
async def test_buyers_and_suppliers(question: dict[str, object], found: list[Named], searching: Database) -> None:
    assert await titles(searching, collection=ORGANISATIONS, **question) == [one.name for one in found]


@pytest.mark.parametrize(
    ("sort", "question", "found"),
    [
        ("", {}, [WON, PLANNED, BRIDGE, TRUCKS, MEALS, ROAD]),
        ("newest", {"words": "marrow"}, [WON, PLANNED, BRIDGE, TRUCKS, ROAD]),
        ("value", {}, [WON, PLANNED, BRIDGE, MEALS, ROAD, TRUCKS]),
        ("closes", {"statuses": ("open",)}, [ROAD, MEALS, TRUCKS]),
        ("closes", {}, [ROAD, MEALS, TRUCKS, BRIDGE, PLANNED, WON]),
        ("awarded", {"statuses": ("awarded",)}, [WON]),
    ],
)
async def test_orders(sort: str, question: dict[str, object], found: list[Notice], searching: Database) -> None:
    assert await titles(searching, sort=sort, **question) == [one.title for one in found]


@pytest.mark.parametrize("sort", ["", "closes", "value", "awarded", "best"])
@pytest.mark.parametrize("statuses", [(), ("open",), ("awarded",)])
async def test_pages_show_everything_once(sort: str, statuses: tuple[str, ...], searching: Database) -> None:
    question = {"sort": sort, "statuses": statuses, "words": "marrow" if sort == "best" else ""}
    whole = await ask(searching, **question)
    seen: list[str] = []
    after = ""
    while True:
        hits = await ask(searching, size=1, after=after, **question)
        assert hits.total == whole.total
        seen += hits.found
        if not hits.next:
            break
        after = hits.next
    assert seen == list(whole.found)


@pytest.mark.parametrize("made_up", ["no-such-notice", "3", "-1-2026-0001", "99999999999-2026-0001", "1-", "0x1-a"])
async def test_a_made_up_cursor_is_refused(made_up: str, searching: Database) -> None:
    with pytest.raises(Refused, match="damaged"):
        await ask(searching, after=made_up)


async def test_what_is_written_anew_is_found_as_it_is_now(database: Database) -> None:
    await publish(database)
    async with database.begin(SETUP) as tx:
        await PostgresSearch().index(tx, [notice(1, "Widening of Harbour Road")])
    assert await titles(database, words="resurfacing") == []
    assert (await ask(database)).total == len(NOTICES)


async def test_what_is_removed_is_not_found(database: Database) -> None:
    await publish(database)
    async with database.begin(SETUP) as tx:
        await PostgresSearch().remove(tx, [ROAD.id])
    assert await titles(database, words="resurfacing") == []
