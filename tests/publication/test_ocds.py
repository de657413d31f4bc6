"""What we publish, against the official schema with the bid and lots extensions really merged."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs
from ocds_data import SAMPLES, needs_samples
from ocds_schema import RELEASE, errors, release_schema
from ocdsmerge.rules import get_merge_rules
from publishing import ADLER, BIDS, CITY, DEADLINE, EVERYBODY, HARBOUR, PUBLISHED, TENDER, URL, announced, signed

from procurement.awards.rules import TenderUnsuccessful
from procurement.infra import countries
from procurement.publication.importer import shape
from procurement.publication.importer.mend import Notes, unwrap
from procurement.publication.importer.unpack import Published, unpack
from procurement.publication.ocds import award as awarding
from procurement.publication.ocds import merge
from procurement.publication.ocds import tender as tendering
from procurement.publication.ocds.package import Publisher, encoder, record_package, release, release_package
from procurement.publication.ocds.parts import parties, reference
from procurement.publication.rules.notice import Notice, notice_of

ROAD, PATH = "lotroad000000000", "lotpath000000000"
UTC_ZONE = ZoneInfo("UTC")
PUBLISHER = Publisher("Republic of Marrow", "http://test")


def life() -> list[dict[str, Any]]:
    """Every kind of release that one procurement can have, in order."""
    at = [PUBLISHED + timedelta(days=days) for days in range(0, 70, 7)]
    opened = awarding.bids_section(BIDS, EVERYBODY, at[4])
    unsuccessful = TenderUnsuccessful(tender=TENDER.id, award="award-path", lot=PATH, reason="No bid was acceptable.")
    moved = tendering.tender_section(TENDER, CITY, URL)
    moved["amendments"] = [tendering.amendment("3", at[2], "More time was asked for.", "The deadline moved.")]
    signing = signed(ROAD, HARBOUR, 870_000)
    sections: list[tuple[str, dict[str, Any]]] = [
        ("tender", {"tender": tendering.tender_section(TENDER, CITY, URL)}),
        ("tenderUpdate", {"tender": tendering.answers(TENDER, URL, at[1])}),
        ("tenderAmendment", {"tender": moved}),
        ("tenderUpdate", {"tender": {"id": TENDER.id, **awarding.tenderers(BIDS, EVERYBODY)}, "bids": opened}),
        ("award", {"awards": [awarding.award_section(announced(ROAD, HARBOUR, 870_000), TENDER, EVERYBODY, at[5])]}),
        ("award", {
            "awards": [awarding.unsuccessful(unsuccessful, TENDER, at[5])],
            "tender": tendering.standing(TENDER, "active", {PATH: "unsuccessful"}),
        }),
        ("contract", {
            "contracts": [awarding.contract_section(signing, "Road", "http://test/contracts/1", at[7], UTC_ZONE)],
            "awards": [{"id": "award-" + ROAD, "status": "active"}],
            "tender": tendering.standing(TENDER, "complete", {ROAD: "complete"}),
        }),
    ]  # fmt: skip
    named = {
        "parties": parties({"buyer": [CITY.id], "procuringEntity": [CITY.id], "tenderer": [HARBOUR.id]}, EVERYBODY),
        "buyer": reference(CITY),
    }
    return [
        release(TENDER.ocid, str(number), at[number], [tag], "en", **named, **said)
        for number, (tag, said) in enumerate(sections)
    ]


def bodies() -> list[bytes]:
    return [encoder.encode(one) for one in life()]


def notice() -> Notice:
    compiled = merge.compiled_release([json.loads(body) for body in bodies()])
    return notice_of(compiled, id=TENDER.id, source="", published_at=PUBLISHED)


@needs_samples
def test_the_schema_that_validates_has_the_extensions_in_it() -> None:
    definitions = release_schema()["definitions"]
    assert "bids" in release_schema()["properties"]
    assert "relatedLot" in definitions["Item"]["properties"]
    assert "relatedLots" in definitions["Bid"]["properties"]
    assert errors(RELEASE, json.loads(bodies()[0]) | {"bids": {"details": [{"status": "lost"}]}})
    assert errors(RELEASE, json.loads(bodies()[0]) | {"tender": {"id": "1", "lots": [{"status": "lost"}]}})


@needs_samples
def test_every_release_is_valid() -> None:
    assert [error for body in bodies() for error in errors(RELEASE, json.loads(body))] == []


@needs_samples
def test_the_release_package_is_valid_and_declares_its_extensions() -> None:
    package = json.loads(release_package(PUBLISHER, TENDER.ocid, bodies(), DEADLINE))
    assert errors("release-package-schema.json", package) == []
    assert len(package["extensions"]) == 2


@needs_samples
def test_the_record_package_is_valid() -> None:
    record = json.loads(record_package(PUBLISHER, TENDER.ocid, bodies(), DEADLINE))
    assert errors("record-package-schema.json", record) == []


def test_a_release_goes_out_byte_for_byte_as_it_was_stored() -> None:
    package = release_package(PUBLISHER, TENDER.ocid, bodies(), DEADLINE)
    assert all(body in package for body in bodies())


@needs_samples
def test_we_merge_by_the_rules_of_the_official_schema() -> None:
    assert get_merge_rules(release_schema()) == merge.RULES


def test_the_compiled_release_says_how_everything_stands() -> None:
    compiled = merge.compiled_release([json.loads(body) for body in bodies()])
    assert compiled["tender"]["status"] == "complete"
    assert {lot["id"]: lot["status"] for lot in compiled["tender"]["lots"]} == {ROAD: "complete", PATH: "unsuccessful"}
    assert [award["status"] for award in compiled["awards"]] == ["active", "unsuccessful"]
    assert compiled["tender"]["title"] == TENDER.title


def test_releases_in_other_time_zones_are_merged_in_their_order() -> None:
    """Texts of dates do not sort where offsets differ: 01:00+04:00 is before 22:30Z of the day before."""
    first = {"ocid": "a", "id": "1", "date": "2026-01-02T01:00:00+04:00", "tag": ["tender"], "tender": {"title": "old"}}
    second = {"ocid": "a", "id": "2", "date": "2026-01-01T22:30:00Z", "tag": ["tender"], "tender": {"title": "new"}}
    assert merge.compiled_release([first, second])["tender"]["title"] == "new"


def test_contradicting_releases_leave_the_latest() -> None:
    releases = [
        {"ocid": "a", "id": str(number), "date": f"2026-01-0{number}T00:00:00Z", "tag": ["tender"], "x": said}
        for number, said in enumerate(("a text", {"an": {"object": 1}}), start=1)
    ]
    assert merge.compiled_release(releases)["x"] == {"an": {"object": 1}}


def test_a_country_is_named_not_coded(monkeypatch: pytest.MonkeyPatch) -> None:
    countries.called_here.cache_clear()
    monkeypatch.setenv("COUNTRY_NAME", "Marrow")
    named = {code: structs.replace(CITY, country=code) for code in ("FR", "XM")}
    said = parties({"buyer": list(named)}, named)
    countries.called_here.cache_clear()
    assert [one["address"]["countryName"] for one in said] == ["France", "Marrow"]


def test_amounts_are_exact_numbers() -> None:
    assert b'"value":{"amount":1240000,"currency":"EUR"}' in bodies()[0]
    assert b'"quantity":2400.5' in bodies()[0]


def test_nothing_is_said_of_bids_before_the_opening() -> None:
    assert not any(b'"bids"' in body or b"tenderer" in body.replace(b'"tenderer"]', b"") for body in bodies()[:3])


def test_a_bid_that_did_not_open_has_no_price() -> None:
    details = awarding.bids_section(BIDS, EVERYBODY, DEADLINE)["details"]
    assert [(one["status"], "value" in one) for one in details] == [
        ("valid", True), ("valid", True), ("disqualified", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lots", "whole"),
    [
        ({"a": "unsuccessful", "b": "unsuccessful"}, "unsuccessful"),
        ({"a": "complete", "b": "unsuccessful"}, "complete"),
        ({"a": "complete", "b": "active"}, "active"),
    ],
)
def test_a_tender_ends_with_its_last_lot(lots: dict[str, str], whole: str) -> None:
    assert awarding.status_of_all(lots) == whole


def test_the_notice_of_our_procurement() -> None:
    found = notice()
    assert (found.title, found.buyer, found.buyer_id) == (TENDER.title, "City of Marrow", CITY.id)
    assert (found.outcome, found.bids, found.suppliers) == ("awarded", 3, ("Harbour Paving Co-operative",))
    assert str(found.award) == "870000.00 EUR"
    assert {"45", "4523", "45233220"} <= set(found.categories)
    assert ADLER.name not in found.suppliers


def test_an_undecided_notice_is_open_until_its_deadline() -> None:
    first = notice_of(json.loads(bodies()[0]), id="1", source="", published_at=PUBLISHED)
    assert first.status(DEADLINE - timedelta(microseconds=1)) == "open"
    assert first.status(DEADLINE) == "closed"


@needs_samples
@pytest.mark.parametrize("folder", ["portugal", "armenia", "uk", "fictional"])
def test_what_we_take_from_others_is_valid_once_mended(folder: str) -> None:
    found = [one for path in sorted((SAMPLES / folder).rglob("*.json")) for one in unpack(path)]
    wrong = []
    for one in found:
        assert isinstance(one, Published)
        notes = Notes()
        mended = shape.release(unwrap(one.release, notes), notes) | {"initiationType": "tender"}
        wrong += errors(RELEASE, json.loads(encoder.encode(mended)))
    assert wrong == []


def test_dates_are_written_in_utc() -> None:
    assert f'"endDate":"{datetime(2026, 11, 30, 20, tzinfo=UTC):%Y-%m-%dT%H:%M:%S}Z"'.encode() in bodies()[0]
