"""Passkeys: making them, signing in and stepping up with them. The question and its answer travel as JSON in forms."""

import logging
from typing import Any

import msgspec
from litestar import Controller, MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.pages import entry
from procurement.identity.pages.sign_in import DESK, sign_in_page
from procurement.identity.pages.step_up import ACCOUNT, step_up_page
from procurement.identity.rules import addresses
from procurement.identity.rules import passkeys as rules
from procurement.identity.rules.passkeys import RelyingParty
from procurement.identity.rules.strength import Demand, ProvedBy
from procurement.identity.service import passkeys, rates, second_factor, sessions
from procurement.infra.ratelimit import Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.settings import Settings

log = logging.getLogger(__name__)


class AnswerForm(msgspec.Struct, frozen=True):
    """`credential` is the PublicKeyCredential as JSON; empty where no script filled it in."""

    credential: str = ""
    next: str = ""


class NewForm(msgspec.Struct, frozen=True):
    credential: str = ""
    label: str = ""


class PasskeyPages(Controller):
    include_in_schema = False

    @post("/sign-in/passkey/question", opt=access("public"), status_code=200)
    async def sign_in_question(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[str]:
        await limits.spend(rates.QUESTIONS, peer(request, settings.trusted_proxy))
        return _json(await passkeys.ask(tx, _party(settings), door.browser(request), passkeys.SIGN_IN))

    @post("/sign-in/passkey", opt=access("public"))
    async def sign_in(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        form, person = await read_form(request, AnswerForm), ""
        to = addresses.next_page(form.next)
        async with tx.trying() as spent:
            await limits.spend(rates.PEER, peer(request, settings.trusted_proxy))
            challenge = await passkeys.spend(tx, form.credential, door.browser(request), passkeys.SIGN_IN)
        async with tx.trying() as tried:
            if not spent:
                person = await passkeys.answered(tx, _party(settings), challenge, form.credential)
        if refused := spent.refused or tried.refused:
            log.warning("sign-in refused: %s from %r", refused.code, peer(request, settings.trusted_proxy))
            return await sign_in_page(tx, settings, to, refused)
        return await entry.enter(request, tx, door, person, to or DESK, proved_by=ProvedBy.PASSKEY)

    @post("/account/step-up/passkey/question", opt=access("signed-in"), status_code=200)
    async def step_up_question(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        settings: NamedDependency[Settings],
    ) -> Response[str]:
        return _json(await passkeys.ask(tx, _party(settings), door.browser(request), passkeys.STEP_UP))

    @post("/account/step-up/passkey", opt=access("signed-in"))
    async def step_up(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        """The session goes on under a new token, as one that was proved by a passkey."""
        form, token = await read_form(request, AnswerForm), ""
        async with tx.trying() as spent:
            await limits.spend(rates.ACCOUNT, tx.actor.person)
            challenge = await passkeys.spend(tx, form.credential, door.browser(request), passkeys.STEP_UP)
        async with tx.trying() as tried:
            if not spent:
                if await passkeys.answered(tx, _party(settings), challenge, form.credential) != tx.actor.person:
                    raise rules.refused()
                token = await sessions.replace(tx, request.state.session, ProvedBy.PASSKEY)
        if refused := spent.refused or tried.refused:
            return await step_up_page(tx, settings, form.next, refused)
        return entry.with_session(see_other(addresses.next_page(form.next) or ACCOUNT), door, token)

    @get("/account/passkeys/new", opt=access("signed-in"))
    async def new_page(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Response[Any]:
        await second_factor.must_have_been_shown(tx)
        _party(settings)
        return page("identity/new_passkey.html")

    @post("/account/passkeys/question", opt=access("signed-in"), status_code=200)
    async def new_question(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        settings: NamedDependency[Settings],
    ) -> Response[str]:
        return _json(await passkeys.ask_to_make(tx, _party(settings), door.browser(request)))

    @post("/account/passkeys", opt=access("signed-in"))
    async def add(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        """Ends with a session that counts as proved by the passkey: it was just shown."""
        form, codes, token = await read_form(request, NewForm), list[str](), ""
        async with tx.trying() as spent:
            challenge = await passkeys.spend(tx, form.credential, door.browser(request), passkeys.ENROL)
        async with tx.trying() as tried:
            if not spent:
                codes = await passkeys.add(tx, _party(settings), challenge, form.credential, form.label)
                token = await sessions.replace(tx, request.state.session, ProvedBy.PASSKEY)
        refused = spent.refused or tried.refused
        if refused and refused.code == "step-up-needed":
            raise refused
        if refused:
            return page("identity/new_passkey.html", refused=refused, typed=request.state.typed)
        shown = page("identity/recovery_codes.html", codes=codes) if codes else see_other(ACCOUNT)
        return entry.with_session(shown, door, token)

    @post("/account/passkeys/{passkey_id:str}/remove", opt=access("signed-in"))
    async def remove(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], passkey_id: FromPath[str]
    ) -> Response[Any]:
        await passkeys.remove(tx, passkey_id, Demand(settings.staff_proof))
        return see_other(ACCOUNT)


def _party(settings: Settings) -> RelyingParty:
    party = rules.relying_party(settings.base_url)
    if party is None:
        raise rules.not_here()
    return party


def _json(options: str) -> Response[str]:
    return Response(options, media_type=MediaType.JSON)
