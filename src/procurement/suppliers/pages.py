"""A supplier's own profile. Its public page is publication's."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.suppliers import service
from procurement.suppliers.rules import Details


class ProfileForm(msgspec.Struct, frozen=True):
    """`categories` as typed: codes separated by spaces, commas or new lines."""

    street: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    website: str = ""
    contact_email: str = ""
    small: str = ""
    categories: str = ""

    def details(self) -> Details:
        typed = msgspec.structs.asdict(self)
        codes = tuple(self.categories.replace(",", " ").split())
        return Details(**typed | {"small": self.small == "yes", "categories": codes})


class ProfilePages(Controller):
    path = "/supplier/profile"
    include_in_schema = False

    @get("/", opt=access(P.SUPPLIER_EDIT))
    async def profile(self, tx: NamedDependency[Tx], saved: FromQuery[bool] = False) -> Response[Any]:
        return await _profile(tx, saved=saved)

    @post("/", opt=access(P.SUPPLIER_EDIT))
    async def describe(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ProfileForm)
            await service.describe(tx, tx.actor.organisation, form.details())
        if tried.refused and tried.refused.status == 422:
            return await _profile(tx, tried.refused, request.state.typed)
        if tried.refused:
            raise tried.refused
        return see_other("/supplier/profile?saved=true")


async def _profile(
    tx: Tx, refused: Refused | None = None, typed: dict[str, Any] | None = None, saved: bool = False
) -> Response[Any]:
    tx.actor.must(P.SUPPLIER_EDIT, of=tx.actor.organisation)
    shown = await service.profile(tx, tx.actor.organisation)
    return page("suppliers/profile.html", refused=refused, typed=typed, profile=shown, saved=saved)


ROUTES = (ProfilePages,)
