"""The second lock for programs: what a key holder is wanted to open and gives, and the bidder's own way back."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import also
from procurement.kernel.permissions import P
from procurement.kernel.sealing import Kit, kit_bytes
from procurement.opening import service
from procurement.opening.service import Given, Sharing, Wanted


class GivenShares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer for each bid that is wanted."""

    shares: list[Given]


class SharesApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/opening"
    tags = ("opening",)

    @get("/shares", opt=access(P.HOLDER_KEEP) | also(409))
    async def wanted(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Wanted:
        """For a key holder of this tender: their shares, locked to them, and the evidence that bidding closed."""
        return await service.shares_wanted(tx, tender_id)

    @post("/shares", opt=access(P.HOLDER_KEEP) | also(409), status_code=200)
    async def give(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[GivenShares]) -> Sharing:
        """Give the shares of all bids in one go; the same again changes nothing."""
        await service.give_shares(tx, tender_id, data.shares)
        return await service.must_share(tx, tender_id)

    @post("/kit", opt=access(P.BID_SUBMIT) | also(409), status_code=204)
    async def give_kit(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Kit]) -> None:
        """The recovery kit of one's own bid, when too few key holders could read it."""
        await service.give_kit(tx, tender_id, kit_bytes(data))
