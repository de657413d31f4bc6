"""How bids of a draft are sealed: the level, and who holds the second lock."""

from typing import Any, Literal

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.holders import service as holders
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, read_form, see_other
from procurement.infra.web.as_read import must_be_as_read
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.tenders import service
from procurement.tenders.pages.shared import again, own_page, sealing
from procurement.tenders.rules.seal import asked


class SealForm(msgspec.Struct, frozen=True):
    """`holders` are ids, in any order; `quorum` counts only where there are some."""

    level: Literal["S1", "S2", "S3"]
    quorum: int = 2
    holders: list[str] = []


class SealPages(Controller):
    path = "/tenders/{tender_id:str}/draft/seal"
    include_in_schema = False

    @get("/", opt=access(P.TENDER_READ_DRAFT))
    async def show(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await _page(tx, tender_id)

    @post("/", opt=access(P.TENDER_DRAFT))
    async def choose(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, SealForm)
            await service.editable(tx, tender_id)
            await must_be_as_read(request, await service.roster(tx, tender_id))
            await service.choose_seal(tx, tender_id, form.level, form.quorum, await _in_order(tx, form.holders))
        if no := again(tried):
            return await _page(tx, tender_id, no, request.state.typed)
        return see_other(f"/tenders/{tender_id}/draft/seal")


async def _in_order(tx: Tx, ids: list[str]) -> list[str]:
    """A form's ticks as they stand on its page, so that the same ticks give the same places."""
    return [one.id for one in await holders.confirmed(tx) if one.id in ids]


async def _page(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Template:
    tender = await service.own_tender(tx, tender_id)
    chosen = await service.roster(tx, tender_id)
    offered = await holders.confirmed(tx) if tender.state == "draft" else []
    named = await identity.organisations(tx, {one.organisation for one in offered})
    return await own_page(
        tx,
        tender_id,
        "seal",
        refused,
        typed=typed,
        asked=asked(await service.rulebook_of(tx, tender), tender.value),
        chosen=chosen,
        sealing=await sealing(tx, tender, chosen),
        offered=offered,
        names={one.id: one.name for one in named.values()},
    )
