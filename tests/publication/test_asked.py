"""A search as it stands in an address, and the words in it."""

from datetime import UTC, datetime

import pytest

from procurement.kernel.refusal import Refused
from procurement.kernel.words import plain, terms
from procurement.publication.asked import Asked
from procurement.publication.pages.marks import marked

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
