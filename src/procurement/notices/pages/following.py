"""Following: what one is about to follow, what one follows, and how often one is told."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.notices.service import bounces, calendars, following
from procurement.settings import Settings

LIST = "/following"
SIGNED_IN = access("signed-in")


class FollowForm(msgspec.Struct, frozen=True):
    kind: str
    target: str
    often: str


class OftenForm(msgspec.Struct, frozen=True):
    often: str


class CalendarForm(msgspec.Struct, frozen=True):
    """`whose` is "" for one's own, else an organisation."""

    whose: str = ""


class FollowPages(Controller):
    path = "/follow"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def offer(
        self, tx: NamedDependency[Tx], kind: FromQuery[str] = "search", target: FromQuery[str] = ""
    ) -> Response[Any]:
        """Every way to hear of it: with an account, and without one."""
        return await _offer(tx, kind, target)

    @post("/", opt=SIGNED_IN)
    async def follow(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        form = await read_form(request, FollowForm)
        async with tx.trying() as tried:
            await following.follow(tx, form.kind, form.target, form.often)
        if tried.refused:
            return await _offer(tx, form.kind, form.target, tried.refused, request.state.typed)
        return see_other(f"{LIST}?saved=true")


class FollowingPages(Controller):
    path = LIST
    include_in_schema = False

    @get("/", opt=SIGNED_IN)
    async def list(self, tx: NamedDependency[Tx], saved: FromQuery[bool] = False) -> Response[Any]:
        return await _following(tx, saved=saved)

    @post("/{follow_id:str}/often", opt=SIGNED_IN)
    async def change(self, request: AnyRequest, tx: NamedDependency[Tx], follow_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, OftenForm)
            await following.change(tx, follow_id, form.often)
        return await _answer(tx, tried.refused)

    @post("/{follow_id:str}/end", opt=SIGNED_IN)
    async def end(self, tx: NamedDependency[Tx], follow_id: FromPath[str]) -> Response[Any]:
        await following.end(tx, follow_id)
        return see_other(f"{LIST}?saved=true")

    @post("/address", opt=SIGNED_IN)
    async def confirm_address(self, tx: NamedDependency[Tx]) -> Response[Any]:
        """Have a letter sent that shows whether letters arrive."""
        async with tx.trying() as tried:
            await bounces.ask_to_confirm(tx)
        return await _answer(tx, tried.refused)

    @post("/calendar", opt=SIGNED_IN)
    async def make_calendar(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Response[Any]:
        """The secret address is shown once, on the page that answers."""
        token = ""
        async with tx.trying() as tried:
            form = await read_form(request, CalendarForm)
            token = await calendars.make(tx, form.whose)
        if tried.refused:
            return await _following(tx, refused=tried.refused)
        return await _following(tx, secret=f"{settings.base_url}/calendar/{token}/following.ics")

    @post("/calendar/{feed_id:str}/revoke", opt=SIGNED_IN)
    async def revoke_calendar(self, tx: NamedDependency[Tx], feed_id: FromPath[str]) -> Response[Any]:
        await calendars.revoke(tx, feed_id)
        return see_other(f"{LIST}?saved=true")


async def _offer(
    tx: Tx, kind: str, target: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    what = await following.followed(tx, kind, target)
    already = await following.of_mine(tx, what.kind, what.target)
    return page("notices/follow.html", refused=refused, typed=typed, what=what, already=already)


async def _answer(tx: Tx, refused: Refused | None) -> Response[Any]:
    """A refusal is said on the same page. Refused(404) is nobody's page."""
    if refused and refused.status == 404:
        raise refused
    return await _following(tx, refused=refused) if refused else see_other(f"{LIST}?saved=true")


async def _following(tx: Tx, *, saved: bool = False, secret: str = "", refused: Refused | None = None) -> Response[Any]:
    feeds = await calendars.mine(tx)
    ours = tx.actor.organisation
    offered = {ours} if ours and tx.actor.may(P.INBOX_READ, of=ours) else set()
    names = await identity.organisations(tx, offered | {one.organisation for one in feeds if one.organisation})
    return page(
        "notices/following.html",
        refused=refused,
        follows=await following.mine(tx),
        news=await following.news(tx),
        calendars=feeds,
        names={id_: one.name for id_, one in names.items()},
        offered=ours if offered else "",
        reached=await bounces.reaches_me(tx),
        secret=secret,
        saved=saved,
    )


ROUTES = (FollowPages, FollowingPages)
