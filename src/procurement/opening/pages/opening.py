"""The opening of a tender: public from the first day, with a part for the two who ask."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from procurement.identity import service as identity
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening import service
from procurement.opening.download import paper_response
from procurement.opening.pages.quarantine import hand_out, hand_out_warned
from procurement.opening.service import View


class CodeForm(msgspec.Struct, frozen=True):
    code: str


class OpeningPages(Controller):
    path = "/tenders/{tender_id:str}/opening"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def opening(
        self, tx: NamedDependency[Tx], tender_id: FromPath[str], still: FromQuery[bool] = False
    ) -> Response[Any]:
        """Where nothing runs in the reader's browser the page comes again by itself, unless it is to stand `still`."""
        return await opening_page(tx, tender_id, still=still)

    @post("/request", opt=access(P.OPENING_REQUEST))
    async def request_opening(
        self, request: AnyRequest, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
    ) -> Response[Any]:  # fmt: skip
        return await asked_with_code(request, tx, keyholder, tender_id, service.request, opening_page)

    @post("/confirm", opt=access(P.OPENING_CONFIRM))
    async def confirm_opening(
        self, request: AnyRequest, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
    ) -> Response[Any]:  # fmt: skip
        return await asked_with_code(request, tx, keyholder, tender_id, service.confirm, opening_page)

    @get("/record", opt=access("public"))
    async def record(
        self, tx: NamedDependency[Tx], receipt_key: NamedDependency[SignerKey], tender_id: FromPath[str]
    ) -> Response[bytes]:
        """The signed opening record, to keep and to check without us."""
        return signed_record(f"opening-{tender_id}.json", await service.record(tx, receipt_key, tender_id))

    @get("/record.pdf", opt=access("public"))
    async def paper(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str]
    ) -> Response[bytes]:
        """The same for people, as a document."""
        return paper_response(tender_id, await service.read_paper(tx, files, tender_id))

    @get("/bids/{bid_id:str}/documents/{number:int}", opt=access("signed-in"))
    async def document(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str],
        bid_id: FromPath[str], number: FromPath[int],
    ) -> Stream | Response[Any]:  # fmt: skip
        found = await service.document(tx, tender_id, bid_id, number)
        here = f"/tenders/{tender_id}/opening/bids/{bid_id}/documents/{number}"
        return await hand_out(tx, files, tender_id, found, here)

    @post("/bids/{bid_id:str}/documents/{number:int}", opt=access(P.QUARANTINE_TAKE), status_code=200)
    async def take_quarantined(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str],
        bid_id: FromPath[str], number: FromPath[int],
    ) -> Stream:  # fmt: skip
        """After the warning, for auditors."""
        found = await service.document(tx, tender_id, bid_id, number)
        return await hand_out_warned(tx, files, tender_id, bid_id, found)


def six_figures(typed: str) -> str:
    """The code without spaces. Refused("form-invalid") for anything but six figures."""
    plain = "".join(typed.split())
    if len(plain) != 6 or not (plain.isascii() and plain.isdigit()):
        wrong = {"code": "Enter the six figures that your app shows."}
        raise Refused("form-invalid", "The code has six figures.", status=422, fields=wrong)
    return plain


Ask = Callable[[Tx, Keyholder, str, str], Awaitable[None]]
"""What one of the two people does, for a tender and with a key code."""
Draw = Callable[[Tx, str, Refused], Awaitable[Response[Any]]]
"""The page of a tender once more, with what was refused."""


async def asked_with_code(
    request: AnyRequest, tx: Tx, keyholder: Keyholder, tender_id: str, ask: Ask, draw: Draw
) -> Response[Any]:
    """Ask, and back to the page that the form stands on; what only another page can put right is the error page's."""
    async with tx.trying() as tried:
        form = await read_form(request, CodeForm)
        await ask(tx, keyholder, tender_id, six_figures(form.code))
    if tried.refused is None:
        return see_other(request.url.path.rpartition("/")[0])
    if elsewhere(tried.refused):
        raise tried.refused
    return await draw(tx, tender_id, tried.refused)


def signed_record(name: str, body: bytes) -> Response[bytes]:
    """A record to keep and to check without us."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="application/json", headers=headers)


def elsewhere(refused: Refused) -> bool:
    """Whether only another page can put this right."""
    return refused.status in (401, 404) or refused.code in ("not-permitted", "step-up-needed")


async def opening_page(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None, *, still: bool = False
) -> Response[Any]:
    """The page for everybody; what concerns only some of them is left out for the others."""
    view = await service.view(tx, tender_id)
    held = view.opening
    suppliers = await identity.organisations(
        tx, {view.tender.buyer, *(bid.supplier for bid in view.bids), *_held_at(view)}
    )
    actors = [held.requested_by, held.confirmed_by] if held and view.may_read else []
    return page(
        "opening/opening.html",
        refused=with_field(refused),
        typed=typed,
        view=view,
        buyer=suppliers[view.tender.buyer].name,
        suppliers={supplier: one.name for supplier, one in suppliers.items()},
        people=await identity.person_names(tx, actors) if actors else {},
        deposits=await service.deposits(tx, view.tender) if view.bids and (view.may_read or view.own) else None,
        stepped_up=is_stepped_up(tx),
        practice=await service.practice_code(tx),
        paper=await service.paper(tx, tender_id),
        still=still,
    )


def with_field(refused: Refused | None) -> Refused | None:
    """What the keyholder refuses of a code is said at the code."""
    if refused and not refused.fields and refused.code in ("code-wrong", "code-used", "too-many", "not-enrolled"):
        return Refused(refused.code, refused.detail, status=refused.status, fields={"code": refused.detail})
    return refused


def is_stepped_up(tx: Tx) -> bool:
    try:
        tx.actor.must_be_stepped_up(tx.real_now)
    except Refused:
        return False
    return True


def _held_at(view: View) -> list[str]:
    """The organisations of the key holders."""
    return [member.organisation for member in view.sharing.members] if view.sharing else []
