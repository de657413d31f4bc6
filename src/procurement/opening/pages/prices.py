"""The second opening, of financial envelopes: public like the first, with a part for the two who ask."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity import service as identity
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.opening import service
from procurement.opening.pages.opening import (
    asked_with_code,
    is_stepped_up,
    opening_page,
    signed_record,
    with_field,
)
from procurement.opening.rules import Financial
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


class PricesPages(Controller):
    path = "/tenders/{tender_id:str}/opening/prices"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def prices(
        self, tx: NamedDependency[Tx], tender_id: FromPath[str], still: FromQuery[bool] = False
    ) -> Response[Any]:
        """As the first opening: it comes again by itself, unless it is to stand `still`."""
        return await prices_page(tx, tender_id, still=still)

    @post("/request", opt=access(P.OPENING_REQUEST))
    async def request_prices(
        self, request: AnyRequest, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
    ) -> Response[Any]:  # fmt: skip
        return await asked_with_code(request, tx, keyholder, tender_id, service.request_prices, prices_page)

    @post("/confirm", opt=access(P.OPENING_CONFIRM))
    async def confirm_prices(
        self, request: AnyRequest, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
    ) -> Response[Any]:  # fmt: skip
        return await asked_with_code(request, tx, keyholder, tender_id, service.confirm_prices, prices_page)

    @get("/record", opt=access("public"))
    async def record(
        self, tx: NamedDependency[Tx], receipt_key: NamedDependency[SignerKey], tender_id: FromPath[str]
    ) -> Response[bytes]:
        """The signed record of this opening, to keep and to check without us."""
        return signed_record(f"prices-{tender_id}.json", await service.prices_record(tx, receipt_key, tender_id))


async def under_way(tx: Tx, tender: Tender) -> Financial | None:
    """The opening of prices, once it is decided who passed: then nothing is asked for the first one any more."""
    found = await service.financial(tx, tender)
    return found if found and found.decided_at else None


async def back(tx: Tx, tender_id: str, refused: Refused | None, typed: dict[str, Any]) -> Response[Any]:
    """To the page of the opening that is under way, with what was refused."""
    prices = await under_way(tx, await tenders.tender(tx, tender_id)) is not None
    if refused is None:
        return see_other(f"/tenders/{tender_id}/opening{'/prices' if prices else ''}")
    return await (prices_page if prices else opening_page)(tx, tender_id, refused, typed)


async def prices_page(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None, *, still: bool = False
) -> Response[Any]:
    """The page for everybody. Refused("prices-unknown", 404) where bids have one envelope."""
    view = await service.view(tx, tender_id)
    held = view.financial
    if held is None:
        raise unknown("prices", "Bids of this tender are one envelope: prices are not opened apart.")
    holding = [one.organisation for one in view.prices_sharing.members] if view.prices_sharing else []
    suppliers = await identity.organisations(tx, {view.tender.buyer, *(bid.supplier for bid in view.bids), *holding})
    actors = [one for one in (held.requested_by, held.confirmed_by) if one] if view.may_read else []
    return page(
        "opening/prices.html",
        refused=with_field(refused),
        typed=typed,
        view=view,
        held=held,
        buyer=suppliers[view.tender.buyer].name,
        suppliers={supplier: one.name for supplier, one in suppliers.items()},
        people=await identity.person_names(tx, actors) if actors else {},
        stepped_up=is_stepped_up(tx),
        practice=await service.practice_code(tx),
        still=still,
    )
