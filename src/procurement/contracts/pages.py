"""Drawing up a contract, reading its document, signing it. The public page of a contract is publication's."""

from datetime import date
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.awards import service as awards
from procurement.contracts import service
from procurement.identity import service as identity
from procurement.infra import documents
from procurement.infra.files import Files
from procurement.infra.tx import Tried, Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders


class DraftForm(msgspec.Struct, frozen=True):
    starts_on: date
    ends_on: date


class SignatureForm(msgspec.Struct, frozen=True):
    """`read` is the ticked statement; `document` the SHA-256 of what was shown."""

    document: str
    read: str = ""


class ContractPages(Controller):
    path = "/contracts"

    @get("/new", opt=access(P.CONTRACT_DRAFT))
    async def new(self, tx: NamedDependency[Tx], award: FromQuery[str]) -> Response[Any]:
        if made := await service.of_award(tx, award):
            return see_other(f"/contracts/{made.id}/sign")
        return await _new(tx, award)

    @post("/new", opt=access(P.CONTRACT_DRAFT))
    async def draft(
        self, request: AnyRequest, tx: NamedDependency[Tx], files: NamedDependency[Files], award: FromQuery[str]
    ) -> Response[Any]:
        made = ""
        async with tx.trying() as tried:
            form = await read_form(request, DraftForm)
            made = await service.draft(tx, files, award, starts_on=form.starts_on, ends_on=form.ends_on)
        if _must_show(tried):
            return await _new(tx, award, tried.refused, request.state.typed)
        return see_other(f"/contracts/{made}/sign")

    @get("/{contract_id:str}/sign", opt=access(P.CONTRACT_READ))
    async def signatures(self, tx: NamedDependency[Tx], contract_id: FromPath[str]) -> Response[Any]:
        return await _sign(tx, contract_id)

    @post("/{contract_id:str}/sign/buyer", opt=access(P.CONTRACT_SIGN_BUYER))
    async def sign_for_buyer(
        self, request: AnyRequest, tx: NamedDependency[Tx], contract_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            await service.sign_for_buyer(tx, contract_id, await _signature(request))
        return await _after_signing(tx, contract_id, tried, request)

    @post("/{contract_id:str}/sign/supplier", opt=access(P.CONTRACT_SIGN_SUPPLIER))
    async def sign_for_supplier(
        self, request: AnyRequest, tx: NamedDependency[Tx], contract_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            await service.sign_for_supplier(tx, contract_id, await _signature(request))
        return await _after_signing(tx, contract_id, tried, request)

    @get("/{contract_id:str}/document", opt=access("public"))
    async def document(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], contract_id: FromPath[str]
    ) -> Response[bytes]:
        """The PDF: for anybody once it is signed, for the two sides before."""
        contract = await service.contract(tx, contract_id)
        name = f'attachment; filename="contract-{contract.id}.pdf"'
        body = await documents.read(files, contract.document_sha256)
        return Response(body, media_type="application/pdf", headers={"Content-Disposition": name})


async def _signature(request: AnyRequest) -> str:
    """The SHA-256 of the document that was shown. Refused until the statement is ticked."""
    form = await read_form(request, SignatureForm)
    if form.read != "yes":
        problem = {"read": "Tick the box if you have read the document and sign it."}
        raise Refused("form-invalid", "You have not confirmed that you read the document.", status=422, fields=problem)
    return form.document


def _must_show(tried: Tried) -> bool:
    if tried.refused and tried.refused.status not in (409, 422) and tried.refused.code != "same-person":
        raise tried.refused
    return tried.refused is not None


async def _after_signing(tx: Tx, contract_id: str, tried: Tried, request: AnyRequest) -> Response[Any]:
    if _must_show(tried):
        return await _sign(tx, contract_id, tried.refused, getattr(request.state, "typed", None))
    return see_other(f"/contracts/{contract_id}/sign")


async def _new(
    tx: Tx, award_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    award = await awards.award(tx, award_id)
    tender = await tenders.public_tender(tx, award.tender)
    tx.actor.must(P.CONTRACT_DRAFT, of=tender.buyer)
    suppliers = await identity.organisations(tx, [award.supplier])
    until = await awards.standstill_words(tx, tender, award)
    supplier = suppliers[award.supplier].name if award.supplier in suppliers else ""
    return page(
        "contracts/new.html", refused=refused, typed=typed, award=award, tender=tender, supplier=supplier, until=until
    )


async def _sign(
    tx: Tx, contract_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    contract = await service.contract(tx, contract_id)
    tender = await tenders.public_tender(tx, contract.tender)
    parties = await identity.organisations(tx, [contract.buyer, contract.supplier])
    names = {key: found.name for key, found in parties.items()}
    return page("contracts/sign.html", refused=refused, typed=typed, contract=contract, tender=tender, names=names)


ROUTES = (ContractPages,)
