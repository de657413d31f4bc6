"""Lots, items and criteria of a draft: one list each, with a form that adds a row or changes one."""

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, read_form, see_other
from procurement.infra.web.as_read import must_be_as_read
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.tenders import service
from procurement.tenders.pages import seen
from procurement.tenders.pages.shared import again, own_page
from procurement.tenders.rules import Criterion, Item, Lot, Tender, inputs


class MethodForm(msgspec.Struct, frozen=True):
    award_method: str


class Rows(Controller):
    """What the three lists have in common. `name` is the list's, in the address, the template and the tender."""

    include_in_schema = False
    name = ""
    form: type[Any]

    async def save(self, tx: Tx, tender_id: str, form: Any, row_id: str) -> None:
        """Add a row, or change the one named."""
        raise NotImplementedError

    async def take_out(self, tx: Tx, tender_id: str, row_id: str) -> None:
        raise NotImplementedError

    @get("/", opt=access(P.TENDER_READ_DRAFT))
    async def show(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await self._page(tx, tender_id)

    @post("/", opt=access(P.TENDER_DRAFT))
    async def add(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Redirect | Template:
        return await self._save(request, tx, tender_id, "")

    @get("/{row_id:str}", opt=access(P.TENDER_READ_DRAFT))
    async def edit(self, tx: NamedDependency[Tx], tender_id: FromPath[str], row_id: FromPath[str]) -> Template:
        return await self._page(tx, tender_id, row_id)

    @post("/{row_id:str}", opt=access(P.TENDER_DRAFT))
    async def change(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], row_id: FromPath[str]
    ) -> Redirect | Template:
        return await self._save(request, tx, tender_id, row_id)

    @post("/{row_id:str}/remove", opt=access(P.TENDER_DRAFT))
    async def remove(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], row_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await self._as_read(request, tx, tender_id, row_id)
            await self.take_out(tx, tender_id, row_id)
        if no := again(tried):
            return await self._page(tx, tender_id, refused=no)
        return self._list(tender_id)

    async def _save(self, request: AnyRequest, tx: Tx, tender_id: str, row_id: str) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, self.form)
            await self._as_read(request, tx, tender_id, row_id)
            await self.save(tx, tender_id, form, row_id)
        if no := again(tried):
            return await self._page(tx, tender_id, row_id, no, request.state.typed)
        return self._list(tender_id)

    async def _page(
        self, tx: Tx, tender_id: str, row_id: str = "", refused: Refused | None = None, typed: Any = None
    ) -> Template:
        """The list, with the form for a new row or for the one named."""
        tender = await service.own_tender(tx, tender_id)
        row = self._found(tender, row_id)
        if row_id and row is None and not (refused and refused.code == "changed-meanwhile"):
            raise unknown(self.name.removesuffix("s").replace("criteria", "criterion"))
        return await own_page(tx, tender_id, self.name, refused, typed=typed, row=row, shown=seen.row)

    def _found(self, tender: Tender, row_id: str) -> Lot | Item | Criterion | None:
        return next((one for one in getattr(tender, self.name) if one.id == row_id), None)

    async def _as_read(self, request: AnyRequest, tx: Tx, tender_id: str, row_id: str) -> None:
        """Refused("changed-meanwhile") when a colleague changed or removed the row after the page was opened."""
        await seen.must_be_the_row(request, self._found(await service.editable(tx, tender_id), row_id))

    def _list(self, tender_id: str) -> Redirect:
        return see_other(f"/tenders/{tender_id}/draft/{self.name}")


class Lots(Rows):
    path = "/tenders/{tender_id:str}/draft/lots"
    name, form = "lots", inputs.LotInput

    async def save(self, tx: Tx, tender_id: str, form: inputs.LotInput, row_id: str) -> None:
        await service.save_lot(tx, tender_id, form, row_id)

    async def take_out(self, tx: Tx, tender_id: str, row_id: str) -> None:
        await service.remove_lot(tx, tender_id, row_id)


class Items(Rows):
    path = "/tenders/{tender_id:str}/draft/items"
    name, form = "items", inputs.ItemInput

    async def save(self, tx: Tx, tender_id: str, form: inputs.ItemInput, row_id: str) -> None:
        await service.save_item(tx, tender_id, form, row_id)

    async def take_out(self, tx: Tx, tender_id: str, row_id: str) -> None:
        await service.remove_item(tx, tender_id, row_id)


class Criteria(Rows):
    path = "/tenders/{tender_id:str}/draft/criteria"
    name, form = "criteria", inputs.CriterionInput

    async def save(self, tx: Tx, tender_id: str, form: inputs.CriterionInput, row_id: str) -> None:
        await service.save_criterion(tx, tender_id, form, row_id)

    async def take_out(self, tx: Tx, tender_id: str, row_id: str) -> None:
        await service.remove_criterion(tx, tender_id, row_id)

    @post("/method", opt=access(P.TENDER_DRAFT))
    async def choose(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, MethodForm)
            await must_be_as_read(request, seen.method(await service.editable(tx, tender_id)))
            await service.choose_award_method(tx, tender_id, form.award_method)
        if no := again(tried):
            return await self._page(tx, tender_id, refused=no, typed=request.state.typed)
        return self._list(tender_id)
