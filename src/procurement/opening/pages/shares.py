"""Where a key holder gives their shares, from their own browser, and a bidder brings its recovery kit."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening import service
from procurement.opening.pages.prices import back, under_way
from procurement.opening.service import Given, Wanted
from procurement.opening.service.lists import to_read_again
from procurement.tenders import service as tenders


class SharesForm(msgspec.Struct, frozen=True):
    """`shares` is the JSON that the page's script, or the offline tool, made of what is wanted."""

    shares: str


class KitForm(msgspec.Struct, frozen=True):
    """`kit` is the content of the recovery kit's file."""

    kit: str


class SharesPages(Controller):
    path = "/tenders/{tender_id:str}/opening"
    include_in_schema = False

    @get("/shares", opt=access(P.HOLDER_KEEP))
    async def shares(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _page(tx, tender_id)

    @get("/shares/wanted.json", opt=access(P.HOLDER_KEEP))
    async def wanted(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Wanted:
        """What the holder's client verifies and opens; also a file for the offline tool."""
        return await service.shares_wanted(tx, tender_id)

    @post("/shares", opt=access(P.HOLDER_KEEP))
    async def give(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, SharesForm)
            await service.give_shares(tx, tender_id, _shares(form.shares))
        if tried.refused and tried.refused.status not in (409, 422):
            raise tried.refused
        if tried.refused and tried.refused.code not in ("not-released", "already-opened"):
            return await _page(tx, tender_id, tried.refused)
        return see_other(f"/tenders/{tender_id}/opening/shares")

    @post("/shares/lost", opt=access(P.HOLDER_KEEP))
    async def lost(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        """The holder has no key any more: nobody waits for them."""
        async with tx.trying() as tried:
            await service.cannot_give(tx, tender_id)
        if tried.refused and tried.refused.status not in (409, 422):
            raise tried.refused
        return see_other(f"/tenders/{tender_id}/opening/shares")

    @post("/kit", opt=access(P.BID_SUBMIT))
    async def give_kit(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, KitForm)
            await service.give_kit(tx, tender_id, form.kit.encode())
        if tried.refused and tried.refused.status not in (409, 422):
            raise tried.refused
        return await back(tx, tender_id, tried.refused, request.state.typed)


def _shares(text: str) -> list[Given]:
    try:
        return msgspec.json.decode(text, type=list[Given])
    except msgspec.MsgspecError:
        wrong = {"shares": "Paste everything that the tool printed."}
        raise Refused("form-invalid", "This is not what the tool prints.", status=422, fields=wrong) from None


async def _page(tx: Tx, tender_id: str, refused: Refused | None = None) -> Response[Any]:
    """Also before the release and after the opening, when there is nothing to give."""
    held = await service.seat(tx, tender_id)
    sharing = await service.must_share(tx, tender_id)
    tender = await tenders.tender(tx, tender_id)
    second = await under_way(tx, tender)
    named = await identity.organisations(tx, {tender.buyer, *(one.organisation for one in sharing.members)})
    return page(
        "opening/shares.html",
        refused=refused,
        typed=None,
        tender=tender,
        prices=second is not None,
        opening=second or await service.opening(tx, tender_id),
        sharing=sharing,
        held=held,
        again=await to_read_again(tx, tender_id, held.id),
        names={one.id: one.name for one in named.values()},
    )
