"""What a drafter types and uploads: codes, quantities, weights, and files of a known kind."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from test_tender_rules import DRAFT, but, code

from procurement.kernel.refusal import Refused
from procurement.tenders.rules import Document, documents, inputs


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"classification_id": "4523322"}, "classification_id"),
        ({"classification_id": "45233222-12"}, "classification_id"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"quantity": Decimal("1e13")}, "quantity"),
        ({"quantity": Decimal("0.0000001")}, "quantity"),
    ],
)
def test_an_item_can_be_counted(changed: dict[str, Any], field: str) -> None:
    whole = inputs.ItemInput(lot="x", description="x", classification_id="45233222", quantity=Decimal(1), unit="m2")
    inputs.must_be_countable(whole)
    with pytest.raises(Refused) as no:
        inputs.must_be_countable(msgspec.structs.replace(whole, **changed))
    assert no.value.fields.keys() == {field}


def test_another_scheme_has_its_own_codes() -> None:
    other = inputs.ItemInput(
        lot="x", description="x", classification_scheme="UNSPSC", classification_id="30111601", quantity=Decimal(1),
        unit="t",
    )  # fmt: skip
    inputs.must_be_countable(other)


@pytest.mark.parametrize(
    ("kind", "weight"),
    [("quality", "100.01"), ("quality", "-1"), ("quality", "0.001"), ("pass-fail", "10"), ("quality", "NaN")],
)
def test_a_weight_is_a_share_of_a_hundred(kind: Any, weight: str) -> None:
    criterion = inputs.CriterionInput(name="x", kind=kind, weight=Decimal(weight))
    assert code(lambda: inputs.must_be_weighable(criterion)) == "form-invalid"


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("plan.PDF", "plan.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\plans\\north road.xlsx", "north road.xlsx"),
        ('a"b<c>:d.csv', "a_b_c__d.csv"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("\x00\x1f .plan.odt ", "plan.odt"),
        ("x" * 300 + ".zip", "x" * 116 + ".zip"),
    ],
)
def test_a_documents_name_is_safe_to_show_and_to_save(typed: str, safe: str) -> None:
    assert documents.safe_name(typed) == safe


@pytest.mark.parametrize("typed", ["", "plan", ".pdf", "plan.exe", "plan.pdf.exe", "plan.html", "plan.svg", "/"])
def test_a_document_of_an_unknown_kind_is_refused(typed: str) -> None:
    assert code(lambda: documents.safe_name(typed)) == "file-name"


@pytest.mark.parametrize("name", sorted(documents.KINDS))
def test_what_a_file_holds_fits_its_ending(name: str) -> None:
    kind, beginnings = documents.KINDS[name]
    assert documents.media_type(f"plan.{name}", (beginnings or (b"text",))[0] + b" and more") == kind
    assert code(lambda: documents.media_type(f"plan.{name}", b"")) == "file-kind"
    assert code(lambda: documents.media_type(f"plan.{name}", b"MZ\x00\x01")) == "file-kind"


def test_a_tender_has_room_for_a_hundred_documents_and_500_mib() -> None:
    one = Document(id="d", name="a.pdf", media_type="application/pdf", size=10, sha256="0" * 64, version=1)
    documents.must_have_room(but(DRAFT, documents=(one,) * 99))
    assert code(lambda: documents.must_have_room(but(DRAFT, documents=(one,) * 100))) == "too-many-files"
    big = but(DRAFT, documents=(but(one, size=documents.TENDER_LIMIT - 5),))
    documents.must_have_room(big, 5)
    assert code(lambda: documents.must_have_room(big, 6)) == "too-many-files"
    assert documents.next_version(but(DRAFT, documents=(one,)), "a.pdf") == 2
    assert documents.next_version(DRAFT, "a.pdf") == 1
