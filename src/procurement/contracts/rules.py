"""When a contract may be drawn up and who signs it. Pure."""

from datetime import date, datetime
from typing import ClassVar

import msgspec

from procurement.awards.rules import Award
from procurement.kernel.actor import must_be_two
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused, invalid


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """One contract from one award. It runs from `starts_on` to `ends_on`, both days included. `document_sha256` is
    that of the PDF both sides sign. Signers are person ids, "" before; `signed_at` is the later of the two."""

    id: str
    tender: str
    award: str
    lot: str
    buyer: str
    supplier: str
    title: str
    value: Money
    starts_on: date
    ends_on: date
    document_sha256: str
    document_size: int
    drafted_by: str
    drafted_at: datetime
    buyer_signer: str = ""
    buyer_signed_at: datetime | None = None
    supplier_signer: str = ""
    supplier_signed_at: datetime | None = None

    @property
    def signed_at(self) -> datetime | None:
        if self.buyer_signed_at is None or self.supplier_signed_at is None:
            return None
        return max(self.buyer_signed_at, self.supplier_signed_at)


class ContractDrafted(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    contract: str
    award: str
    document_sha256: str


class ContractSignedByBuyer(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    contract: str
    document_sha256: str


class ContractSignedBySupplier(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    contract: str
    document_sha256: str


class ContractSigned(Fact, frozen=True, kw_only=True):
    """Both have signed the same document: the contract is in force. Days as ISO 8601."""

    tender: str
    contract: str
    award: str
    lot: str
    buyer: str
    supplier: str
    value: Money
    starts_on: str
    ends_on: str
    document_sha256: str


def must_be_final(award: Award, now: datetime, ends: str) -> Money:
    """A contract waits for the standstill and for every hold; returns the price awarded. `ends` is when the standstill
    ends, in words."""
    if award.price is None:
        raise Refused("award-unsuccessful", "No bid was acceptable, so there is nothing to sign.")
    if award.announced_at is None:
        raise Refused("award-not-announced", "The award has not been approved yet.")
    if award.held:
        raise Refused("award-held", "The award is on hold. The contract has to wait until the hold is lifted.")
    if not award.is_final(now):
        raise Refused("standstill-running", f"The standstill runs until {ends}. No contract before then.")
    return award.price


def draft(award: Award, now: datetime, ends: str, *, starts_on: date, ends_on: date, exists: bool) -> Money:
    """Whether the officer may draw up the contract of an award for that period; returns its price."""
    price = must_be_final(award, now, ends)
    if exists:
        raise Refused("contract-drafted", "The contract of this award has been drawn up already.")
    if ends_on < starts_on:
        raise invalid("The contract ends before it starts.", ends_on="Choose a day on or after the first day.")
    return price


def must_be_the_document(contract: Contract, document_sha256: str) -> None:
    """A signature binds the bytes the signer had before them."""
    if document_sha256 != contract.document_sha256:
        raise Refused("document-changed", "This is not the document of the contract. Read it again, then sign.")


def sign_for_buyer(contract: Contract, person: str, document_sha256: str) -> ContractSignedByBuyer:
    """The approver signs; never the person who drew the contract up."""
    must_be_the_document(contract, document_sha256)
    if contract.buyer_signed_at is not None:
        raise Refused("already-signed", "The buyer has signed.")
    must_be_two(contract.drafted_by, person)
    return ContractSignedByBuyer(tender=contract.tender, contract=contract.id, document_sha256=document_sha256)


def sign_for_supplier(contract: Contract, person: str, document_sha256: str) -> ContractSignedBySupplier:
    """The supplier's signatory signs; a person who serves both sides cannot sign for both."""
    must_be_the_document(contract, document_sha256)
    if contract.supplier_signed_at is not None:
        raise Refused("already-signed", "The supplier has signed.")
    if person in (contract.buyer_signer, contract.drafted_by):
        raise Refused("same-person", "You acted for the buyer on this contract. Somebody else must sign.", status=403)
    return ContractSignedBySupplier(tender=contract.tender, contract=contract.id, document_sha256=document_sha256)


def completed(contract: Contract) -> ContractSigned | None:
    """The fact that the second signature brings about; None after the first."""
    if contract.signed_at is None:
        return None
    return ContractSigned(
        tender=contract.tender,
        contract=contract.id,
        award=contract.award,
        lot=contract.lot,
        buyer=contract.buyer,
        supplier=contract.supplier,
        value=contract.value,
        starts_on=contract.starts_on.isoformat(),
        ends_on=contract.ends_on.isoformat(),
        document_sha256=contract.document_sha256,
    )
