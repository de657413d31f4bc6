"""What a bid has to hold, and what its prices add up to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from procurement.bids.rules import limits
from procurement.bids.rules.closing import must_agree
from procurement.bids.rules.declarations import GENERAL, declare, statements
from procurement.bids.rules.draft import Contents, DraftFile, add_file, missing, remove_file
from procurement.bids.rules.prices import grand_total, must_add_up, price_schedule, unit_price
from procurement.bids.rules.submission import must_be_next, must_be_stored, must_take_bids
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Blob, Envelope, LotTotal, SealedFile, SealedPartHashes
from procurement.kernel.sealing.names import check_name
from procurement.tenders.rules import Criterion, Item, Lot, Tender

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROADS, PATH = Lot(id="l1", number=1, title="Roads"), Lot(id="l2", number=2, title="Path")


def item(number: int, lot: str, quantity: str) -> Item:
    return Item(
        id=f"i{number}", lot=lot, number=number, description="Asphalt", classification_scheme="CPV",
        classification_id="45233142", quantity=Decimal(quantity), unit="t",
    )  # fmt: skip


def criterion(id_: str, kind: str, lot: str = "") -> Criterion:
    return Criterion(id=id_, lot=lot, number=1, name=id_.title(), kind=kind, weight=Decimal(0))  # type: ignore[arg-type]  # any kind


CALL = Tender(
    id="2026-0418", ocid="ocds-test-2026-0418", buyer="city", state="open", revision=1, revision_hash="0" * 64,
    title="Harbour Road", description="", category="works", value=Money(124_000_000, "EUR"), procedure="open",
    procedure_rules={}, award_method="weighted", contract_terms="", rulebook="", rulebook_sha256="", seal_level="S1",
    keyholder_recipient="", created_by="", created_at=NOON, submitted_by="", submitted_at=None, returned_reason="",
    published_at=NOON - timedelta(days=30), question_deadline=None, answer_deadline=None, deadline=NOON,
    opening_at=NOON, closed_at=None, settled_at=None, cancelled_at=None, cancel_reason="", lots=(ROADS, PATH),
    items=(item(1, "l1", "3.5"), item(2, "l1", "1"), item(3, "l2", "1000")),
    criteria=(criterion("price", "price"), criterion("insured", "pass-fail"), criterion("paving", "pass-fail", "l2")),
)  # fmt: skip


def refusal(of: Refused) -> tuple[str, set[str]]:
    return of.code, set(of.fields)


@pytest.mark.parametrize("typed, value", [
    ("12.50", "12.50"), ("12,5", "12.5"), ("1 240.50", "1240.50"), ("1,240.50", "1240.50"), ("1.240,50", "1240.50"),
    ("1\u2019240.50", "1240.50"), ("0", "0"), ("0.000001", "0.000001"), ("007", "7"),
    ("", None), ("-1", None), ("1e3", None), ("0.0000001", None), ("12 EUR", None), ("NaN", None), ("١٢", None),
    ("9999999999999", None),
])  # fmt: skip
def test_a_unit_price_is_read_as_people_write_it(typed: str, value: str | None) -> None:
    assert unit_price(typed) == (None if value is None else Decimal(value))


def test_totals_are_computed_from_quantities_and_rounded_half_up_by_line() -> None:
    prices = price_schedule(CALL, {"i1": "10.01", "i2": "0.005", "i3": "2"})
    assert prices.lot_totals() == {"l1": Money(3504 + 1, "EUR"), "l2": Money(200_000, "EUR")}  # 35.035 and 0.005 go up
    assert grand_total(prices) == Money(203_505, "EUR")
    must_add_up(CALL, prices)


def test_a_lot_without_prices_is_not_bid_for() -> None:
    prices = price_schedule(CALL, {"i3": "2", "i1": "", "i2": "  "})
    assert [lot.lot for lot in prices.lots] == ["l2"] and [price.item for price in prices.items] == ["i3"]
    must_add_up(CALL, prices)


@pytest.mark.parametrize("typed, wrong", [
    ({}, {"i1"}),  # nothing at all: the first field says so
    ({"i1": "10"}, {"i2"}),  # half a lot
    ({"i1": "eleven", "i2": "8", "i3": "-77"}, {"i1", "i3"}),
])  # fmt: skip
def test_every_wrong_price_is_named_at_once_and_none_is_repeated(typed: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(Refused) as no:
        price_schedule(CALL, typed)
    assert refusal(no.value) == ("form-invalid", wrong)
    assert not any(text in words for text in ("eleven", "77") for words in no.value.fields.values())


def test_prices_that_do_not_add_up_are_refused() -> None:
    prices = price_schedule(CALL, {"i3": "2"})
    for wrong in (
        replace(prices, lots=(LotTotal(lot="l2", total="1999.99"),)),
        replace(prices, items=()),
        replace(prices, lots=(*prices.lots, LotTotal(lot="l1", total="0"))),
    ):
        with pytest.raises(Refused) as no:
            must_add_up(CALL, wrong)
        assert no.value.code == "prices-do-not-add-up"


def test_every_declaration_has_to_be_confirmed_and_a_lots_own_names_the_lot() -> None:
    asked = statements(CALL)
    assert [s.code for s in asked] == [*GENERAL, "insured", "paving"]
    assert "until the contract is signed" in asked[3].text, "the procedure sets no end"
    assert asked[-1].text.startswith("Where we bid for lot 2, we meet")
    assert declare(CALL, frozenset(s.code for s in asked) | {"invented"}) == tuple(s.code for s in asked)
    with pytest.raises(Refused) as no:
        declare(CALL, frozenset(GENERAL))
    assert refusal(no.value) == ("form-invalid", {"insured", "paving"})


def document(name: str, id_: str = "f1") -> DraftFile:
    hashes = SealedPartHashes(sha256_plain="0" * 64, sha256_cipher="1" * 64)
    file = SealedFile(name=name, media_type="application/pdf", size=1, parts=(hashes,))
    return DraftFile(id_, file, (Blob("1" * 64, 300),))


def test_a_document_of_the_same_name_replaces_and_removing_twice_changes_nothing() -> None:
    held = add_file(add_file(Contents(), document("plan.pdf", "a")), document("plan.pdf", "b"))
    assert [file.id for file in held.files] == ["b"]
    empty = remove_file(held, "b")
    assert empty.files == () and remove_file(empty, "b") == empty


def test_no_more_documents_than_the_limit() -> None:
    full = Contents(files=tuple(document(f"{n}.pdf", str(n)) for n in range(limits.FILES)))
    assert len(add_file(full, document("0.pdf")).files) == limits.FILES
    with pytest.raises(Refused) as no:
        add_file(full, document("more.pdf"))
    assert no.value.code == "too-many-files"


@pytest.mark.parametrize("name", ["", "a/b.pdf", "..\\b.pdf", "a\nb.pdf", "a\u202eb.pdf", "x" * 201, "Prices.JSON",
                                  "declarations.json", "manifest.json"])  # fmt: skip
def test_a_name_that_could_mislead_is_refused(name: str) -> None:
    with pytest.raises(Refused) as no:
        check_name(name)
    assert refusal(no.value) == ("form-invalid", {"file"})


def test_a_draft_says_what_it_lacks() -> None:
    scored = replace(CALL, criteria=(*CALL.criteria, criterion("method", "quality")))
    assert set(missing(scored, Contents())) == {"declarations", "prices", "documents"}
    declared = tuple(s.code for s in statements(scored))
    whole = Contents(declared, {"i3": "2"}, (document("method.pdf"),))
    assert missing(scored, whole) == {}
    assert set(missing(CALL, replace(whole, files=()))) == set()  # nothing is scored on documents


@pytest.mark.parametrize("supplier, now, code", [
    ("harbour", NOON - timedelta(microseconds=1), ""),
    ("harbour", NOON, "tender-not-open"),
    ("city", NOON - timedelta(days=1), "own-tender"),
])  # fmt: skip
def test_preparing_makes_sense_until_the_deadline_and_not_for_the_buyer(
    supplier: str, now: datetime, code: str
) -> None:
    if not code:
        must_take_bids(CALL, supplier, now)
        return
    with pytest.raises(Refused) as no:
        must_take_bids(CALL, supplier, now)
    assert no.value.code == code


def test_a_part_of_another_size_has_not_arrived() -> None:
    envelope = Envelope(tender="t", revision="0" * 64, recipient="age1", blobs=(Blob("1" * 64, 300),), locked="",
                        sealed_by="client", client="test")  # fmt: skip
    must_be_stored(envelope, {"1" * 64: 300})
    for stored in ({}, {"1" * 64: 299}):
        with pytest.raises(Refused):
            must_be_stored(envelope, stored)


@pytest.mark.parametrize("offered, latest, ok", [(1, 0, True), (2, 1, True), (1, 1, False), (3, 1, False)])
def test_versions_follow_one_another(offered: int, latest: int, ok: bool) -> None:
    if ok:
        must_be_next(offered, latest)
        return
    with pytest.raises(Refused) as no:
        must_be_next(offered, latest)
    assert no.value.code == "version-taken"


@pytest.mark.parametrize("skew, agree", [(0.0, True), (1.0, True), (-1.0, True), (1.000001, False), (-60.0, False)])
def test_clocks_agree_within_a_second(skew: float, agree: bool) -> None:
    if agree:
        must_agree(NOON, NOON + timedelta(seconds=skew))
        return
    with pytest.raises(Refused) as no:
        must_agree(NOON, NOON + timedelta(seconds=skew))
    assert no.value.code == "clocks-differ"
