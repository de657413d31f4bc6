"""Signing in with a provider: there and back, and whom it stands for here.

The provider is asked while no transaction is open: however slow it is, it holds no connection to the database.
"""

import logging
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity.pages import entry
from procurement.identity.pages.sign_in import DESK, sign_in_page
from procurement.identity.pages.step_up import ACCOUNT, step_up_page
from procurement.identity.proof_tables import ProviderVisit
from procurement.identity.rules import addresses
from procurement.identity.rules import providers as rules
from procurement.identity.rules.providers import Vouched
from procurement.identity.service import providers, rates, sessions
from procurement.infra.oidc import Answer, Provider, Providers
from procurement.infra.ratelimit import Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused, unknown
from procurement.settings import Settings

log = logging.getLogger(__name__)


class NewForm(msgspec.Struct, frozen=True):
    name: str = ""


class ProviderPages(Controller):
    include_in_schema = False

    @get("/sign-in/with/{provider:str}", opt=access("public"))
    async def leave(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        oidc: NamedDependency[Providers],
        settings: NamedDependency[Settings],
        provider: FromPath[str],
        next: FromQuery[str] = "",
    ) -> Response[Any]:
        await limits.spend(rates.QUESTIONS, peer(request, settings.trusted_proxy))
        return await _leave(request, door, settings, _known(oidc, provider), next, again=False)

    @get("/account/step-up/with/{provider:str}", opt=access("signed-in"))
    async def leave_to_confirm(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        oidc: NamedDependency[Providers],
        settings: NamedDependency[Settings],
        provider: FromPath[str],
        next: FromQuery[str] = "",
    ) -> Response[Any]:
        return await _leave(request, door, settings, _known(oidc, provider), next, again=True)

    @get("/sign-in/with/{provider:str}/back", opt=access("public"))
    async def back(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        oidc: NamedDependency[Providers],
        settings: NamedDependency[Settings],
        provider: FromPath[str],
    ) -> Response[Any]:
        """The state is spent whatever comes of it; then the provider is asked; then somebody is signed in, or not."""
        asked, visit = _known(oidc, provider), None
        said = {name: request.query_params.get(name, "") for name in ("state", "code", "error", "iss")}
        state, answer = said.pop("state"), Answer(**said)
        try:
            await limits.spend(rates.PEER, peer(request, settings.trusted_proxy))
            async with door.open(request) as tx:
                visit = await providers.come_back(tx, provider, state, door.browser(request))
            claims = await asked.claims(answer, _redirect_uri(settings, provider), visit.nonce, visit.verifier)
            one = rules.vouched(provider, claims, asked.known.strong_acr)
        except Refused as no:
            log.warning("sign-in refused: %s from %r", no.code, peer(request, settings.trusted_proxy))
            async with door.open(request) as tx:
                return await _not_in(tx, settings, visit, no)
        async with door.open(request) as tx:
            if visit.person:
                return await _confirm(request, tx, door, settings, visit, one)
            return await _enter(request, tx, door, settings, asked, visit, one)

    @get("/sign-in/known/{token:str}", opt=access("public"))
    async def arrived(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        oidc: NamedDependency[Providers],
        token: FromPath[str],
    ) -> Response[Any]:
        return await _arrived(request, tx, door, oidc, token)

    @post("/sign-in/known/{token:str}/link", opt=access("signed-in"))
    async def link(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        oidc: NamedDependency[Providers],
        token: FromPath[str],
    ) -> Response[Any]:
        async with tx.trying() as tried:
            await providers.link(tx, token, _visit(request, door))
        if tried.refused and tried.refused.code in ("step-up-needed", "provider-visit-expired"):
            raise tried.refused
        if tried.refused:
            return await _arrived(request, tx, door, oidc, token, tried.refused)
        return see_other(ACCOUNT)

    @post("/sign-in/known/{token:str}/new", opt=access("public"))
    async def make_account(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        oidc: NamedDependency[Providers],
        settings: NamedDependency[Settings],
        token: FromPath[str],
    ) -> Response[Any]:
        person, how = "", None
        async with tx.trying() as tried:
            form = await read_form(request, NewForm)
            await limits.spend(rates.REGISTER, peer(request, settings.trusted_proxy))
            how = await providers.arrival(tx, token, _visit(request, door))
            person = await providers.make_account(tx, token, _visit(request, door), form.name)
        if tried.refused or how is None:
            return await _arrived(request, tx, door, oidc, token, tried.refused)
        proved_by = rules.proved_by(how.strong)
        return await entry.enter(request, tx, door, person, "/register", proved_by=proved_by, provider=how.provider)

    @post("/account/providers/{provider:str}/remove", opt=access("signed-in"))
    async def unlink(
        self, tx: NamedDependency[Tx], oidc: NamedDependency[Providers], provider: FromPath[str]
    ) -> Response[Any]:
        await providers.unlink(tx, provider, _known(oidc, provider).known.issuer)
        return see_other(ACCOUNT)

    @get("/signed-out/{provider:str}", opt=access("public"))
    async def signed_out(
        self, oidc: NamedDependency[Providers], settings: NamedDependency[Settings], tx: NamedDependency[Tx],
        provider: FromPath[str],
    ) -> Response[Any]:  # fmt: skip
        """Signed out here; where the provider offers it, a link to sign out there too."""
        asked = _known(oidc, provider)
        there = await asked.way_out(f"{settings.base_url}/")
        return page("identity/signed_out.html", there=there, title=asked.known.title)


