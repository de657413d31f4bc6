"""What stands in the index beside the database: public rows, field by field, and nothing else."""

from datetime import UTC, datetime

import msgspec
import pytest
from searched import LIGHTS, MEALS, NOTICES, PLANNED, ROAD, TRUCKS, WON

from procurement.infra.search import Collection
from procurement.infra.search.filters import among, between, equals, every, number, quoted, some
from procurement.publication.rules.notice import Notice
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.search import documents, index_settings
from procurement.publication.search.documents import FIELDS, Item, document, exact, inexact, key, micros

CITY = OrganisationLine(
    id="city", source="", name="City of Marrow", roles=("buyer",), place="Marrow", bought=4, won=1,
    seen_at=MEALS.published_at,
)  # fmt: skip
ONE_OF_EACH: dict[Collection, Item] = {
    Collection.NOTICES: WON, Collection.AWARDS: LIGHTS, Collection.ORGANISATIONS: CITY,
}  # fmt: skip
READ = {
    Collection.NOTICES: {
        "key": ["id"], "id": ["id"], "source": ["source"], "title": ["title"], "ocid": ["ocid"],
        "reference": ["id", "ocid"], "buyer": ["buyer"], "buyer_id": ["buyer_id"], "suppliers": ["suppliers"],
        "supplier_ids": ["supplier_ids"], "kind": ["kind"], "categories": ["categories"], "told": ["text"],
        "amount": ["value"], "valued": ["value"], "year": ["published_at"], "outcome": ["outcome"],
        "published": ["published_at"], "deadline": ["deadline"], "awarded": ["awarded_at"], "labels": [], "broader": [],
    },
}  # fmt: skip
"""Of which fields of the public row each field of a document is made."""


@pytest.mark.parametrize("collection", list(Collection))
def test_a_document_has_the_listed_fields_and_no_other(collection: Collection) -> None:
    made = document(ONE_OF_EACH[collection])
    assert set(made) == set(FIELDS[collection]), "a new field: name it in FIELDS, and say why it is public"
    assert all(isinstance(value, str | int | list | None) for value in made.values()), "documents are flat"


def test_each_field_follows_from_the_public_row_it_is_said_to_follow_from() -> None:
    """Changing any other field of the row leaves it as it was."""
    other = {
        "id": "other", "source": "other", "ocid": "other", "title": "other", "summary": "other", "kind": "other",
        "buyer_id": "other", "buyer": "other", "supplier_ids": ("other",), "suppliers": ("other",),
        "categories": ("99",), "value": None, "outcome": "cancelled", "published_at": datetime(2001, 1, 1, tzinfo=UTC),
        "deadline": None, "awarded_at": None, "award": None, "bids": 99, "text": "other", "codes": ("CPV 99",),
    }  # fmt: skip
    assert set(other) == set(Notice.__struct_fields__), "a new field of a notice: may it be searched?"
    read, before = READ[Collection.NOTICES], document(WON)
    assert set(read) == set(before)
    for field, value in other.items():
        after = document(msgspec.structs.replace(WON, **{field: value}))
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {name for name, made_of in read.items() if field in made_of}, field


def test_only_what_a_page_shows_ever_comes_back() -> None:
    for collection, fields in index_settings.FIELDS.items():
        shown = index_settings.SETTINGS[collection]["displayedAttributes"]
        assert set(shown) <= {"id", "title", "buyer", "suppliers", "place"} and set(shown) <= set(FIELDS[collection])
        used = {*fields.searchable, *fields.equal, *fields.compared, *fields.sortable, fields.recency}
        assert used <= set(FIELDS[collection]), "a setting for a field that no document has"


def test_settings_and_documents_have_one_version() -> None:
    versions = {index_settings.version(one) for one in Collection}
    assert len(versions) == len(Collection) and all(len(one) == 16 for one in versions)


def test_another_edition_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = index_settings.version(Collection.NOTICES)
    monkeypatch.setattr(documents, "EDITION", documents.EDITION + 1)
    assert index_settings.version(Collection.NOTICES) != before
    monkeypatch.undo()
    monkeypatch.setitem(index_settings.SETTINGS[Collection.NOTICES], "stopWords", [])
    assert index_settings.version(Collection.NOTICES) != before


@pytest.mark.parametrize("prefix", ["a b", "é", "a/b", "x" * 200, "*"])
def test_a_prefix_that_is_no_name_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        index_settings.name(prefix, Collection.NOTICES)


@pytest.mark.parametrize("id_", ["2026-0001", "a b", "é", "x" * 1000, "", "'\"", "a/b"])
def test_every_id_has_a_key_that_the_engine_takes(id_: str) -> None:
    assert documents.SAFE_KEY.fullmatch(key(id_))
    assert key(id_) == key(id_) and (key(id_) == id_) == bool(documents.SAFE_KEY.fullmatch(id_))


@pytest.mark.parametrize("value", ["", "Roads Agency", "roads agency", "Überlandstraße", "\0", "x" * 200, "🙂"])
def test_what_is_spelt_exactly_is_read_back(value: str) -> None:
    assert inexact(exact(value)) == value


def test_what_is_too_long_to_be_spelt_is_still_its_own() -> None:
    assert inexact(exact("x" * 201)) is None
    assert exact("x" * 201) != exact("x" * 202) and len(exact("x" * 10_000)) < 100


def test_a_surrogate_without_its_pair_is_some_value() -> None:
    assert exact("\ud800") == exact("?") and key("\ud800").startswith("x-")


@pytest.mark.parametrize("value", ["", "zz", "works", "=0", "=ff"])
def test_what_was_not_spelt_by_us_is_not_read(value: str) -> None:
    with pytest.raises(ValueError):
        inexact(value)


def test_moments_are_exact() -> None:
    earlier, later = datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC), datetime(2026, 1, 1, 12, 0, 0, 2, tzinfo=UTC)
    assert micros(later) - micros(earlier) == 1 and int(float(micros(later))) == micros(later)


def test_what_is_not_known_is_null() -> None:
    assert [document(one)["deadline"] is None for one in (PLANNED, ROAD)] == [True, False]
    assert (document(TRUCKS)["amount"], document(TRUCKS)["valued"]) == (None, "none")
    assert {document(one)["outcome"] for one in NOTICES} == {"undecided", "planned", "awarded"}


@pytest.mark.parametrize("hostile", ['"', "\\", "'", "\n", "\0", "{}", "[a]", "(a)", '" OR id = "', "a\u2028b", "🙂"])
def test_a_quoted_value_holds_no_sign_of_the_language(hostile: str) -> None:
    within = quoted(hostile)[1:-1]
    assert not set(within.replace("\\u{", "").replace("}", "")) & set("\"'\\(){}[]\n\0")
    assert within.encode().decode("ascii")


def test_conditions_are_joined_in_brackets_and_empty_ones_left_out() -> None:
    assert every("", "a = 1") == "a = 1" and every() == ""
    assert every("a = 1", some("b = 2", "", "c = 3")) == "(a = 1 AND (b = 2 OR c = 3))"
    assert among("kind", ["=", 'a"']) == r'kind IN ["=", "a\u{22}"]'
    assert equals("kind", "works") == 'kind = "works"'
    assert between("amount", 1, None) == "amount >= 1" and between("amount", None, None) == ""
    assert number(10**300) == str(2**53) and number(-(10**300)) == str(-(2**53))
