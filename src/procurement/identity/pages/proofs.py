"""The authenticator app and the recovery codes."""

import io
from typing import Any

import msgspec
import segno
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from procurement.identity.pages import entry
from procurement.identity.rules.strength import Demand, ProvedBy
from procurement.identity.service import rates, second_factor, sessions
from procurement.infra.ratelimit import Limits
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused, unknown
from procurement.settings import Settings

ACCOUNT = "/account"


class CodeForm(msgspec.Struct, frozen=True):
    code: str


class ProofPages(Controller):
    path = ACCOUNT
    include_in_schema = False

    @post("/app", opt=access("signed-in"))
    async def begin_app(self, tx: NamedDependency[Tx]) -> Response[Any]:
        await second_factor.begin(tx)
        return see_other("/account/app")

    @get("/app", opt=access("signed-in"))
    async def app_page(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Response[Any]:
        return await _app(tx, settings)

    @get("/app/qr.svg", opt=access("signed-in"))
    async def app_qr(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Response[bytes]:
        """The secret as a picture: only while the app is being set up, and never cached."""
        setup = await second_factor.setup(tx, issuer(settings))
        if setup is None:
            raise unknown("page")
        drawn = io.BytesIO()
        segno.make_qr(setup[1]).save(drawn, kind="svg", scale=5, border=4, light="#fff", omitsize=True, xmldecl=False)
        return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})

    @post("/app/confirm", opt=access("signed-in"))
    async def confirm_app(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        """Ends with a session that counts as proved by a code: one was just shown."""
        codes, token = list[str](), ""
        async with tx.trying() as tried:
            form = await read_form(request, CodeForm)
            await limits.spend(rates.ACCOUNT, tx.actor.person)
            codes = await second_factor.confirm(tx, form.code)
            token = await sessions.replace(tx, request.state.session, ProvedBy.CODE)
        if tried.refused and tried.refused.code != "step-up-needed":
            return await _app(tx, settings, tried.refused)
        if tried.refused:
            raise tried.refused
        return entry.with_session(page("identity/recovery_codes.html", codes=codes), door, token)

    @post("/app/remove", opt=access("signed-in"))
    async def remove_app(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Response[Any]:
        await second_factor.switch_off(tx, Demand(settings.staff_proof))
        return see_other(ACCOUNT)

    @post("/recovery-codes", opt=access("signed-in"))
    async def new_codes(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return page("identity/recovery_codes.html", codes=await second_factor.new_recovery_codes(tx))


def issuer(settings: Settings) -> str:
    """How an authenticator app names this service."""
    return settings.country_name or "Public procurement"


async def _app(tx: Tx, settings: Settings, refused: Refused | None = None) -> Response[Any]:
    setup = await second_factor.setup(tx, issuer(settings))
    if setup is None:
        return see_other(ACCOUNT)
    return page("identity/app.html", refused=refused, secret=setup[0])
