"""Drafting, step by step: the task list, what is bought, the timetable, and the check before it is submitted."""

from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.as_read import must_be_as_read
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings
from procurement.tenders import service
from procurement.tenders.pages import seen
from procurement.tenders.pages.shared import again, own_page, sealing
from procurement.tenders.rules import inputs
from procurement.tenders.rules.draft import tasks
from procurement.tenders.rules.timetable import earliest_deadline, official_moment, timetable


class DeadlineForm(msgspec.Struct, frozen=True):
    deadline: str


class NewTender(Controller):
    path = "/tenders/new"
    include_in_schema = False

    @get("/", opt=access(P.TENDER_DRAFT))
    async def ask(self, tx: NamedDependency[Tx]) -> Template:
        tx.actor.must(P.TENDER_DRAFT, of=tx.actor.organisation)
        return page("tenders/new.html")

    @post("/", opt=access(P.TENDER_DRAFT))
    async def begin(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, inputs.New)
            tender_id = await service.create(tx, form, ocid_prefix=settings.ocid_prefix)
        if no := again(tried):
            return page("tenders/new.html", refused=no, typed=request.state.typed)
        return see_other(f"/tenders/{tender_id}/draft")


class Draft(Controller):
    path = "/tenders/{tender_id:str}/draft"
    include_in_schema = False

    @get("/", opt=access(P.TENDER_READ_DRAFT))
    async def overview(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        """The task list of a draft; later, what the buyer can do with its tender."""
        return await self._overview(tx, tender_id)

    @get("/about", opt=access(P.TENDER_READ_DRAFT))
    async def about(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await self._about(tx, tender_id)

    @post("/about", opt=access(P.TENDER_DRAFT))
    async def save_about(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, inputs.About)
            await must_be_as_read(request, seen.about(await service.editable(tx, tender_id)))
            await service.save_about(tx, tender_id, form)
        if no := again(tried):
            return await self._about(tx, tender_id, no, request)
        return see_other(f"/tenders/{tender_id}/draft")

    @get("/timetable", opt=access(P.TENDER_READ_DRAFT))
    async def timetable(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await self._timetable(tx, tender_id)

    @post("/timetable", opt=access(P.TENDER_DRAFT))
    async def save_timetable(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, DeadlineForm)
            await must_be_as_read(request, seen.deadline(await service.editable(tx, tender_id)))
            moment = official_moment(ZoneInfo(settings.official_timezone), form.deadline)
            await service.set_deadline(tx, tender_id, moment)
        if no := again(tried):
            return await self._timetable(tx, tender_id, no, request)
        return see_other(f"/tenders/{tender_id}/draft/timetable")

    @get("/check", opt=access(P.TENDER_READ_DRAFT))
    async def check(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await self._check(tx, tender_id)

    @post("/submit", opt=access(P.TENDER_DRAFT))
    async def submit(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        """Nobody asks for the publication of what they have not read."""
        async with tx.trying() as tried:
            await must_be_as_read(request, await service.editable(tx, tender_id))
            await service.submit(tx, keyholder, tender_id)
        if no := again(tried):
            return await self._check(tx, tender_id, no)
        return see_other(f"/tenders/{tender_id}/draft")

    async def _overview(self, tx: Tx, tender_id: str) -> Template:
        tender = await service.own_tender(tx, tender_id)
        return await own_page(
            tx,
            tender_id,
            "draft",
            tasks=tasks(tender, await service.rulebook_of(tx, tender), tx.now, await service.roster(tx, tender_id)),
            phase=tender.phase(tx.now),
            may_approve=tx.actor.may(P.TENDER_APPROVE, of=tender.buyer),
            may_cancel=tx.actor.may(P.TENDER_CANCEL, of=tender.buyer),
            extension=await service.waiting_extension(tx, tender_id),
        )

    async def _about(
        self, tx: Tx, tender_id: str, refused: Refused | None = None, request: AnyRequest | None = None
    ) -> Template:
        shown = seen.about(await service.own_tender(tx, tender_id))
        typed = request.state.typed if request else None
        return await own_page(tx, tender_id, "about", refused, typed=typed, shown=shown)

    async def _timetable(
        self, tx: Tx, tender_id: str, refused: Refused | None = None, request: AnyRequest | None = None
    ) -> Template:
        tender = await service.own_tender(tx, tender_id)
        rulebook = await service.rulebook_of(tx, tender)
        return await own_page(
            tx,
            tender_id,
            "timetable",
            refused,
            typed=request.state.typed if request else None,
            shown=seen.deadline(tender),
            earliest=earliest_deadline(rulebook, tx.now),
            follows=timetable(rulebook, tender.deadline) if tender.deadline else None,
        )

    async def _check(self, tx: Tx, tender_id: str, refused: Refused | None = None) -> Template:
        tender = await service.own_tender(tx, tender_id)
        rulebook = await service.rulebook_of(tx, tender)
        found = tasks(tender, rulebook, tx.now, chosen := await service.roster(tx, tender_id))
        return await own_page(
            tx,
            tender_id,
            "check",
            refused,
            tasks=found,
            ready=all(task.done for task in found),
            follows=timetable(rulebook, tender.deadline) if tender.deadline else None,
            sealing=await sealing(tx, tender, chosen),
            two_persons=rulebook.approvals.publication.needed(tender.value),
            may_draft=tx.actor.may(P.TENDER_DRAFT, of=tender.buyer),
        )
