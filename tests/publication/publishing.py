"""One procurement of the fictional republic as the earlier stages would give it, for tests of what is published."""

from datetime import UTC, datetime
from decimal import Decimal

from procurement.awards.rules import AwardAnnounced
from procurement.contracts.rules import ContractSigned
from procurement.identity.rules.membership import Organisation
from procurement.kernel.money import Money
from procurement.opening.rules import BidDisclosed
from procurement.tenders.rules.model import Criterion, Document, Item, Lot, Tender

CITY = Organisation("city000000000000", "City of Marrow", "buyer", "MW-REG", "100", "MW")
HARBOUR = Organisation("harbour000000000", "Harbour Paving Co-operative", "supplier", "MW-REG", "201", "MW")
ADLER = Organisation("adler00000000000", "Adler Strassenbau", "supplier", "MW-REG", "202", "MW")
KELL = Organisation("kell000000000000", "Consortium Quay & Kell", "supplier", "", "", "MW")
EVERYBODY = {one.id: one for one in (CITY, HARBOUR, ADLER, KELL)}

PUBLISHED = datetime(2026, 11, 3, 8, tzinfo=UTC)
DEADLINE = datetime(2026, 11, 30, 20, tzinfo=UTC)
URL = "http://test/tenders/2026-0418"


def euros(amount: int) -> Money:
    return Money(amount * 100, "EUR")


TENDER = Tender(
    id="2026-0418", ocid="ocds-xmarrow-2026-0418", buyer=CITY.id, state="open", revision=1, revision_hash="00" * 32,
    title="Resurfacing of Harbour Road and the East Quay cycle path",
    description="Mill and resurface 2.4 km of two-lane road and build 1.1 km of separated cycle path.",
    category="works", value=euros(1_240_000), procedure="open",
    procedure_rules={"title": "Open tendering", "ocds_method": "open"}, award_method="weighted",
    contract_terms="", rulebook="model-law@1:abc", rulebook_sha256="11" * 32, seal_level="S1",
    keyholder_recipient="age1xyz", created_by="a", created_at=PUBLISHED, submitted_by="a", submitted_at=PUBLISHED,
    returned_reason="", published_at=PUBLISHED, question_deadline=datetime(2026, 11, 20, tzinfo=UTC),
    answer_deadline=datetime(2026, 11, 25, tzinfo=UTC), deadline=DEADLINE, opening_at=DEADLINE, closed_at=None,
    settled_at=None, cancelled_at=None, cancel_reason="",
    lots=(
        Lot(id="lotroad000000000", number=1, title="Harbour Road", value=euros(905_000)),
        Lot(id="lotpath000000000", number=2, title="East Quay cycle path"),
    ),
    items=(
        Item(
            id="item000000000001", lot="lotroad000000000", number=1, description="Asphalt", quantity=Decimal("2400.50"),
            classification_scheme="CPV", classification_id="45233220-7", unit="metre",
        ),
        Item(
            id="item000000000002", lot="lotpath000000000", number=1, description="Kerbs", quantity=Decimal("1100"),
            classification_scheme="CPV", classification_id="45233162-2", unit="metre",
        ),
    ),
    criteria=(
        Criterion(id="c1", lot="", number=1, name="Price", kind="price", weight=Decimal("60.00")),
        Criterion(id="c2", lot="", number=2, name="Traffic", kind="quality", weight=Decimal("40.00")),
        Criterion(id="c3", lot="", number=3, name="Insurance", kind="pass-fail", weight=Decimal(0)),
    ),
    documents=(
        Document(
            id="doc0000000000001", name="Specification.pdf", media_type="application/pdf", size=5, sha256="22" * 32,
            version=1, published_at=PUBLISHED,
        ),
    ),
)  # fmt: skip


def bid(supplier: Organisation, problem: str = "", **prices: int) -> BidDisclosed:
    lots = {f"lot{name}000000000": euros(price) for name, price in prices.items()}
    return BidDisclosed(
        bid=f"bid-{supplier.id}", supplier=supplier.id, version=1, digest="33" * 32, lots=lots, problem=problem
    )


BIDS = [bid(HARBOUR, road=870_000, path=330_000), bid(ADLER, road=899_000), bid(KELL, problem="undecryptable")]


def announced(lot: str, supplier: Organisation, price: int) -> AwardAnnounced:
    return AwardAnnounced(
        tender=TENDER.id, award=f"award-{lot}", lot=lot, supplier=supplier.id, bid=f"bid-{supplier.id}",
        price=euros(price), reason="It has the best total of all bids.",
        standstill_ends=datetime(2027, 1, 4, 23, tzinfo=UTC),
    )  # fmt: skip


def signed(lot: str, supplier: Organisation, price: int) -> ContractSigned:
    return ContractSigned(
        tender=TENDER.id, contract=f"contract-{lot}", award=f"award-{lot}", lot=lot, buyer=CITY.id,
        supplier=supplier.id, value=euros(price), starts_on="2027-03-01", ends_on="2027-09-30",
        document_sha256="44" * 32,
    )  # fmt: skip
