"""What each further choice would show, counted the same by either engine."""

import pytest
from searched import (
    NOTICES,
    PLANNED,
    ask,
)

from procurement.infra.search import Collection, Count
from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio
AWARDS, ORGANISATIONS = Collection.AWARDS, Collection.ORGANISATIONS


async def test_a_facet_counts_what_its_other_choices_would_show(searching: Database) -> None:
    facets = (await ask(searching, statuses=("open",), kinds=("works",))).facets
    assert set(facets["kind"]) == {Count("works", 1), Count("goods", 1), Count("services", 1)}
    assert set(facets["status"]) == {
        Count("open", 1), Count("closed", 1), Count("planned", 1), Count("awarded", 1),
    }  # fmt: skip
    assert facets["source"] == (Count("", 1),)


async def test_every_facet_counts_everything_when_nothing_is_asked(searching: Database) -> None:
    facets = (await ask(searching)).facets
    assert facets["status"] == (Count("open", 3), Count("awarded", 1), Count("closed", 1), Count("planned", 1))
    assert facets["kind"] == (Count("works", 4), Count("goods", 1), Count("services", 1))
    assert facets["source"] == (Count("", 5), Count("Roads Agency", 1))
    assert facets["value"] == (Count("given", 5), Count("none", 1))
    years = {str(one.published_at.year) for one in NOTICES}
    assert {one.value for one in facets["year"]} == years and sum(one.count for one in facets["year"]) == len(NOTICES)


async def test_a_facet_that_limits_counts_its_other_choices(searching: Database) -> None:
    asked = {"least": 250_000, "unvalued": False, "sources": ("Roads Agency",), "since": PLANNED.published_at}
    facets = (await ask(searching, **asked)).facets
    assert facets["source"] == (Count("", 1), Count("Roads Agency", 1))
    assert facets["value"] == (Count("given", 1),)
    assert sum(one.count for one in facets["year"]) == 1


async def test_awards_and_organisations_have_facets_of_their_own(searching: Database) -> None:
    awards = (await ask(searching, collection=AWARDS, kinds=("goods",))).facets
    assert set(awards["kind"]) == {Count("goods", 1), Count("works", 1)}
    assert awards["status"] == (Count("pending", 1),)
    everybody = (await ask(searching, collection=ORGANISATIONS)).facets
    assert everybody == {"role": (Count("buyer", 2), Count("supplier", 1)), "source": (Count("", 3),)}


@pytest.mark.parametrize(
    ("question", "buyers"),
    [
        ({}, (Count("city", 5), Count("education", 1))),
        ({"words": "school"}, (Count("education", 1),)),
        ({"statuses": ("open",), "sort": "closes"}, (Count("city", 2), Count("education", 1))),
        ({"words": "marrow", "kinds": ("goods",)}, (Count("city", 1),)),
        ({"words": "nothing like it"}, ()),
    ],
)
async def test_the_largest_buyers_are_counted_with_every_limit_in_force(
    question: dict[str, object], buyers: tuple[Count, ...], searching: Database
) -> None:
    assert (await ask(searching, **question)).facets["buyer"] == buyers


async def test_of_awards_the_largest_suppliers_are_counted_too(searching: Database) -> None:
    facets = (await ask(searching, collection=AWARDS)).facets
    assert (facets["buyer"], facets["supplier"]) == ((Count("city", 2),), (Count("brightwater", 2),))
    facets = (await ask(searching, collection=AWARDS, words="signals", kinds=("goods", "works"))).facets
    assert facets["supplier"] == (Count("brightwater", 1),)


async def test_where_a_buyer_or_supplier_is_chosen_nobody_counts_the_others(searching: Database) -> None:
    assert "buyer" not in (await ask(searching, buyer="city")).facets
    chosen = (await ask(searching, collection=AWARDS, supplier="brightwater")).facets
    assert "supplier" not in chosen and chosen["buyer"] == (Count("city", 2),)


async def test_meilisearch_counts_categories_also_of_what_it_found_by_its_likeness(by_meilisearch: Database) -> None:
    facets = (await ask(by_meilisearch, words="harbuor", category="45")).facets
    assert Count("452", 1) in facets["category"]
    assert {one.count for one in facets["category"]} == {1}
