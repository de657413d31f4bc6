"""The second opening, of financial envelopes, for programs."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import also
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.opening import service
from procurement.opening.api.opening import Code
from procurement.opening.rules import FinancialState, PriceDisclosed
from procurement.opening.service import Sharing
from procurement.tenders import service as tenders


class PricesStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Where the financial envelopes are. `passed` counts the prices that may be opened, once that is decided;
    `read_out` is empty until all of these are shown together. `sharing` are the key holders and what they gave of these
    prices, null at seal level S1 and before the decision."""

    tender: str
    state: FinancialState
    decided_at: datetime | None
    passed: int
    requested_at: datetime | None
    confirmed_at: datetime | None
    shared_at: datetime | None
    shown_at: datetime | None
    sharing: Sharing | None
    read_out: list[PriceDisclosed]


async def _standing(tx: Tx, tender_id: str) -> PricesStanding:
    """Refused("prices-unknown", 404) where bids have one envelope."""
    view = await service.view(tx, tender_id)
    held = view.financial
    if held is None:
        raise unknown("prices", "Bids of this tender are one envelope: prices are not opened apart.")
    return PricesStanding(
        tender=tender_id,
        state=held.state,
        decided_at=held.decided_at,
        passed=len(held.passed),
        requested_at=held.requested_at,
        confirmed_at=held.confirmed_at,
        shared_at=held.shared_at,
        shown_at=held.shown_at,
        sharing=view.prices_sharing,
        read_out=await service.prices_read_out(tx, tender_id),
    )


PRICES = Resource(
    "/api/v1/tenders/{tender_id}/opening/prices", ("tender_id",), tenders.lock_exclusive, _standing, tenders.buyer
)


class PricesApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/opening/prices"
    tags = ("opening",)

    @get("/", opt=access("public"))
    async def state(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> PricesStanding:
        """Where the opening of prices is, and what was read out; for a tender whose bids have two envelopes."""
        return await _standing(tx, tender_id)

    @get("/record", opt=access("public") | also(409))
    async def record(
        self, tx: NamedDependency[Tx], receipt_key: NamedDependency[SignerKey], tender_id: FromPath[str]
    ) -> Response[bytes]:
        """The signed record of this opening."""
        return Response(await service.prices_record(tx, receipt_key, tender_id), media_type="application/json")

    @post("/request", opt=access(P.OPENING_REQUEST) | changes(PRICES) | NOT_REHEARSED, status_code=200)
    async def request_prices(
        self,
        tx: NamedDependency[Tx],
        keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
        data: JSONBody[Code],
    ) -> PricesStanding:
        """A first officer asks for the prices of those who passed."""
        await service.request_prices(tx, keyholder, tender_id, data.code)
        return await _standing(tx, tender_id)

    @post("/confirm", opt=access(P.OPENING_CONFIRM) | changes(PRICES) | NOT_REHEARSED, status_code=200)
    async def confirm_prices(
        self,
        tx: NamedDependency[Tx],
        keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
        data: JSONBody[Code],
    ) -> PricesStanding:
        """A second person confirms; the opening goes on by itself."""
        await service.confirm_prices(tx, keyholder, tender_id, data.code)
        return await _standing(tx, tender_id)
