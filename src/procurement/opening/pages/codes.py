"""Key codes: an officer's or approver's own, made and checked by the keyholder."""

from typing import Any

import segno
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from markupsafe import Markup

from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import Enrolled
from procurement.keyholder.totp import uri
from procurement.opening import service
from procurement.opening.pages.opening import CodeForm, six_figures, with_field
from procurement.settings import Settings

HERE = "/account/keyholder"


class KeyCodes(Controller):
    path = HERE
    include_in_schema = False

    @get("/", opt=access(P.KEY_ENROL))
    async def state(self, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder]) -> Response[Any]:
        return page("opening/codes.html", enrolled=await service.enrolment(tx, keyholder), picture="")

    @post("/", opt=access(P.KEY_ENROL))
    async def enrol(
        self, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder], settings: NamedDependency[Settings]
    ) -> Response[Any]:
        """The secret, in the answer to this one request: reloading the page does not show it again."""
        secret = await service.enrol(tx, keyholder)
        issuer = settings.country_name or "Public procurement"
        drawn = segno.make_qr(uri(secret, "Key code", issuer)).svg_inline(scale=5, border=4, light="#fff", dark="#000")
        picture = Markup(drawn)  # noqa: S704  # drawn here, from a secret in base32
        headers = {"Cache-Control": "no-store"}
        return page("opening/codes.html", enrolled=Enrolled("waiting", secret), picture=picture, headers=headers)

    @post("/confirm", opt=access(P.KEY_ENROL))
    async def confirm(
        self, request: AnyRequest, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, CodeForm)
            await service.confirm_codes(tx, keyholder, six_figures(form.code))
        if tried.refused and tried.refused.code == "not-permitted":
            raise tried.refused
        if tried.refused:
            return await _again(tx, keyholder, tried.refused)
        return see_other(HERE)


async def _again(tx: Tx, keyholder: Keyholder, refused: Refused) -> Response[Any]:
    return page(
        "opening/codes.html", refused=with_field(refused), enrolled=await service.enrolment(tx, keyholder), picture=""
    )