async def _leave(
    request: AnyRequest, door: Door, settings: Settings, asked: Provider, to: str, *, again: bool
) -> Response[Any]:
    """To the provider; or, where it does not answer, back to the other ways with a plain word."""
    key = asked.known.key
    async with door.open(request) as tx:
        begun = await providers.begin(tx, key, door.browser(request), addresses.next_page(to), again=again)
    try:
        there = await asked.way_there(
            _redirect_uri(settings, key), begun.state, begun.nonce, begun.verifier, again=again
        )
    except Refused as no:
        async with door.open(request) as tx:
            return await (step_up_page if again else sign_in_page)(tx, settings, to, no)
    return see_other(there)


async def _confirm(
    request: AnyRequest, tx: Tx, door: Door, settings: Settings, visit: ProviderVisit, one: Vouched
) -> Response[Any]:
    token = ""
    async with tx.trying() as tried:
        await providers.must_be(tx, visit, one)
        token = await sessions.replace(tx, request.state.session, one.proved_by)
    if tried.refused:
        return await step_up_page(tx, settings, visit.next, tried.refused)
    return entry.with_session(see_other(visit.next or ACCOUNT), door, token)


async def _enter(
    request: AnyRequest, tx: Tx, door: Door, settings: Settings, asked: Provider, visit: ProviderVisit, one: Vouched
) -> Response[Any]:
    """Whoever is known is in; whoever is not is asked first who they are here."""
    person = await providers.known(tx, one)
    if person:
        return await entry.enter(
            request, tx, door, person, visit.next or DESK, proved_by=one.proved_by, provider=one.provider
        )
    token = ""
    async with tx.trying() as tried:
        rules.must_have_an_address(one, asked.known.title)
        token = await providers.arrive(tx, one, _visit(request, door))
    if tried.refused:
        return await _not_in(tx, settings, visit, tried.refused)
    return see_other(f"/sign-in/known/{quote(token)}")


async def _not_in(tx: Tx, settings: Settings, visit: ProviderVisit | None, no: Refused) -> Response[Any]:
    """The page from which it began, with what went wrong."""
    to = visit.next if visit else ""
    return await (step_up_page if visit and visit.person else sign_in_page)(tx, settings, to, no)


async def _arrived(
    request: AnyRequest, tx: Tx, door: Door, oidc: Providers, token: str, refused: Refused | None = None
) -> Response[Any]:
    async with tx.trying() as tried:
        waiting = await providers.arrival(tx, token, _visit(request, door))
    if tried.refused:
        return page("identity/link_dead.html", refused=tried.refused, again="")
    return page(
        "identity/arrived.html",
        refused=refused,
        typed=request.state.typed if refused else None,
        waiting=waiting,
        token=token,
        has_account=await providers.has_account(tx, waiting),
        title=oidc.titles.get(waiting.provider, waiting.provider),
    )


def _known(oidc: Providers, key: str) -> Provider:
    if key not in oidc.by_key:
        raise unknown("provider")
    return oidc.by_key[key]


def _redirect_uri(settings: Settings, key: str) -> str:
    """Each provider has its own, so that no answer is taken for another's."""
    return f"{settings.base_url}/sign-in/with/{key}/back"


def _visit(request: AnyRequest, door: Door) -> str:
    """What this browser is known by before and after signing in."""
    return request.cookies.get(door.cookies.visit, "")
