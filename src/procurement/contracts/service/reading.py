"""Reading contracts: signed ones are public, drafts belong to the two sides."""

from collections.abc import Iterable

from procurement.contracts.rules import Contract
from procurement.contracts.service import store
from procurement.contracts.tables import ContractRow
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown

MOST = 50  # contracts that wait, in a list
SIGNED = (ContractRow.buyer_signed_at.is_not(None), ContractRow.supplier_signed_at.is_not(None))


async def of_tender(tx: Tx, tender_id: str) -> tuple[Contract, ...]:
    """The signed contracts of a tender, newest first. Public."""
    return await store.where(tx, ContractRow.tender_id == tender_id, *SIGNED)


async def to_sign(tx: Tx, organisation: str) -> tuple[Contract, ...]:
    """Those on either side that wait for a signature, newest first; for the organisation's own people."""
    tx.actor.must(P.CONTRACT_READ, of=organisation)
    either = (ContractRow.buyer_id == organisation) | (ContractRow.supplier_id == organisation)
    unsigned = ContractRow.buyer_signed_at.is_(None) | ContractRow.supplier_signed_at.is_(None)
    return await store.where(tx, either, unsigned, limit=MOST)


async def of_tenders(tx: Tx, organisation: str, tender_ids: Iterable[str]) -> tuple[Contract, ...]:
    """The contracts of these tenders to which the organisation is a side, signed or not; for its own people."""
    tx.actor.must(P.CONTRACT_READ, of=organisation)
    either = (ContractRow.buyer_id == organisation) | (ContractRow.supplier_id == organisation)
    return await store.where(tx, ContractRow.tender_id.in_(set(tender_ids)), either)


async def of_award(tx: Tx, award_id: str) -> Contract | None:
    """The contract of an award, signed or not, for the two sides; None for others while it is a draft."""
    found = next(iter(await store.where(tx, ContractRow.award_id == award_id)), None)
    return found if found and (found.signed_at or _may_read(tx, found)) else None


async def contract(tx: Tx, contract_id: str) -> Contract:
    """One contract: anybody reads a signed one, the two sides a draft. Refused("contract-unknown", 404)."""
    found = store.value(await store.find(tx, contract_id))
    if found.signed_at is None and not _may_read(tx, found):
        raise unknown("contract")
    return found


def _may_read(tx: Tx, found: Contract) -> bool:
    return any(tx.actor.may(P.CONTRACT_READ, of=side) for side in (found.buyer, found.supplier))
