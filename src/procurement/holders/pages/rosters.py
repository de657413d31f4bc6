"""Reading and signing a roster in which one's own key stands."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.holders import service
from procurement.holders.pages.proofs import saved
from procurement.holders.pages.shared import OWN, again, names
from procurement.holders.rules.duties import duties
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused


class SignForm(msgspec.Struct, frozen=True):
    """`roster` is the hash of what was read; `signature` base64, by the page's script or the offline tool."""

    roster: str
    signature: str


class RosterPages(Controller):
    path = OWN + "/rosters/{subject:str}"
    include_in_schema = False

    @get("/", opt=access(P.HOLDER_KEEP))
    async def show(self, tx: NamedDependency[Tx], subject: FromPath[str]) -> Template:
        return await _page(tx, subject)

    @post("/", opt=access(P.HOLDER_KEEP))
    async def sign(self, request: AnyRequest, tx: NamedDependency[Tx], subject: FromPath[str]) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, SignForm)
            await service.sign(tx, subject, form.roster, form.signature)
        if no := again(tried):
            return await _page(tx, subject, no, request.state.typed)
        return see_other(f"{OWN}/rosters/{subject}")

    @get("/roster.json", opt=access(P.HOLDER_KEEP))
    async def download(self, tx: NamedDependency[Tx], subject: FromPath[str]) -> Response[bytes]:
        """The canonical bytes, for `procurement holder sign`."""
        found = await service.own_roster(tx, subject)
        return saved(found.content, f"roster-{subject}.json", "application/json")


async def _page(tx: Tx, subject: str, refused: Refused | None = None, typed: dict[str, Any] | None = None) -> Template:
    found = await service.own_roster(tx, subject)
    held = await service.must_own(tx)
    return page(
        "holders/roster.html",
        refused=refused,
        typed=typed,
        chosen=found,
        held=held,
        seat=found.seat_of(held.id),
        duties=list(duties(found, held, tx.now)),
        names=await names(tx, {found.buyer, *(seat.holder.organisation for seat in found.seats)}),
    )
