"""Finding notices: words and their misspellings, filters, pages, counts."""

from datetime import UTC, datetime, timedelta

import pytest
from tendering import SETUP

from procurement.infra.search import Count, Hits, Question
from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.publication.rules.notice import Notice, code_prefixes
from procurement.publication.search import PostgresSearch

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
PUBLISHED = NOW - timedelta(days=10)


def notice(number: int, title: str, **said: object) -> Notice:
    given: dict[str, object] = {
        "id": f"2026-{number:04}", "source": "", "ocid": f"ocds-xmarrow-2026-{number:04}", "title": title,
        "summary": "", "kind": "works", "buyer_id": "city", "buyer": "City of Marrow", "supplier_ids": (),
        "suppliers": (), "categories": (), "value": Money(100_000 * number, "EUR"), "outcome": "",
        "published_at": PUBLISHED + timedelta(minutes=number), "deadline": NOW + timedelta(days=number),
        "awarded_at": None, "award": None, "bids": None, "text": "",
    }  # fmt: skip
    return Notice(**(given | said))  # type: ignore[arg-type]  # a test names only what it is about


ROAD = notice(1, "Resurfacing of Harbour Road", categories=tuple(code_prefixes("45233220-7")))
MEALS = notice(2, "École primaire: school meals", kind="services", buyer="Education Office", buyer_id="education")
TRUCKS = notice(3, "Electric refuse trucks", kind="goods", value=None, text="Turning circle of 14 m at Mill Road")
BRIDGE = notice(4, "Repair of the bridge over the Sill", deadline=NOW - timedelta(days=1))
PLANNED = notice(5, "Road markings", outcome="planned", deadline=None, source="Roads Agency", ocid="ocds-abc123-5")
WON = notice(
    6, "Street lights", outcome="awarded", deadline=NOW - timedelta(days=30), awarded_at=NOW - timedelta(days=2),
    award=Money(41_800_000, "EUR"), suppliers=("Brightwater Electric Ltd",), supplier_ids=("brightwater",),
)  # fmt: skip
ALL = [ROAD, MEALS, TRUCKS, BRIDGE, PLANNED, WON]


@pytest.fixture(autouse=True)
async def indexed(database: Database) -> None:
    async with database.begin(SETUP) as tx:
        await PostgresSearch().index(tx, ALL)


async def ask(database: Database, **question: object) -> Hits:
    async with database.begin(SETUP) as tx:
        return await PostgresSearch().search(tx, Question(**question))  # type: ignore[arg-type]  # as above


async def titles(database: Database, **question: object) -> list[str]:
    by_id = {one.id: one.title for one in ALL}
    return [by_id[id_] for id_ in (await ask(database, **question)).found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("harbour road", [ROAD.title]),
        ("HARBOUR", [ROAD.title]),
        ("ecole", [MEALS.title]),
        ("roads", [TRUCKS.title, PLANNED.title, ROAD.title]),
        ("brightwater", [WON.title]),
        ("2026-0004", [BRIDGE.title]),
        ("ocds-abc123-5", [PLANNED.title]),
        ("education", [MEALS.title]),
    ],
)
async def test_words_are_found_without_case_accents_or_plural(words: str, found: list[str], database: Database) -> None:
    assert sorted(await titles(database, words=words)) == sorted(found)


@pytest.mark.parametrize(
    ("words", "instead", "found"),
    [
        ("harbor rode", "harbor road", ROAD),
        ("resurfasing", "resurfacing", ROAD),
        ("scool meels", "school meals", MEALS),
        ("brigde", "bridge", BRIDGE),
        ("elektric lihgts", "electric lights", WON),
    ],
)
async def test_a_wrong_letter_does_no_harm(words: str, instead: str, found: Notice, database: Database) -> None:
    assert (await ask(database, words=words)).instead == instead
    assert await titles(database, words=words) == [found.title]


async def test_what_nobody_wrote_is_not_found(database: Database) -> None:
    hits = await ask(database, words="submarine")
    assert (hits.found, hits.total, hits.instead) == ((), 0, "")


async def test_a_word_in_the_title_weighs_more_than_one_in_the_text(database: Database) -> None:
    assert (await titles(database, words="road", sort="best"))[-1] == TRUCKS.title


@pytest.mark.parametrize("hostile", ["' OR 1=1 --", "a:* & !b", "\\", "%_", "🙂", "x" * 5000, "\0", ") | ("])
async def test_no_sign_breaks_a_question(hostile: str, database: Database) -> None:
    await ask(database, words=hostile)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"statuses": ("open",)}, [TRUCKS, MEALS, ROAD]),
        ({"statuses": ("closed",)}, [BRIDGE]),
        ({"statuses": ("awarded", "planned")}, [WON, PLANNED]),
        ({"kinds": ("goods", "services")}, [TRUCKS, MEALS]),
        ({"sources": ("Roads Agency",)}, [PLANNED]),
        ({"buyer": "education"}, [MEALS]),
        ({"supplier": "brightwater"}, [WON]),
        ({"category": "45233220-7"}, [ROAD]),
        ({"category": "45000000"}, [ROAD]),
        ({"closes_before": NOW + timedelta(days=2, hours=1)}, [MEALS, ROAD]),
    ],
)
async def test_filters(question: dict[str, object], found: list[Notice], database: Database) -> None:
    assert await titles(database, **question) == [one.title for one in found]


async def test_a_value_range_keeps_what_has_no_value_unless_told_otherwise(database: Database) -> None:
    assert await titles(database, least=250_000, most=450_000) == [BRIDGE.title, TRUCKS.title]
    assert await titles(database, least=250_000, most=450_000, unvalued=False) == [BRIDGE.title]


async def test_a_facet_counts_what_its_other_choices_would_show(database: Database) -> None:
    facets = (await ask(database, statuses=("open",), kinds=("works",))).facets
    assert set(facets["kind"]) == {Count("works", 1), Count("goods", 1), Count("services", 1)}
    assert set(facets["status"]) == {
        Count("open", 1), Count("closed", 1), Count("planned", 1), Count("awarded", 1),
    }  # fmt: skip


@pytest.mark.parametrize("sort", ["", "closes", "value", "awarded", "best"])
@pytest.mark.parametrize("statuses", [(), ("open",), ("awarded",)])
async def test_pages_show_everything_once(sort: str, statuses: tuple[str, ...], database: Database) -> None:
    words = "marrow" if sort == "best" else ""
    whole = await ask(database, sort=sort, statuses=statuses, words=words)
    seen: list[str] = []
    after = ""
    while True:
        hits = await ask(database, sort=sort, statuses=statuses, words=words, size=1, after=after)
        seen += hits.found
        if not hits.next:
            break
        after = hits.next
    assert seen == list(whole.found)


async def test_what_has_no_deadline_is_sorted_last(database: Database) -> None:
    assert (await titles(database, sort="closes"))[:3] == [ROAD.title, MEALS.title, TRUCKS.title]


async def test_a_made_up_cursor_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match="damaged"):
        await ask(database, after="no-such-notice")


async def test_indexing_again_changes_the_one_notice(database: Database) -> None:
    async with database.begin(SETUP) as tx:
        await PostgresSearch().index(tx, [notice(1, "Widening of Harbour Road")])
    assert await titles(database, words="resurfacing") == []
    assert (await ask(database)).total == len(ALL)


async def test_what_is_removed_is_not_found(database: Database) -> None:
    async with database.begin(SETUP) as tx:
        await PostgresSearch().remove(tx, [ROAD.id])
    assert await titles(database, words="resurfacing") == []
