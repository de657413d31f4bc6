"""What a second person decides, and what ends a tender early."""

from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access, read_form, see_other
from procurement.infra.web.as_read import must_be_as_read
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings
from procurement.tenders import service
from procurement.tenders.pages.shared import again, own_page, sealing
from procurement.tenders.rules.timetable import official_moment, timetable


class ReasonForm(msgspec.Struct, frozen=True):
    reason: str


class ExtensionForm(msgspec.Struct, frozen=True):
    deadline: str
    reason: str


class Decisions(Controller):
    path = "/tenders/{tender_id:str}"
    include_in_schema = False

    @get("/approve", opt=access(P.TENDER_READ_DRAFT))
    async def consider(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await _approval(tx, tender_id)

    @post("/approve", opt=access(P.TENDER_APPROVE))
    async def approve(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        """Nobody publishes what was sent back, changed and submitted again while they read it."""
        async with tx.trying() as tried:
            await service.lock_exclusive(tx, tender_id)
            await must_be_as_read(request, await service.own_tender(tx, tender_id))
            await service.approve(tx, keyholder, tender_id)
        if no := _shown(tried.refused):
            return await _approval(tx, tender_id, no)
        return see_other(f"/tenders/{tender_id}")

    @post("/return", opt=access(P.TENDER_APPROVE))
    async def send_back(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.send_back(tx, tender_id, (await read_form(request, ReasonForm)).reason)
        if no := again(tried):
            return await _approval(tx, tender_id, no, request)
        return see_other(f"/tenders/{tender_id}/draft")

    @get("/amend", opt=access(P.TENDER_READ_DRAFT))
    async def amendment(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await _amendment(tx, tender_id)

    @post("/amend", opt=access(P.TENDER_DRAFT))
    async def propose(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, ExtensionForm)
            deadline = official_moment(ZoneInfo(settings.official_timezone), form.deadline)
            await service.propose_extension(tx, tender_id, deadline, form.reason)
        if no := again(tried):
            return await _amendment(tx, tender_id, no, request)
        return see_other(f"/tenders/{tender_id}/amend")

    @post("/amend/approve", opt=access(P.TENDER_APPROVE))
    async def extend(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.lock_exclusive(tx, tender_id)
            await must_be_as_read(request, await service.waiting_extension(tx, tender_id))
            await service.approve_extension(tx, keyholder, tender_id)
        if no := _shown(tried.refused):
            return await _amendment(tx, tender_id, no)
        return see_other(f"/tenders/{tender_id}")

    @post("/amend/decline", opt=access(P.TENDER_READ_DRAFT))
    async def decline(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Redirect:
        await service.decline_extension(tx, tender_id)
        return see_other(f"/tenders/{tender_id}/amend")

    @get("/cancel", opt=access(P.TENDER_READ_DRAFT))
    async def cancellation(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await own_page(tx, tender_id, "cancel")

    @post("/cancel", opt=access(P.TENDER_CANCEL))
    async def cancel(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.cancel(tx, tender_id, (await read_form(request, ReasonForm)).reason)
        if no := again(tried):
            return await own_page(tx, tender_id, "cancel", no, typed=request.state.typed)
        return see_other(f"/tenders/{tender_id}")


def _shown(no: Refused | None) -> Refused | None:
    """One person doing both steps is told so where it happened; other refusals about the person go up."""
    if no and no.status in (401, 403, 404) and no.code != "same-person":
        raise no
    return no


async def _approval(
    tx: Tx, tender_id: str, refused: Refused | None = None, request: AnyRequest | None = None
) -> Template:
    tender = await service.own_tender(tx, tender_id)
    rulebook = await service.rulebook_of(tx, tender)
    return await own_page(
        tx,
        tender_id,
        "approve",
        refused,
        typed=request.state.typed if request else None,
        follows=timetable(rulebook, tender.deadline) if tender.deadline else None,
        sealing=await sealing(tx, tender, await service.roster(tx, tender_id)),
        may_approve=tx.actor.may(P.TENDER_APPROVE, of=tender.buyer),
        own=tender.submitted_by == tx.actor.person,
    )


async def _amendment(
    tx: Tx, tender_id: str, refused: Refused | None = None, request: AnyRequest | None = None
) -> Template:
    tender = await service.own_tender(tx, tender_id)
    extension = await service.waiting_extension(tx, tender_id)
    return await own_page(
        tx,
        tender_id,
        "amend",
        refused,
        typed=request.state.typed if request else None,
        phase=tender.phase(tx.now),
        extension=extension,
        follows=timetable(await service.rulebook_of(tx, tender), extension.deadline) if extension else None,
        may_propose=tx.actor.may(P.TENDER_DRAFT, of=tender.buyer),
        may_approve=tx.actor.may(P.TENDER_APPROVE, of=tender.buyer),
        own=extension is not None and extension.proposed_by == tx.actor.person,
    )
