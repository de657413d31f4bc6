"""Drawing a contract up and signing it."""

from datetime import date

from procurement.awards import service as awards
from procurement.contracts import rules
from procurement.contracts.rules import Contract, ContractDrafted
from procurement.contracts.service import document, store
from procurement.contracts.tables import ContractRow
from procurement.identity import service as identity
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.tenders import service as tenders


async def draft(tx: Tx, files: Files, award_id: str, *, starts_on: date, ends_on: date) -> str:
    """The officer draws up the contract of a final award; returns its id.

    Refused "standstill-running" with the date, "award-held", "contract-drafted", ... From here on the tender can no
    longer be cancelled.
    """
    tender = await tenders.public_tender(tx, (await awards.award(tx, award_id)).tender)
    tx.actor.must(P.CONTRACT_DRAFT, of=tender.buyer)
    await tenders.lock_exclusive(tx, tender.id)
    award = await awards.locked_award(tx, award_id)
    exists = bool(await store.where(tx, ContractRow.award_id == award_id))
    ends = await awards.standstill_words(tx, tender, award)
    price = rules.draft(award, tx.now, ends, starts_on=starts_on, ends_on=ends_on, exists=exists)
    number = new_id()
    stored = await document.write(tx, files, tender, award, number, (starts_on, ends_on))
    tx.session.add(
        ContractRow(
            id=number,
            tender_id=tender.id,
            award_id=award_id,
            lot=award.lot,
            buyer_id=tender.buyer,
            supplier_id=award.supplier,
            title=document.title(tender, award.lot),
            value_amount=price.amount,
            value_currency=price.currency,
            starts_on=starts_on,
            ends_on=ends_on,
            document_sha256=stored.sha256,
            document_size=stored.size,
            drafted_by=tx.actor.person,
            drafted_at=tx.now,
        )
    )
    await tenders.settle(tx, tender.id)
    drafted = ContractDrafted(tender=tender.id, contract=number, award=award_id, document_sha256=stored.sha256)
    await tx.record(drafted, process=tender.ocid, organisation=tender.buyer)
    return number


async def sign_for_buyer(tx: Tx, contract_id: str, document_sha256: str) -> Contract:
    """The buyer's approver, freshly identified, signs the document with this SHA-256."""
    tx.actor.must(P.CONTRACT_SIGN_BUYER, of=(await store.find(tx, contract_id)).buyer_id)
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await store.find(tx, contract_id, lock=True)
    drafted = row.drafted_by, row.drafted_at
    await identity.must_be_two_people(tx, row.buyer_id, *drafted, did=P.CONTRACT_DRAFT, does=P.CONTRACT_SIGN_BUYER)
    fact = rules.sign_for_buyer(store.value(row), tx.actor.person, document_sha256)
    row.buyer_signer, row.buyer_signed_at = tx.actor.person, tx.now
    return await _signed(tx, row, fact, row.buyer_id)


async def sign_for_supplier(tx: Tx, contract_id: str, document_sha256: str) -> Contract:
    """The supplier's signatory, freshly identified, signs the document with this SHA-256."""
    tx.actor.must(P.CONTRACT_SIGN_SUPPLIER, of=(await store.find(tx, contract_id)).supplier_id)
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await store.find(tx, contract_id, lock=True)
    fact = rules.sign_for_supplier(store.value(row), tx.actor.person, document_sha256)
    row.supplier_signer, row.supplier_signed_at = tx.actor.person, tx.now
    return await _signed(tx, row, fact, row.supplier_id)


async def _signed(
    tx: Tx, row: ContractRow, fact: rules.ContractSignedByBuyer | rules.ContractSignedBySupplier, by: str
) -> Contract:
    """Record a signature and, if it is the second, that the contract is in force."""
    contract = store.value(row)
    ocid = (await tenders.public_tender(tx, contract.tender)).ocid
    await tx.record(fact, process=ocid, organisation=by)
    if completed := rules.completed(contract):
        await tx.record(completed, process=ocid, organisation=contract.buyer)
    return contract
