"""One person with every role there is, and every route with its parameters filled in: for tests that walk them."""

import re
from collections.abc import Iterator

import httpx
import routed_once
from people import Visitor
from sqlalchemy import insert
from tendering import SETUP, Town

from procurement.identity import service as identity
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import sessions
from procurement.identity.tables import Membership
from procurement.infra.tx import Database
from procurement.infra.web.routes import Listed, listed
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role

ENDLESS = {"/api/v1/feed/stream"}


async def everybody(database: Database, client: httpx.AsyncClient, town: Town) -> Visitor:
    """The browser of somebody whom no route turns away for want of a role."""
    async with database.begin(SETUP) as tx:
        person = await identity.create_person(tx, name="Every Body", email="every@marrow.example")
        for organisation, roles in (
            (town.city, (Role.OFFICER, Role.APPROVER, Role.EVALUATOR, Role.OWNER)),
            (town.harbour, (Role.OWNER, Role.SIGNATORY, Role.MEMBER)),
        ):
            for role in roles:
                await identity.grant(tx, person, organisation, role)
        house = next(iter(town.ada.roles))[0]
        for role in (Role.ADMINISTRATOR, Role.AUDITOR):
            await identity.grant(tx, person, house, role)
        treasury = await identity.create_organisation(tx, name="Treasury of Marrow", kind="treasury", country="XM")
        # Nobody is given this beside another role, so that only here somebody holds both.
        both = {
            "id": new_id(),
            "person": person,
            "organisation": treasury,
            "role": Role.TREASURER,
            "since": tx.real_now,
        }
        await tx.session.execute(insert(Membership).values(both))
        session = await sessions.open_session(tx, person, "test", proved_by=ProvedBy.CODE)
    transport, base = client._transport, str(client.base_url)  # httpx has no public name for the first
    return Visitor(httpx.AsyncClient(transport=transport, base_url=base, cookies={"session": session}))


def routes() -> Iterator[Listed]:
    yield from listed(routed_once.routes())


def address(path: str, **known: str) -> str:
    """A route's address, its parameters filled in with what is `known`, and "0" elsewhere."""
    return re.sub(r"{(\w+):\w+}", lambda found: known.get(found[1], "0"), path)
