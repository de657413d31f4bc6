"""A token does what it was made for, and never more than its owner may."""

import asyncpg
import httpx
import msgspec
import pytest
from tendering import Town, Visitor, visitor

from procurement.identity.rules import scopes
from procurement.identity.rules.scopes import Scope
from procurement.identity.service import tokens
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import GRANTS, P, Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio
ME = "/api/v1/me"


async def with_scopes(
    database: Database, client: httpx.AsyncClient, actor: Actor, *chosen: Scope, days: int = 1
) -> httpx.AsyncClient:
    """A program of somebody's, with a token of these scopes."""
    async with database.begin(actor) as tx:
        tx.actor = msgspec.structs.replace(actor, stepped_up_at=tx.real_now)
        bearer = await tokens.issue_for(tx, "narrow", days, actor.organisation, chosen)
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx.AsyncClient(transport=client._transport, base_url=str(client.base_url), headers=headers)


def test_every_permission_is_in_a_scope_or_never_a_programs() -> None:
    named = frozenset().union(*scopes.PERMISSIONS.values())
    assert set(P) - named == scopes.IN_PERSON, "put the permission into a scope of identity/rules/scopes.py"
    assert not named & scopes.IN_PERSON


@pytest.mark.parametrize("role", Role)
def test_a_limit_takes_away_and_never_gives(role: Role) -> None:
    free = Actor(person="p", roles=frozenset({("here", role)}), organisation="here")
    for scope in Scope:
        narrow = msgspec.structs.replace(free, limit=scopes.limit([scope]))
        for permission in P:
            within = permission in GRANTS[role] and permission in scopes.PERMISSIONS[scope]
            assert narrow.may(permission, of="here") == within
            assert bool(narrow.organisations_with(permission)) == within


async def test_a_token_for_reading_reads_and_changes_nothing(
    database: Database, client: httpx.AsyncClient, town: Town, olga: httpx.AsyncClient, draft: dict[str, object]
) -> None:
    made = (await olga.post("/api/v1/tenders", json=draft)).json()
    reader = await with_scopes(database, client, town.olga, Scope.READ)
    address = f"/api/v1/tenders/{made['id']}"
    assert (await reader.get(address)).json() == made
    for answer in (
        await reader.post("/api/v1/tenders", json=draft),
        await reader.post(f"{address}/extension/decline"),
        await reader.post("/api/v1/sandbox/clock", json={"seconds": 5}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-permitted")
    assert (await reader.get(ME)).json()["scopes"] == ["read"]


async def test_scopes_are_asked_with_each_permission(
    database: Database, client: httpx.AsyncClient, town: Town, draft: dict[str, object]
) -> None:
    drafting = await with_scopes(database, client, town.omar, Scope.RUN_TENDERS)
    made = (await drafting.post("/api/v1/tenders", json=draft)).json()["id"]
    assert (await drafting.post(f"/api/v1/tenders/{made}/return", json={"reason": "Too dear."})).status_code == 403
    approving = await with_scopes(database, client, town.omar, Scope.APPROVE)
    assert (await approving.post("/api/v1/tenders", json=draft)).status_code == 403
    assert (await approving.get(f"/api/v1/tenders/{made}")).status_code == 200


async def test_nobody_gives_a_token_what_they_may_not_do_there(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    for organisation, chosen, code in (
        (town.city, {Scope.BID}, "form-invalid"),
        (town.city, set(), "form-invalid"),
        (town.roads, {Scope.READ}, "organisation-unknown"),
    ):
        async with database.begin(town.olga) as tx:
            tx.actor = msgspec.structs.replace(town.olga, stepped_up_at=tx.real_now)
            with pytest.raises(Refused) as no:
                await tokens.issue_for(tx, "x", 1, organisation, chosen)
            assert no.value.code == code


async def test_a_role_that_ends_takes_its_part_of_the_token(
    database: Database, client: httpx.AsyncClient, town: Town, owner: asyncpg.Connection
) -> None:
    reader = await with_scopes(database, client, town.olga, Scope.READ)
    assert (await reader.get("/api/v1/tenders")).status_code == 200
    await owner.execute("UPDATE membership SET until = clock_timestamp() WHERE person = $1", town.olga.person)
    assert (await reader.get("/api/v1/tenders")).status_code == 403


async def test_an_owner_ends_all_tokens_and_a_narrow_one_itself_alone(
    database: Database, client: httpx.AsyncClient, town: Town, olga: httpx.AsyncClient
) -> None:
    narrow = await with_scopes(database, client, town.olga, Scope.RUN_TENDERS)
    own = (await olga.get(f"{ME}/tokens")).json()
    assert {one["label"]: one["scopes"] for one in own} == {"narrow": ["run-tenders"], "test": None}
    ids = {one["label"]: one["id"] for one in own}
    assert [one["id"] for one in (await narrow.get(f"{ME}/tokens")).json()] == [ids["narrow"]]
    assert (await narrow.delete(f"{ME}/tokens/{ids['test']}")).status_code == 404
    assert (await narrow.delete(f"{ME}/tokens/{ids['narrow']}")).status_code == 204
    assert (await narrow.get(ME)).status_code == 401
    another = await with_scopes(database, client, town.olga, Scope.READ)
    made = (await another.get(ME)).json()["token"]
    assert (await olga.delete(f"{ME}/tokens/{made}")).status_code == 204
    assert (await another.get(ME)).status_code == 401


async def test_a_person_makes_one_on_the_account_page(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    olga: Visitor = await visitor(database, client, town.olga)
    form = await olga.get("/account/tokens/new")
    assert "Run tenders" in form.text
    assert "Prepare, submit and withdraw bids" not in form.text and "Administer" not in form.text
    wanted = {"label": "planning", "organisation": town.city, "scopes": ["read", "run-tenders"], "days": "30"}
    made = await olga.send("/account/tokens/new", "/account/tokens", **wanted)
    assert made.status_code == 200 and "pm_" in made.text
    assert "Read, Run tenders" in (await olga.get("/account")).text
    nothing = await olga.send("/account/tokens/new", "/account/tokens", **(wanted | {"scopes": []}))
    assert nothing.status_code == 422 and 'value="planning"' in nothing.text
