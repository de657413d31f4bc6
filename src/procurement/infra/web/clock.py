"""`/api/v1/time`: the legal time, by which deadlines are decided. Countdowns run by it, never by a visitor's clock."""

from datetime import datetime

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from procurement.infra.freshness import Freshness
from procurement.infra.web.door import access
from procurement.kernel.refusal import Refused


class LegalTime(msgspec.Struct, frozen=True):
    """The database's clock (UTC), in a practice republic the one that can be moved."""

    now: datetime


class ClockApi(Controller):
    path = "/api/v1/time"
    tags = ("public record",)

    @get(opt=access("public"))
    async def time(self, fresh: NamedDependency[Freshness]) -> LegalTime:
        """The legal time at some moment between the request and its answer."""
        try:
            return LegalTime((await fresh.ask(())).now)
        except Exception as lost:
            raise Refused("unavailable", "The legal clock cannot be read just now.", status=503) from lost
