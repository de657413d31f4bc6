"""Contracts for programs: the same services as the pages."""

from datetime import date, datetime

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.contracts import service
from procurement.contracts.rules import Contract
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.money import Money
from procurement.kernel.permissions import P

BEARER = [{"bearer": list[str]()}]


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unknown field is refused, never ignored."""


class Draft(_Input, frozen=True):
    """Both days belong to the contract."""

    award: str
    starts_on: date
    ends_on: date


class Signature(_Input, frozen=True):
    """The SHA-256 (hex) of the document that is signed."""

    document_sha256: str


class ContractState(msgspec.Struct, frozen=True, kw_only=True):
    """A contract without the persons who signed it."""

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
    buyer_signed_at: datetime | None
    supplier_signed_at: datetime | None
    signed_at: datetime | None


async def _view(tx: Tx, contract_id: str) -> ContractState:
    return _state(await service.contract(tx, contract_id))


CONTRACT = Resource("/api/v1/contracts/{contract_id}", ("contract_id",), service.lock, _view)


class ContractApi(Controller):
    path = "/api/v1/contracts"
    tags = ("contracts",)

    @get("/{contract_id:str}", opt=access("public"))
    async def contract(self, tx: NamedDependency[Tx], contract_id: FromPath[str]) -> ContractState:
        """A signed contract; for the two sides also before."""
        return await _view(tx, contract_id)

    @post("/", opt=access(P.CONTRACT_DRAFT) | NOT_REHEARSED, status_code=201, security=BEARER)
    async def draft(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], data: JSONBody[Draft]
    ) -> ContractState:
        """Draw up the contract of a final award."""
        made = await service.draft(tx, files, data.award, starts_on=data.starts_on, ends_on=data.ends_on)
        return await _view(tx, made)

    @post(
        "/{contract_id:str}/buyer-signature",
        opt=access(P.CONTRACT_SIGN_BUYER) | changes(CONTRACT),
        status_code=200,
        security=BEARER,
    )
    async def sign_for_buyer(
        self, tx: NamedDependency[Tx], contract_id: FromPath[str], data: JSONBody[Signature]
    ) -> ContractState:
        """Sign for the buyer. Refused "step-up-needed" without a fresh proof of identity."""
        return _state(await service.sign_for_buyer(tx, contract_id, data.document_sha256))

    @post(
        "/{contract_id:str}/supplier-signature",
        opt=access(P.CONTRACT_SIGN_SUPPLIER) | changes(CONTRACT),
        status_code=200,
        security=BEARER,
    )
    async def sign_for_supplier(
        self, tx: NamedDependency[Tx], contract_id: FromPath[str], data: JSONBody[Signature]
    ) -> ContractState:
        """Sign for the supplier. Refused "step-up-needed" without a fresh proof of identity."""
        return _state(await service.sign_for_supplier(tx, contract_id, data.document_sha256))


class TenderContractsApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/contracts"
    tags = ("contracts",)

    @get("/", opt=access("public"))
    async def contracts(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> list[ContractState]:
        """The signed contracts of a tender, newest first."""
        return [_state(contract) for contract in await service.of_tender(tx, tender_id)]


def _state(contract: Contract) -> ContractState:
    shown = ContractState.__struct_fields__
    return ContractState(**{name: getattr(contract, name) for name in shown})


ROUTES = (ContractApi, TenderContractsApi)
