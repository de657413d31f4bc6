"""The official inbox for programs: the same services as the pages."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.kernel.permissions import P
from procurement.notices.rules.inbox import Message
from procurement.notices.service import inbox

BEARER = [{"bearer": list[str]()}]
READ = access(P.INBOX_READ)


class Messages(msgspec.Struct, frozen=True):
    """One page, the newest first; `next` is the `before` of the following one, "" at the end."""

    messages: list[Message]
    next: str


class InboxApi(Controller):
    path = "/api/v1/inbox"
    tags = ("notices",)

    @get("/", opt=READ, security=BEARER)
    async def inbox(self, tx: NamedDependency[Tx], before: FromQuery[str] = "") -> Messages:
        """The inbox of the organisation acted for. What nobody has opened has no `body` yet."""
        return Messages(*await inbox.inbox(tx, before))

    @get("/{message_id:str}", opt=READ, security=BEARER)
    async def message(self, tx: NamedDependency[Tx], message_id: FromPath[str]) -> Message:
        """One message. Reading it here opens nothing."""
        return await inbox.message(tx, message_id)

    @post("/{message_id:str}/opening", opt=access(P.INBOX_OPEN), security=BEARER, status_code=200)
    async def open(self, tx: NamedDependency[Tx], message_id: FromPath[str]) -> Message:
        """Open a message: who of the organisation did so first, and when, is noted for good. It is no reading: a token
        needs the scope `open-messages`."""
        return await inbox.open_message(tx, message_id)


class DeliveriesApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/deliveries"
    tags = ("notices",)

    @get("/", opt=access(P.AWARD_READ), security=BEARER)
    async def deliveries(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> list[inbox.Evidence]:
        """When the buyer's letters to its bidders were delivered and first opened; not before the opening."""
        return await inbox.evidence(tx, tender_id)


ROUTES = (InboxApi, DeliveriesApi)
