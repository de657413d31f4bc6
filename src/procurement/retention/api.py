"""Retention for programs of auditors and administrators."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.permissions import P
from procurement.retention import service
from procurement.retention.rules import About, Hold
from procurement.retention.service import Due

HOLD = Resource("/api/v1/retention/holds/{hold_id}", ("hold_id",), service.lock, service.hold)
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]


class ToPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`subject` is a tender's id, an organisation's or a person's, as `about` says."""

    about: About
    subject: str
    reason: str


class ToLift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str


class RetentionApi(Controller):
    path = "/api/v1/retention"
    tags = ("retention",)

    @get("/", opt=access(P.RETENTION_READ), security=BEARER)
    async def overview(self, tx: NamedDependency[Tx]) -> list[Due]:
        """Every class of records, how long it is kept and why; what is due now, and what a hold keeps."""
        return await service.overview(tx)

    @get("/holds", opt=access(P.RETENTION_READ), security=BEARER)
    async def holds(self, tx: NamedDependency[Tx]) -> list[Hold]:
        """Holds that stand, then those that were lifted; the newest first."""
        return await service.holds(tx)

    @get("/holds/{hold_id:str}", opt=access(P.RETENTION_READ), security=BEARER)
    async def hold(self, tx: NamedDependency[Tx], hold_id: FromPath[str]) -> Hold:
        """One hold."""
        return await service.hold(tx, hold_id)

    @post("/holds", opt=access(P.HOLD_PLACE), status_code=201, security=BEARER)
    async def place(self, tx: NamedDependency[Tx], data: JSONBody[ToPlace]) -> Hold:
        """Keep everything about a procurement, an organisation or a person until two people lift the hold."""
        return await service.hold(tx, await service.place(tx, data.about, data.subject, data.reason))

    @post(
        "/holds/{hold_id:str}/lift-request", opt=access(P.HOLD_LIFT) | changes(HOLD), status_code=200, security=BEARER
    )
    async def ask(self, tx: NamedDependency[Tx], hold_id: FromPath[str], data: JSONBody[ToLift]) -> Hold:
        """Ask that a hold ends, and say why. A second person decides."""
        await service.ask_to_lift(tx, hold_id, data.reason)
        return await service.hold(tx, hold_id)

    @post("/holds/{hold_id:str}/lift", opt=access(P.HOLD_LIFT) | changes(HOLD), status_code=200, security=BEARER)
    async def lift(self, tx: NamedDependency[Tx], hold_id: FromPath[str]) -> Hold:
        """End a hold, as another person than who asked for it."""
        await service.lift(tx, hold_id)
        return await service.hold(tx, hold_id)


ROUTES = (RetentionApi,)
