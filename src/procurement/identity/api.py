"""Who a program's token is, proving that its owner stands behind it just now, and registering institutions."""

from datetime import datetime

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.identity.rules.institutions import NewInstitution
from procurement.identity.rules.proofs import ApiToken
from procurement.identity.rules.scopes import Scope
from procurement.identity.service import institutions, rates, registry, sign_in, tokens
from procurement.infra.ratelimit import Limits
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.repeated import OWN_KEYS
from procurement.kernel.permissions import P

BEARER = [{"bearer": list[str]()}]


class HeldRole(msgspec.Struct, frozen=True):
    organisation: str
    name: str
    kind: str
    role: str


class Me(msgspec.Struct, frozen=True):
    """The person by id, the organisation that the token acts for ("" when none), and the roles held in it. `token` is
    the public id of the token in use, `scopes` what it was made for: null where nothing narrows its owner's roles."""

    person: str
    organisation: str
    roles: list[HeldRole]
    token: str
    scopes: tuple[Scope, ...] | None


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The owner's password, or a code of their authenticator app. The fictional people of a sandbox need neither."""

    password: str = ""
    code: str = ""


class SteppedUp(msgspec.Struct, frozen=True):
    until: datetime


class Registered(msgspec.Struct, frozen=True):
    organisation: str


class IdentityApi(Controller):
    path = "/api/v1"
    tags = ("identity",)

    @get("/me", opt=access("signed-in"))
    async def me(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Me:
        """The person and organisation that the bearer token stands for."""
        named = await registry.organisations(tx, {org for org, _ in tx.actor.roles})
        roles = [HeldRole(org, named[org].name, named[org].kind, role) for org, role in sorted(tx.actor.roles)]
        used = request.state.session
        scopes = next(token.scopes for token in await tokens.tokens(tx, asking=used) if token.id == used)
        return Me(tx.actor.person, tx.actor.organisation, roles, used, scopes)

    @get("/me/tokens", opt=access("signed-in"), security=BEARER)
    async def own_tokens(self, request: AnyRequest, tx: NamedDependency[Tx]) -> list[ApiToken]:
        """One's own tokens that still work, newest first. A token made with scopes sees itself alone."""
        return await tokens.tokens(tx, asking=request.state.session)

    @delete("/me/tokens/{token_id:str}", opt=access("signed-in"), status_code=204, security=BEARER)
    async def revoke(self, request: AnyRequest, tx: NamedDependency[Tx], token_id: FromPath[str]) -> None:
        """End a token at once. A token made with scopes ends itself alone."""
        await tokens.revoke(tx, token_id, asking=request.state.session)

    @post("/me/step-up", opt=access("signed-in") | OWN_KEYS | NOT_REHEARSED, status_code=200, security=BEARER)
    async def step_up(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        limits: NamedDependency[Limits],
        data: JSONBody[Proof],
    ) -> SteppedUp:
        """Confirm that it is you. For five minutes this token, and no other, may open, approve an award and sign.

        Proving twice confirms twice: an `Idempotency-Key` is not looked at, and no proof is ever stored with one.
        """
        await limits.spend(rates.ACCOUNT, tx.actor.person)
        await sign_in.prove_again(tx, data.password, data.code)
        return SteppedUp(await tokens.step_up(tx, request.state.session))

    @post("/organisations", opt=access(P.ORGANISATION_REGISTER), status_code=201, security=BEARER)
    async def register(
        self, tx: NamedDependency[Tx], limits: NamedDependency[Limits], data: JSONBody[NewInstitution]
    ) -> Registered:
        """Register a buyer or an oversight body; its first people are invited by e-mail."""
        await limits.spend(rates.INVITE, tx.actor.organisation)
        return Registered(await institutions.register(tx, data))


ROUTES = (IdentityApi,)
