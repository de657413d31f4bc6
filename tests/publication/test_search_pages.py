"""Searching as people do it in a page, and as programs do it: tabs, filters in the address, what to widen, files."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from html import unescape

import httpx
import pytest
import searched
from msgspec import structs
from searched import NOTICES, NOW, notice
from tendering import SETUP

from procurement.infra.search import TOLD, Collection, Count
from procurement.infra.tx import Database
from procurement.publication.asked import Asked
from procurement.publication.pages.categories import as_told
from procurement.publication.rules.classification import Label
from procurement.publication.rules.derived import Derived
from procurement.publication.rules.notice import code_prefixes
from procurement.publication.service import classification, deriving
from procurement.publication.service.classification import Category
from procurement.publication.service.following import matching
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

Serve = Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]]

TABS = ("/tenders", "/awards", "/buyers-and-suppliers")
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
async def public(database: Database) -> None:
    await searched.publish(database)


async def text(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return re.sub(r"\s+", " ", answer.text)


def tabs(page: str) -> dict[str, int]:
    """How much each tab has, by its address."""
    bar = re.search(r'<nav class="tabs".*?</nav>', page)
    assert bar
    found = re.findall(r'href="([^"]+)"[^>]*>[^<]*<span class="num">([^<]*)</span>', bar[0])
    return {unescape(address): int(count) for address, count in found}


async def test_each_tab_tells_how_much_it_has_and_keeps_the_words(client: httpx.AsyncClient) -> None:
    page = await text(client, "/tenders?q=lights&status=all&sort=value")
    assert tabs(page) == {
        "/tenders?q=lights&status=all&sort=value": 1, "/awards?q=lights&sort=value": 1,
        "/buyers-and-suppliers?q=lights&sort=value": 0,
    }  # fmt: skip
    for address, count in tabs(page).items():
        assert tabs(await text(client, address))[address] == count


async def test_a_tab_counts_what_it_will_show_for_misspelt_words(client: httpx.AsyncClient) -> None:
    assert tabs(await text(client, "/tenders?q=lihgts&status=all"))["/awards?q=lihgts"] == 1
    assert tabs(await text(client, "/awards?q=lihgts"))["/awards?q=lihgts"] == 1


async def test_whoever_subscribes_to_days_that_are_over_is_told_of_the_next_ones(client: httpx.AsyncClient) -> None:
    over = await text(client, "/tenders?q=road&period=last-year")
    assert 'href="/tenders/feed.atom?q=road&amp;status=all">Subscribe to the next ones' in over
    assert 'feed.atom?q=road&amp;period=this-year">Subscribe (Atom)' in await text(
        client, "/tenders?q=road&period=this-year"
    )


async def test_an_award_tells_who_won_at_which_price_against_how_many(client: httpx.AsyncClient) -> None:
    page = await text(client, "/awards?q=northern")
    for words in ("quarter", "/suppliers/brightwater", "6 000 EUR", "3 bids", "/tenders/2026-0006/award"):
        assert words in page
    buyers = await text(client, "/buyers-and-suppliers?role=supplier")
    assert "Brightwater Electric Ltd" in buyers and "/awards?supplier=brightwater" in buyers
    assert "Education Office" not in buyers


async def test_each_filter_in_use_can_be_taken_out_alone(client: httpx.AsyncClient) -> None:
    asked = {"q": "road", "kind": "works", "most": "500k", "since": "2020-01-01", "cpv": "45"}
    page = await text(client, f"/tenders?{httpx.QueryParams(asked)}")
    assert "Up to 500 000" in unescape(page), "as it was understood"
    chips = re.findall(r'class="chip" href="([^"]+)"', page)
    assert len(chips) == len(asked)
    for name in asked:
        left = [one for one in chips if name not in httpx.URL(unescape(one)).params]
        assert len(left) == 1, f"one address is without {name}, and it alone"
        assert asked.keys() - {name} <= httpx.URL(unescape(left[0])).params.keys()


async def test_one_buyer_or_supplier_is_chosen_by_name_and_let_go_again(client: httpx.AsyncClient) -> None:
    page = await text(client, "/awards?q=street")
    for side, name in (("buyer=city", "City of Marrow"), ("supplier=brightwater", "Brightwater Electric Ltd")):
        assert re.search(f'href="/awards\\?q=street&amp;{side}">{name}<.*?<span class="num">1</span>', page)
    chosen = await text(client, "/awards?q=street&buyer=city")
    assert '<a href="/awards?q=street">Every buyer' in chosen
    assert 'class="chip" href="/awards?q=street">City of Marrow' in chosen


async def test_a_category_too_rare_to_be_told_stays_without_a_number() -> None:
    below = [Category("CPV", "45000000-7", "Construction work", True), Category("CPV", "30000000-9", "Machines", True)]
    told = (Count("45", 7),)
    assert [(one.code, one.count) for one in as_told(below, told)] == [("45000000-7", 7)]
    many = told + tuple(Count(f"45{number:03}", 1) for number in range(TOLD))
    assert [(one.code, one.count) for one in as_told(below, many)] == [("45000000-7", 7), ("30000000-9", None)]


async def test_where_nothing_is_found_it_says_what_to_take_away_and_how_much_that_finds(
    client: httpx.AsyncClient,
) -> None:
    page = await text(client, "/tenders?q=harbour&most=5&unvalued=no")
    assert "No tender matches." in page
    address = re.search(r'href="([^"]+)"><span class="num">1</span> without the limit of value', page)
    assert address and "Resurfacing of" in await text(client, unescape(address[1]))
    assert "without the words" not in page, "nothing else is cheap enough either"
    assert "stay in the list" not in page


async def test_what_says_no_amount_stays_and_is_counted(client: httpx.AsyncClient) -> None:
    page = await text(client, "/tenders?least=2000&most=3000")
    assert "1 of them says no amount and stays in the list." in page and "Electric refuse trucks" in page
    assert "Electric refuse trucks" not in await text(client, "/tenders?least=2000&most=3000&unvalued=no")


async def test_who_names_days_is_shown_every_stage(client: httpx.AsyncClient) -> None:
    for dated in ("period=30-days", f"since={NOW - timedelta(days=20):%Y-%m-%d}&until={NOW:%Y-%m-%d}"):
        page = await text(client, f"/tenders?{dated}")
        assert tabs(page)[f"/tenders?{dated}"] == len(NOTICES)
    assert "Street lights" not in await text(client, "/tenders?period=30-days&status=open")
    assert "0</span> tenders" in await text(client, "/tenders?until=2001-01-01")


@pytest.mark.parametrize(
    ("query", "field"),
    [("since=yesterday", "since"), ("since=2026-02-30", "since"), ("since=0001-01-01", "since"),
     ("since=2026-03-02&until=2026-03-01", "until"), ("most=many", "most")],
)  # fmt: skip
async def test_what_cannot_be_read_is_named_and_stays_typed(query: str, field: str, client: httpx.AsyncClient) -> None:
    page = await text(client, f"/tenders?{query}", 422)
    assert f'href="#{field}"' in page and "Error:" in page
    for value in httpx.QueryParams(query).values():
        assert f'value="{value}"' in page
    assert "Nothing was searched" in page
    assert "found.csv" not in page, "there is nothing to take away"
    assert (await client.get(f"/api/v1/notices?{query}")).json()["fields"].keys() == {field}


async def test_nothing_that_is_asked_or_found_is_taken_for_html(client: httpx.AsyncClient, database: Database) -> None:
    async with database.begin(SETUP) as tx:
        evil = notice(9, f"Road {HOSTILE} road", summary=HOSTILE, buyer=HOSTILE)
        await deriving.keep(tx, [Derived(evil, (), ())])
    shown = await text(client, "/tenders?q=road")
    assert "<script>alert" not in shown and "<mark>Road</mark> &#34;&gt;&lt;script&gt;" in shown
    for path in TABS:
        for name in ("q", "kind", "source", "buyer", "supplier", "cpv", "least", "since", "sort", "status", "role"):
            answer = await client.get(path, params={name: f"road {HOSTILE}"})
            assert answer.status_code in (200, 422) and "<script>alert" not in answer.text, (path, name)


async def test_words_for_a_category_find_its_code_and_the_tree_leads_on(
    client: httpx.AsyncClient, database: Database
) -> None:
    labels = [Label("30200000-1", "Computer equipment"), Label("30213000-5", "Personal computers"),
              Label("30213100-6", "Portable computers")]  # fmt: skip
    async with database.begin(SETUP) as tx:
        await classification.load(tx, "CPV", "en", labels)
        schools = notice(8, "Devices for 12 schools", categories=tuple(code_prefixes("30213100-6")))
        await deriving.keep(tx, [Derived(schools, (), ())])
    offered = await text(client, "/tenders?q=laptops")
    assert 'cpv=30213100-6"><span class="num">1</span> in the category Portable computers</a>' in offered
    chosen = await text(client, "/tenders?cpv=30213000-5")
    assert "Devices for 12 schools" in chosen
    assert 'cpv=30200000-1">Computer equipment' in chosen, "what it belongs to"
    assert 'cpv=30213100-6">Portable computers</a><span class="num">1</span>' in chosen, "what belongs to it"
    typed = await text(client, "/tenders?cpv=laptops")
    assert 'cpv=30213100-6">Portable computers' in typed and "Choose one of these:" in typed
    assert tabs(typed)["/tenders?cpv=laptops"] == 4, "words for a category limit nothing yet"
    assert "“laptops” limits nothing before you choose a category:" in typed
    assert "No category has the words “submarines”" in await text(client, "/tenders?cpv=submarines")


async def test_a_saved_search_of_awards_is_asked_about_the_awards_of_a_notice(database: Database) -> None:
    asked = {words: Asked(find=Collection.AWARDS, q=words) for words in ("signals", "lights", "bridge")}
    async with database.begin(SETUP) as tx:
        questions = {words: one.question(tx.now) for words, one in asked.items()}
        assert await matching(tx, searched.WON.id, questions) == {"signals", "lights"}
        assert await matching(tx, searched.BRIDGE.id, questions) == set()


async def test_who_is_not_signed_in_comes_back_to_what_they_wanted_to_follow(client: httpx.AsyncClient) -> None:
    page = await text(client, "/awards?q=lights&kind=works")
    follow = re.search(r'href="(/follow[^"]+)"', page)
    assert follow
    offer = await text(client, unescape(follow[1]))
    assert "Awards and contracts: “lights”, Works" in offer
    back = re.search(r'href="/sign-in\?next=([^"]+)"', offer)
    assert back and httpx.QueryParams(f"next={back[1]}")["next"].startswith("/follow?kind=search&target=find%3Dawards")


async def test_a_page_that_the_reserve_made_says_so_and_is_not_kept(settings: Settings, serve: Serve) -> None:
    nobody = "http://127.0.0.1:9"  # the discard port: nothing answers
    with_engine = structs.replace(settings, meilisearch_url=nobody, meilisearch_search_key="key")
    async with serve(with_engine) as client:
        assert "simpler form" not in await text(client, "/status")
        answer = await client.get("/tenders?q=road")
        assert "found by a simpler one" in answer.text and "Resurfacing of" in answer.text
        assert "etag" not in answer.headers
        assert "works in its simpler form" in await text(client, "/status")
        assert (await client.get("/api/v1/status")).json()["simpler_search"] is True
