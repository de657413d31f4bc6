"""/sandbox/clock: a trainee moves legal time forward, for everyone in the practice republic."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Redirect, Template

from procurement.infra import sandbox
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, access
from procurement.infra.web.forms import read_form
from procurement.infra.web.pages import page, see_other
from procurement.kernel.refusal import Refused, invalid
from procurement.settings import Settings

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class ClockForm(msgspec.Struct):
    """Either a step or a moment (local official time) to move to."""

    step: str = ""
    until: str = ""


class ClockMove(msgspec.Struct, forbid_unknown_fields=True):
    seconds: Annotated[int, msgspec.Meta(gt=0)]


class Clock(msgspec.Struct):
    """Legal and real time of a sandbox (UTC)."""

    legal: datetime
    real: datetime


class SandboxPages(Controller):
    path = "/sandbox/clock"
    include_in_schema = False

    @get(opt=access("public"))
    async def clock(self, tx: NamedDependency[Tx]) -> Template:
        return await self._page(tx)

    @post(opt=access("signed-in"))
    async def move(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            form = await read_form(request, ClockForm)
            await sandbox.advance(tx, _step(form, tx.now, settings))
        if tried.refused:
            return await self._page(tx, tried.refused)
        return see_other("/sandbox/clock")

    async def _page(self, tx: Tx, refused: Refused | None = None) -> Template:
        sandbox.must_be_sandbox(tx)
        return page("sandbox/clock.html", refused=refused, real_now=tx.real_now, legal_now=tx.now)


class SandboxApi(Controller):
    path = "/api/v1/sandbox/clock"
    tags = ("Sandbox",)

    @get(opt=access("public"))
    async def read(self, tx: NamedDependency[Tx]) -> Clock:
        """The practice clock; 404 on a production service."""
        sandbox.must_be_sandbox(tx)
        return Clock(tx.now, tx.real_now)

    @post(opt=access("signed-in"), status_code=200)
    async def move(self, tx: NamedDependency[Tx], data: JSONBody[ClockMove]) -> Clock:
        """Move legal time forward, for everyone."""
        await sandbox.advance(tx, timedelta(seconds=data.seconds))
        return Clock(tx.now, tx.real_now)


def _step(form: ClockForm, now: datetime, settings: Settings) -> timedelta:
    if form.step in STEPS:
        return STEPS[form.step]
    try:
        until = datetime.fromisoformat(form.until).replace(tzinfo=ZoneInfo(settings.official_timezone))
    except ValueError:
        raise invalid("Choose a step, or write a moment to move to.", until="Write a date and time.") from None
    if until <= now:
        raise invalid("Legal time only moves forward.", until="Choose a moment in the future.")
    return until - now + timedelta(seconds=1)
