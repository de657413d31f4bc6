"""A search as it stands in an address, and the words in it."""

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from procurement.infra.search import Collection
from procurement.kernel.refusal import Refused
from procurement.kernel.words import plain, terms
from procurement.publication.asked import Asked
from procurement.publication.pages.marks import Marks, marked

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_an_address_keeps_the_whole_question_when_one_part_changes() -> None:
    asked = Asked.read([("q", "road"), ("kind", "works"), ("kind", "goods"), ("status", "all"), ("after", "x")])
    assert asked.address("/tenders", sort="value") == "/tenders?q=road&status=all&kind=works&kind=goods&sort=value"
    assert Asked.read([]).address("/tenders") == "/tenders"


def test_what_an_address_does_not_know_is_left_out() -> None:
    assert Asked.read([("status", "nonsense"), ("kind", "war"), ("closes", "-1"), ("x", "y")]) == Asked()


def test_an_amount_that_is_none_names_its_field() -> None:
    with pytest.raises(Refused) as no:
        Asked(least="lots").question(NOW)
    assert list(no.value.fields) == ["least"]


@pytest.mark.parametrize("typed", ["lots", "-5", "500 kk", "5 apples", "1.200 Mio", "3 billion", "1e9", "9" * 30])
def test_what_is_no_amount_or_two_of_them_says_how_to_write_one(typed: str) -> None:
    with pytest.raises(Refused) as no:
        Asked(most=typed).question(NOW)
    assert no.value.fields == {"most": f"“{typed}” is no amount. Write it like 500000, 500k or 1.2m."}


@pytest.mark.parametrize(
    "typed",
    ["500000", "500 000", "500\u00a0000", "500'000", "500,000", "500.000", "500,000.00", "500.000,00", "500k", "500 K",
     "€500000", "500 000 EUR", "500 k€", "0.5m", "0,5 Mio.", "EUR 0.5 million"],
)  # fmt: skip
def test_an_amount_is_understood_as_people_write_it(typed: str) -> None:
    asked = Asked(most=typed)
    assert asked.question(NOW).most == 500_000_00 and asked.range == ("", 500_000)


def test_larger_amounts_may_be_short_too() -> None:
    assert Asked(least="1,2 Mio", most="2bn").range == (1_200_000, 2_000_000_000)
    assert Asked(least="lots", most="1,50").range == ("lots", Decimal("1.50"))


def test_without_a_choice_only_open_tenders_are_asked_for() -> None:
    assert Asked().question(NOW).statuses == ("open",)
    assert Asked(status="all").question(NOW).statuses == ()
    assert Asked(status="ended").question(NOW).statuses == ("cancelled", "unsuccessful")


def test_marks_stand_around_words_that_were_searched_and_everything_is_escaped() -> None:
    assert marked("Road <b> & roads", "roads") == "<mark>Road</mark> &lt;b&gt; &amp; <mark>roads</mark>"
    assert marked("Résurfaçage", "resurf") == "<mark>Résurfaçage</mark>"


def test_words_are_made_plain() -> None:
    assert plain("  Straße, ÉCOLE-n° 5\n") == "strasse ecole n 5"
    assert terms("road road ROAD") == ["road"]


def test_days_are_those_of_the_official_zone_and_the_last_one_counts() -> None:
    zone = ZoneInfo("Europe/Paris")
    asked = Asked(since="2025-03-01", until="2025-03-31").question(NOW, zone=zone)
    assert (asked.since, asked.until) == (datetime(2025, 3, 1, tzinfo=zone), datetime(2025, 4, 1, tzinfo=zone))
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # it is 2027 in Paris already
    assert Asked(period="last-year").question(new_year, zone=zone).since == datetime(2026, 1, 1, tzinfo=zone)
    assert Asked(period="this-year").question(new_year, zone=zone).until is None


def test_days_that_were_typed_win_over_a_period() -> None:
    assert Asked.read([("period", "last-year"), ("since", "2026-01-05")]).period == ""


def test_a_collection_is_asked_only_what_it_knows() -> None:
    asked = [("q", "road"), ("status", "open"), ("kind", "works"), ("role", "buyer"), ("sort", "closes")]
    assert Asked.read(asked, Collection.AWARDS) == Asked(find=Collection.AWARDS, q="road", kind=("works",))
    assert Asked.read(asked, Collection.ORGANISATIONS).role == "buyer"
    found = Asked.read([*asked, ("find", "awards")])
    assert Asked.read(parse_qsl(found.target())) == found, "one line makes it again"


def test_without_a_limit_nothing_else_is_left_out_instead() -> None:
    dated = Asked(q="road", period="last-year")
    assert dated.without("dates").statuses == (), "it would have been every stage, and stays so"
    assert Asked(q="road").parts() == ["status", "q"]
    assert Asked(q="road").without("status").parts() == ["q"]
    assert Asked(cpv="laptops").question(NOW).category == "", "words for a category limit nothing yet"


def test_an_excerpt_is_where_the_words_stand() -> None:
    text = f"{'so many words before it ' * 10}a turning circle <of> 14 m {'and after ' * 40}"
    found = Marks("circle", ["14"]).excerpt(text)
    assert "<mark>circle</mark> &lt;of&gt; <mark>14</mark>" in found and found.startswith("… ") and found.endswith(" …")
    assert Marks("submarine").excerpt(text) == Marks("").excerpt(text) == ""
