"""Who a program's token is."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from procurement.identity.service import registry
from procurement.infra.tx import Tx
from procurement.infra.web import access


class HeldRole(msgspec.Struct, frozen=True):
    organisation: str
    name: str
    kind: str
    role: str


class Me(msgspec.Struct, frozen=True):
    """The person by id, the organisation that the token acts for ("" when none), and the roles held in it."""

    person: str
    organisation: str
    roles: list[HeldRole]


class IdentityApi(Controller):
    path = "/api/v1"
    tags = ("identity",)

    @get("/me", opt=access("signed-in"))
    async def me(self, tx: NamedDependency[Tx]) -> Me:
        """The person and organisation that the bearer token stands for."""
        named = await registry.organisations(tx, {org for org, _ in tx.actor.roles})
        roles = [HeldRole(org, named[org].name, named[org].kind, role) for org, role in sorted(tx.actor.roles)]
        return Me(tx.actor.person, tx.actor.organisation, roles)


ROUTES = (IdentityApi,)
