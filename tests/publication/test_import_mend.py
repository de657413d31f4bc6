"""Real defects of published data, mended and noted."""

from decimal import Decimal
from typing import Any

import pytest

from procurement.publication.importer import shape
from procurement.publication.importer.mend import GONE, Notes, unwrap


def mended(release: dict[str, Any]) -> tuple[Any, list[tuple[str, Any]]]:
    notes = Notes()
    result = shape.release(unwrap(release, notes), notes)
    return result, [(mend.path, mend.was) for mend in notes.mends]


def test_what_is_well_formed_stays_as_it_is() -> None:
    release = {
        "ocid": "a",
        "tender": {"id": "1", "status": "active", "value": {"amount": 5, "currency": "EUR"}},
        "x": 1,
    }
    assert mended(release) == (release, [])


@pytest.mark.parametrize(
    ("amount", "becomes"),
    [
        ({"$numberLong": "12000"}, 12000),
        ({"$numberDecimal": "12.50"}, Decimal("12.50")),
        ("1240.50", Decimal("1240.50")),
        ("1 240 000", 1240000),
        ("", GONE),
        ("about 5", GONE),
        (True, GONE),
        ("NaN", GONE),
        (10**16, GONE),
    ],
)
def test_amounts_become_numbers_or_nothing(amount: Any, becomes: Any) -> None:
    result, notes = mended({"tender": {"id": "1", "value": {"amount": amount, "currency": "EUR"}}})
    assert result["tender"]["value"].get("amount", GONE) == becomes
    assert notes == [("tender/value/amount", amount)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019-01-02", "2019-01-02T00:00:00Z"),
        ("2019-01-02 10:00:00", "2019-01-02T10:00:00Z"),
        ("2019-01-02T10:00:00+0400", "2019-01-02T10:00:00+04:00"),
        ({"$date": "2019-01-02T10:00:00Z"}, "2019-01-02T10:00:00Z"),
        ({"$date": {"$numberLong": "1546423200000"}}, "2019-01-02T10:00:00Z"),
        ("2019-02-30", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dates_become_rfc_3339_or_nothing(written: Any, meant: str | None) -> None:
    result, notes = mended({"tender": {"tenderPeriod": {"endDate": written}}})
    assert result["tender"]["tenderPeriod"].get("endDate") == meant
    assert notes


def test_of_planning_in_a_list_the_first_is_taken_and_all_are_noted() -> None:
    plans = [{"rationale": "one"}, {"rationale": "two"}]
    assert mended({"planning": plans}) == ({"planning": {"rationale": "one"}}, [("planning", plans)])


@pytest.mark.parametrize(
    ("status", "becomes"),
    [("Active", "active"), ("canceled", "cancelled"), ("closed", "complete"), ("in limbo", None), (7, None)],
)
def test_a_status_outside_the_codelist_is_understood_or_noted(status: Any, becomes: str | None) -> None:
    result, notes = mended({"tender": {"id": "1", "status": status}})
    assert result["tender"].get("status") == becomes
    assert notes == [("tender/status", status)]


def test_a_single_award_where_a_list_belongs_becomes_its_only_member() -> None:
    result, _ = mended({"awards": {"id": "1"}})
    assert result == {"awards": [{"id": "1"}]}


def test_a_document_without_an_id_is_named_by_its_digest() -> None:
    result, notes = mended({"tender": {"documents": [{"title": "a"}, {"title": "b"}]}})
    first, second = (document["id"] for document in result["tender"]["documents"])
    assert first != second
    assert notes == [("tender/documents/0/id", None), ("tender/documents/1/id", None)]


def test_an_empty_list_of_items_of_an_award_is_left_out() -> None:
    assert mended({"awards": [{"id": "1", "items": []}]})[0] == {"awards": [{"id": "1"}]}


def test_zero_characters_do_not_reach_the_database() -> None:
    assert mended({"tender": {"title": "a\0b"}})[0] == {"tender": {"title": "ab"}}
