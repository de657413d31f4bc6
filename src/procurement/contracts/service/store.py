"""Contracts as the rules look at them."""

from typing import Any

from sqlalchemy import select

from procurement.contracts.rules import Contract
from procurement.contracts.tables import ContractRow
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.refusal import unknown

SAME = ("id", "lot", "title", "starts_on", "ends_on", "document_sha256", "document_size", "drafted_by", "drafted_at",
        "buyer_signed_at", "supplier_signed_at")  # fmt: skip


async def find(tx: Tx, contract_id: str, *, lock: bool = False) -> ContractRow:
    """The row, held until the end of the transaction if `lock`. Refused("contract-unknown", 404)."""
    row = await tx.session.get(ContractRow, contract_id, with_for_update=lock or None, populate_existing=True)
    if row is None:
        raise unknown("contract")
    if lock:
        await tx.clock()
    return row


async def lock(tx: Tx, contract_id: str) -> None:
    """What whoever signs holds until the transaction ends. Refused("contract-unknown", 404)."""
    await find(tx, contract_id, lock=True)


async def where(tx: Tx, *conditions: Any, limit: int | None = None) -> tuple[Contract, ...]:
    rows = await tx.session.scalars(
        select(ContractRow)
        .where(*conditions)
        .order_by(ContractRow.drafted_at.desc(), ContractRow.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return tuple(value(row) for row in rows)


def value(row: ContractRow) -> Contract:
    return Contract(
        **{name: getattr(row, name) for name in SAME},
        tender=row.tender_id,
        award=row.award_id,
        buyer=row.buyer_id,
        supplier=row.supplier_id,
        value=Money(row.value_amount, row.value_currency),
        buyer_signer=row.buyer_signer or "",
        supplier_signer=row.supplier_signer or "",
    )
