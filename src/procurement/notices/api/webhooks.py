"""Webhooks for programs: the same services as the pages."""

from datetime import datetime

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.infra import egress
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.repeated import OWN_KEYS
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.permissions import P
from procurement.notices.rules.webhook import Delivery, Wanted, Webhook, What
from procurement.notices.service import webhooks
from procurement.settings import Settings

BEARER = [{"bearer": list[str]()}]
MANAGE = access(P.WEBHOOK_MANAGE)


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unknown field is refused, never ignored."""


class NewWebhook(_Input, frozen=True):
    """`what` is "everything", "ours" (recorded for your organisation) or "process" (with the OCID of one procurement).

    `types` are the names of facts, as in the feed; without any, all are sent.
    """

    url: str
    what: What = What.EVERYTHING
    process: str = ""
    types: list[str] = []


class Start(_Input, frozen=True):
    """The index in the ledger of the first event to send again."""

    index: int


class WebhookState(msgspec.Struct, frozen=True):
    """`state` is "on", "failing" (being tried again), "paused" or "off"; `off_reason` "gone" or "undelivered"."""

    id: str
    url: str
    what: What
    process: str
    types: list[str]
    state: str
    off_reason: str
    created_at: datetime


class WithSecret(msgspec.Struct, frozen=True):
    """The secret that signs is answered once, here, and never again."""

    webhook: WebhookState
    secret: str


class Progress(msgspec.Struct, frozen=True):
    """How far the endpoint is: the index of the last event done with, and the last messages, newest first."""

    position: int
    failures: int
    failing_since: datetime | None
    next_at: datetime | None
    deliveries: list[Delivery]


async def state(tx: Tx, webhook_id: str) -> WebhookState:
    """One webhook of an organisation whose webhooks you manage."""
    return _state(await webhooks.webhook(tx, webhook_id))


async def lock(tx: Tx, webhook_id: str) -> None:
    await webhooks.lock(tx, webhook_id)


WEBHOOK = Resource("/api/v1/webhooks/{webhook_id}", ("webhook_id",), lock, state)
CHANGE = MANAGE | changes(WEBHOOK)


class WebhookApi(Controller):
    path = "/api/v1/webhooks"
    tags = ("webhooks",)
    security = BEARER

    @get("/", opt=MANAGE)
    async def webhooks(self, tx: NamedDependency[Tx]) -> list[WebhookState]:
        """Those of the organisation acted for: never more than five."""
        return [_state(one) for one in await webhooks.webhooks(tx)]

    @post("/", opt=MANAGE | OWN_KEYS, status_code=201)
    async def add(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], data: JSONBody[NewWebhook]
    ) -> WithSecret:
        """Add an address that is called for every event from now on. Refused "step-up-needed" without a fresh proof.

        An `Idempotency-Key` is not looked at, so that no secret is kept with one; the same address twice is refused.
        """
        wanted = Wanted(data.what, data.process, tuple(data.types))
        made, secret = await webhooks.add(tx, egress.Rules.of(settings, sandbox=tx.sandbox), data.url, wanted)
        return WithSecret(await state(tx, made), secret)

    @get("/{webhook_id:str}", opt=MANAGE)
    async def webhook(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> WebhookState:
        """What it is sent, and whether it is on."""
        return await state(tx, webhook_id)

    @delete("/{webhook_id:str}", opt=CHANGE)
    async def remove(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> None:
        """Remove it with its secrets; nothing more is sent."""
        await webhooks.remove(tx, webhook_id)

    @get("/{webhook_id:str}/deliveries", opt=MANAGE)
    async def deliveries(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> Progress:
        """How far it is, and what became of the last messages."""
        one = await webhooks.webhook(tx, webhook_id)
        again = one.next_at if one.state == "failing" else None
        last = await webhooks.deliveries(tx, webhook_id)
        return Progress(one.position, one.failures, one.failing_since, again, last)

    @post("/{webhook_id:str}/test", opt=CHANGE, status_code=202)
    async def test(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> WebhookState:
        """Send a test event soon; what became of it is among the deliveries."""
        await webhooks.ask_test(tx, webhook_id)
        return await state(tx, webhook_id)

    @post("/{webhook_id:str}/pause", opt=CHANGE, status_code=200)
    async def pause(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> WebhookState:
        """Send nothing for now; what happens meanwhile is sent afterwards."""
        await webhooks.pause(tx, webhook_id)
        return await state(tx, webhook_id)

    @post("/{webhook_id:str}/resume", opt=CHANGE, status_code=200)
    async def resume(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> WebhookState:
        """Go on where it stopped, after a pause or after it was switched off."""
        await webhooks.resume(tx, webhook_id)
        return await state(tx, webhook_id)

    @post("/{webhook_id:str}/replay", opt=CHANGE, status_code=200)
    async def replay(self, tx: NamedDependency[Tx], webhook_id: FromPath[str], data: JSONBody[Start]) -> WebhookState:
        """Send again from an index of the ledger on, under the same message ids."""
        await webhooks.replay(tx, webhook_id, data.index)
        return await state(tx, webhook_id)

    @post("/{webhook_id:str}/secret", opt=CHANGE | OWN_KEYS, status_code=200)
    async def replace_secret(self, tx: NamedDependency[Tx], webhook_id: FromPath[str]) -> WithSecret:
        """Replace the secret; the old one signs beside it for 24 hours. Refused "step-up-needed" without a proof."""
        secret = await webhooks.replace_secret(tx, webhook_id)
        return WithSecret(await state(tx, webhook_id), secret)


def _state(one: Webhook) -> WebhookState:
    wanted = one.wanted
    return WebhookState(
        one.id, one.url, wanted.what, wanted.process, list(wanted.types), one.state, one.off_reason, one.created_at
    )


ROUTES = (WebhookApi,)
