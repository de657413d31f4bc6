"""The official inbox of the organisation acted for, and what a buyer may know of the letters it sent."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.kernel.permissions import P
from procurement.notices.service import bounces, inbox
from procurement.tenders import service as tenders


class InboxPages(Controller):
    path = "/inbox"
    include_in_schema = False

    @get("/", opt=access(P.INBOX_READ))
    async def list(self, tx: NamedDependency[Tx], before: FromQuery[str] = "") -> Response[Any]:
        messages, following = await inbox.inbox(tx, before)
        senders = {one.sender for one in messages if one.sender} | {tx.actor.organisation}
        names = await identity.organisations(tx, senders)
        return page(
            "notices/inbox.html",
            messages=messages,
            names={id_: one.name for id_, one in names.items()},
            reached=await bounces.reaches_me(tx),
            following=following,
            first=not before,
        )

    @get("/{message_id:str}", opt=access(P.INBOX_READ))
    async def message(self, tx: NamedDependency[Tx], message_id: FromPath[str]) -> Response[Any]:
        """Before it is opened only from whom it is and what it is about: looking at this page opens nothing."""
        found = await inbox.message(tx, message_id)
        names = await identity.organisations(tx, {found.organisation, found.sender} - {""})
        readers = await identity.person_names(tx, [found.read_by] if found.read_by else [])
        return page(
            "notices/message.html",
            message=found,
            names={id_: one.name for id_, one in names.items()},
            reader=readers.get(found.read_by, ""),
        )

    @post("/{message_id:str}/open", opt=access(P.INBOX_OPEN))
    async def open(self, tx: NamedDependency[Tx], message_id: FromPath[str]) -> Response[Any]:
        await inbox.open_message(tx, message_id)
        return see_other(f"/inbox/{message_id}")


class DeliveryPages(Controller):
    path = "/tenders/{tender_id:str}/deliveries"
    include_in_schema = False

    @get("/", opt=access(P.AWARD_READ))
    async def deliveries(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        proved = await inbox.evidence(tx, tender_id)
        names = await identity.organisations(tx, {one.organisation for one in proved})
        return page(
            "notices/deliveries.html",
            tender=await tenders.public_tender(tx, tender_id),
            deliveries=proved,
            names={id_: one.name for id_, one in names.items()},
        )


ROUTES = (InboxPages, DeliveryPages)
