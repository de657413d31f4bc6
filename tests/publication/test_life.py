"""How far a procurement with several lots is: no further than its slowest lot."""

from datetime import date, timedelta

import msgspec
from publishing import DEADLINE, HARBOUR, TENDER, euros

from procurement.awards.rules import Award
from procurement.contracts.rules import Contract
from procurement.desks.rules.buyer import InHand, duties
from procurement.desks.rules.model import Viewer, What
from procurement.kernel.permissions import P
from procurement.publication.service.life import milestones_of, to_sign

ROAD, PATH = (lot.id for lot in TENDER.lots)
ANNOUNCED, ENDS = DEADLINE + timedelta(days=10), DEADLINE + timedelta(days=20)
SIGNED = ENDS + timedelta(days=3)


def award(lot: str, supplier: str = HARBOUR.id) -> Award:
    return Award(
        id=f"award-{lot}", tender=TENDER.id, lot=lot, supplier=supplier, bid="b", price=euros(870_000), reason="Best",
        proposed_by="a", proposed_at=DEADLINE, announced_at=ANNOUNCED, standstill_ends=ENDS if supplier else None,
    )  # fmt: skip


def contract(lot: str) -> Contract:
    return Contract(
        id=f"contract-{lot}", tender=TENDER.id, award=f"award-{lot}", lot=lot, buyer=TENDER.buyer, supplier=HARBOUR.id,
        title="Resurfacing", value=euros(870_000), starts_on=date(2027, 1, 1), ends_on=date(2028, 1, 1),
        document_sha256="44" * 32, document_size=9, drafted_by="a", drafted_at=ENDS, buyer_signer="b",
        buyer_signed_at=SIGNED, supplier_signer="c", supplier_signed_at=SIGNED,
    )  # fmt: skip


def test_a_contract_is_due_for_each_lot_that_did_not_end_without_award() -> None:
    assert to_sign(TENDER, ()) == 2
    assert to_sign(TENDER, (award(ROAD), award(PATH, supplier=""))) == 1


def test_one_contract_of_two_does_not_end_the_procurement() -> None:
    both = (award(ROAD), award(PATH))
    assert milestones_of(TENDER, None, both, (contract(ROAD),)).contract_at is None
    assert milestones_of(TENDER, None, both, (contract(ROAD), contract(PATH))).contract_at == SIGNED
    one_failed = (award(ROAD), award(PATH, supplier=""))
    assert milestones_of(TENDER, None, one_failed, (contract(ROAD),)).contract_at == SIGNED


def test_the_desk_names_the_lot_for_which_a_contract_is_to_be_drawn_up() -> None:
    closed = msgspec.structs.replace(TENDER, state="open", closed_at=DEADLINE)
    lots = {lot.id: lot.title for lot in TENDER.lots}
    one = InHand(tender=closed, lots=lots, bids=0, awards=(award(ROAD), award(PATH)))
    found = [duty.title for duty in duties(one, Viewer("p", frozenset({P.CONTRACT_DRAFT})), SIGNED)]
    assert found == [f"{TENDER.title}: Harbour Road", f"{TENDER.title}: East Quay cycle path"]
    assert all(duty.what is What.CONTRACT for duty in duties(one, Viewer("p", frozenset({P.CONTRACT_DRAFT})), SIGNED))
