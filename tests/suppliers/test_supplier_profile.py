"""A supplier describes itself once; everyone reads it; nobody else writes it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor, system
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.suppliers import rules, service
from procurement.suppliers.rules import Details

pytestmark = pytest.mark.anyio
HARBOUR = Details(
    street="Quay 4", locality="Port Adeline", postal_code="1204", website="harbour.example",
    contact_email="Bids@harbour.example", small=True, categories=("45233140-2", "45111200", "45233140"),
)  # fmt: skip


def test_the_first_description_registers_and_later_ones_say_what_changed() -> None:
    stored, first = rules.describe("harbour", None, HARBOUR)
    assert isinstance(first, rules.SupplierRegistered) and first.categories == ["45111200", "45233140"]
    assert (stored.website, stored.contact_email) == ("https://harbour.example", "bids@harbour.example")
    assert rules.describe("harbour", stored, HARBOUR) == (stored, None)
    _, change = rules.describe("harbour", stored, Details(street="Quay 5", small=True))
    assert isinstance(change, rules.SupplierProfileChanged)
    assert change.changed == ["street", "locality", "postal_code", "website", "contact_email", "categories"]


def test_every_bad_answer_is_named_at_once() -> None:
    bad = Details(street="x" * 201, website="javascript:alert(1)", contact_email="nobody", categories=("4523",))
    with pytest.raises(Refused) as no:
        rules.describe("harbour", None, bad)
    assert sorted(no.value.fields) == ["categories", "contact_email", "street", "website"]


@pytest.fixture
async def harbour(database: Database) -> AsyncIterator[tuple[str, Actor]]:
    async with database.begin(system("setup")) as tx:
        person = await identity.create_person(tx, name="Ines Duarte", email="ines@harbour.example", fictional=True)
        organisation = await identity.create_organisation(
            tx, name="Harbour Paving Co-operative", kind="supplier", country="XM"
        )
        await identity.grant(tx, person, organisation, Role.OWNER)
    roles = frozenset({(organisation, Role.OWNER)})
    yield organisation, Actor(person=person, roles=roles, organisation=organisation)


async def test_a_profile_is_there_from_registration_on_and_its_owner_fills_it(
    database: Database, harbour: tuple[str, Actor]
) -> None:
    organisation, owner = harbour
    async with database.begin(owner) as tx:
        assert (await service.profile(tx, organisation)).details == Details()
        await service.describe(tx, organisation, HARBOUR)
    async with database.begin(Actor()) as tx:
        profile = await service.profile(tx, organisation)
    assert (profile.legal_name, profile.details.locality) == ("Harbour Paving Co-operative", "Port Adeline")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SIGNATORY, Role.ADMINISTRATOR, None])
async def test_only_its_owner_describes_a_supplier(
    database: Database, harbour: tuple[str, Actor], role: Role | None
) -> None:
    organisation, _ = harbour
    roles = frozenset({(organisation, role)} if role else {("elsewhere", Role.OWNER)})
    async with database.begin(Actor(person="somebody", roles=roles, organisation=organisation)) as tx:
        async with tx.trying() as tried:
            await service.describe(tx, organisation, HARBOUR)
        assert tried.refused and tried.refused.code == "not-permitted"
        assert (await service.profile(tx, organisation)).details == Details()


async def test_a_buyer_is_no_supplier(database: Database) -> None:
    async with database.begin(system("setup")) as tx:
        city = await identity.create_organisation(tx, name="City of Marrow", kind="buyer", country="XM")
        assert await service.profiles(tx, [city]) == {}
        with pytest.raises(Refused, match="no such supplier"):
            await service.profile(tx, city)


async def test_the_page_keeps_what_was_typed_and_the_interface_shows_what_was_saved(
    client: httpx.AsyncClient, harbour: tuple[str, Actor]
) -> None:
    organisation, owner = harbour

    async def send(path: str, page: str, **fields: str) -> httpx.Response:
        token = (await client.get(page)).text.split('name="_token" value="')[1].split('"')[0]
        return await client.post(path, data={"_token": token, **fields})

    await send("/practice/sign-in", "/sign-in", person=owner.person)
    profile = "/supplier/profile"
    bad = await send(profile, profile, street="Quay 4", website="not a site", categories="paving")
    assert bad.status_code == 422 and 'value="Quay 4"' in bad.text and 'href="#website"' in bad.text
    good = await send(profile, profile, street="Quay 4", small="yes", categories="45233140, 45111200")
    assert good.headers["location"] == "/supplier/profile?saved=true"
    assert "Saved" in (await client.get(good.headers["location"])).text
    shown = (await client.get(f"/api/v1/suppliers/{organisation}")).json()
    assert shown["details"]["categories"] == ["45111200", "45233140"] and shown["details"]["small"] is True
    unknown = await client.get("/api/v1/suppliers/nobody")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/supplier-unknown")
