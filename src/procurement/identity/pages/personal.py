"""One's own data: what is kept and why, and a copy of all of it to take away."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.service import personal
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.kernel.refusal import Refused

OURS = "/account/data"


class PersonalPages(Controller):
    path = OURS
    include_in_schema = False

    @get("/", opt=access("signed-in"))
    async def data(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return await _data(tx)

    @post("/", opt=access("signed-in"))
    async def ask(self, tx: NamedDependency[Tx]) -> Response[Any]:
        async with tx.trying() as tried:
            await personal.ask(tx)
        if tried.refused and tried.refused.status == 409:
            return await _data(tx, tried.refused)
        if tried.refused:
            raise tried.refused
        return see_other(OURS)

    @get("/{export_id:str}", opt=access("signed-in"))
    async def download(self, tx: NamedDependency[Tx], export_id: FromPath[str]) -> Response[bytes]:
        content = await personal.content(tx, export_id)
        headers = {"Content-Disposition": 'attachment; filename="about-you.zip"', "Cache-Control": "no-store"}
        return Response(content, media_type="application/zip", headers=headers)


async def _data(tx: Tx, refused: Refused | None = None) -> Response[Any]:
    tx.actor.must_be_somebody()
    return page("identity/data.html", refused=refused, exports=await personal.exports(tx), kept=personal.KEPT.days)
