"""The webhooks of the organisation one acts for: to make, test, watch, pause, replay and remove."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra import egress
from procurement.infra.ledger import feed
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.notices.rules import webhook as rules
from procurement.notices.rules.webhook import Wanted, What
from procurement.notices.service import webhooks
from procurement.settings import Settings

LIST = "/organisation/webhooks"
MANAGE = access(P.WEBHOOK_MANAGE)


class WebhookForm(msgspec.Struct, frozen=True):
    """No `types` ticked means all."""

    url: str
    what: What
    process: str = ""
    types: list[str] = []  # msgspec copies it


class ReplayForm(msgspec.Struct, frozen=True):
    index: int


class WebhookPages(Controller):
    path = LIST
    include_in_schema = False

    @get("/", opt=MANAGE)
    async def overview(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return page("notices/webhooks.html", webhooks=await webhooks.webhooks(tx), most=rules.MOST)

    @get("/new", opt=MANAGE)
    async def new(self, tx: NamedDependency[Tx]) -> Response[Any]:
        tx.actor.must(P.WEBHOOK_MANAGE, of=tx.actor.organisation)
        tx.actor.must_be_stepped_up(tx.real_now)
        return _new()

    @post("/", opt=MANAGE)
    async def add(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Response[Any]:
        made = secret = ""
        async with tx.trying() as tried:
            form = await read_form(request, WebhookForm)
            wanted = Wanted(form.what, form.process, tuple(form.types))
            made, secret = await webhooks.add(tx, egress.Rules.of(settings, sandbox=tx.sandbox), form.url, wanted)
        if tried.refused and tried.refused.status in (409, 422):
            return _new(tried.refused, request.state.typed)
        if tried.refused:
            raise tried.refused
        return page("notices/webhook_secret.html", webhook=await webhooks.webhook(tx, made), secret=secret)

    @get("/{webhook_id:str}", opt=MANAGE)
    async def webhook(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        return await _webhook(tx, webhook_id)

    @post("/{webhook_id:str}/test", opt=MANAGE)
    async def test(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        await webhooks.ask_test(tx, webhook_id)
        return see_other(f"{LIST}/{webhook_id}")

    @post("/{webhook_id:str}/pause", opt=MANAGE)
    async def pause(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        await webhooks.pause(tx, webhook_id)
        return see_other(f"{LIST}/{webhook_id}")

    @post("/{webhook_id:str}/resume", opt=MANAGE)
    async def resume(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        await webhooks.resume(tx, webhook_id)
        return see_other(f"{LIST}/{webhook_id}")

    @post("/{webhook_id:str}/replay", opt=MANAGE)
    async def replay(self, request: AnyRequest, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ReplayForm)
            await webhooks.replay(tx, webhook_id, form.index)
        if tried.refused and tried.refused.status == 422:
            return await _webhook(tx, webhook_id, tried.refused, request.state.typed)
        if tried.refused:
            raise tried.refused
        return see_other(f"{LIST}/{webhook_id}")

    @post("/{webhook_id:str}/secret", opt=MANAGE)
    async def replace_secret(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        secret = await webhooks.replace_secret(tx, webhook_id)
        return page("notices/webhook_secret.html", webhook=await webhooks.webhook(tx, webhook_id), secret=secret)

    @get("/{webhook_id:str}/remove", opt=MANAGE)
    async def remove_page(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        return page("notices/webhook_remove.html", webhook=await webhooks.webhook(tx, webhook_id))

    @post("/{webhook_id:str}/remove", opt=MANAGE)
    async def remove(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Response[Any]:
        await webhooks.remove(tx, webhook_id)
        return see_other(LIST)


def _new(refused: Refused | None = None, typed: dict[str, Any] | None = None) -> Response[Any]:
    return page("notices/webhook_new.html", refused=refused, typed=typed, types=sorted(rules.public_types()))


async def _webhook(
    tx: Tx, webhook_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    return page(
        "notices/webhook.html",
        refused=refused,
        typed=typed,
        webhook=await webhooks.webhook(tx, webhook_id),
        deliveries=await webhooks.deliveries(tx, webhook_id),
        overlap_until=await webhooks.overlap_until(tx, webhook_id),
        head=await feed.head(tx.session),
    )


ROUTES = (WebhookPages,)
