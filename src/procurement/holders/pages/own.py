"""One's own key: making it, seeing what it is asked for, ending it."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from procurement.holders import practice, service
from procurement.holders.pages.shared import OWN, again, names
from procurement.holders.rules.duties import duties
from procurement.holders.rules.keys import parse_public, read_out
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings


class KeyForm(msgspec.Struct, frozen=True):
    """`key` is the JSON of the public half, by the page's script or pasted from the offline tool."""

    office: str
    key: str


class EndForm(msgspec.Struct, frozen=True):
    reason: str


class OwnKeyPages(Controller):
    path = OWN
    include_in_schema = False

    @get("/", opt=access(P.HOLDER_KEEP))
    async def own(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Template:
        return await own_page(tx, settings)

    @get("/new", opt=access(P.HOLDER_KEEP))
    async def new(self, tx: NamedDependency[Tx]) -> Response[Any]:
        """Identity is proved first: a key that was made must not be lost to that question."""
        tx.actor.must(P.HOLDER_KEEP, of=tx.actor.organisation)
        tx.actor.must_be_stepped_up(tx.real_now)
        if await service.own(tx):
            return see_other(OWN)
        return page("holders/new.html", typed=None)

    @post("/new", opt=access(P.HOLDER_KEEP))
    async def enrol(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, KeyForm)
            await service.enrol(tx, form.office, parse_public(form.key))
            asked = await service.ask(tx)
        if no := again(tried):
            return page("holders/new.html", refused=no, typed=request.state.typed)
        return see_other(f"{OWN}/challenges/{asked.id}")

    @post("/end", opt=access(P.HOLDER_KEEP))
    async def end(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Redirect | Template:
        held = await service.must_own(tx)
        async with tx.trying() as tried:
            form = await read_form(request, EndForm)
            await service.end(tx, held.id, form.reason)
        if no := again(tried):
            return await own_page(tx, settings, no, request.state.typed)
        return see_other(OWN)


async def own_page(
    tx: Tx, settings: Settings, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Template:
    """What one holds, what is asked of it and by when."""
    tx.actor.must(P.HOLDER_KEEP, of=tx.actor.organisation)
    held = await service.own(tx)
    found = await service.own_rosters(tx) if held else []
    return page(
        "holders/own.html",
        refused=refused,
        typed=typed,
        held=held,
        fingerprint=read_out(held.fingerprint) if held else "",
        rosters=found,
        duties=[one for chosen in found for one in duties(chosen, held, tx.now)] if held else [],
        practice=practice.PASSPHRASE if held and practice.key_file(tx, settings.data, held.id) else "",
        names=await names(tx, {one.buyer for one in found}),
    )
