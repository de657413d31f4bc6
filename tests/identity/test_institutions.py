"""Administrators register buyers and oversight bodies, whose first people are invited by letter."""

import httpx
import pytest
from browsing import PASSWORD, SETUP, Browser, Republic, facts, link_in
from waiting import Letters

from procurement.identity import service as identity
from procurement.identity.rules.institutions import NewInstitution
from procurement.identity.service import institutions, tokens
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio

KELL = {
    "kind": "buyer",
    "name": "Town of Kell",
    "country": "XM",
    "owner": "mara@kell.example",
    "officer": "oskar@kell.example",
    "approver": "anna@kell.example",
}


@pytest.fixture
async def office(database: Database, republic: Republic) -> str:
    """The State Procurement Office; Olga works there too, as administrator."""
    async with database.begin(SETUP) as tx:
        made = await identity.create_organisation(tx, name="State Procurement Office", kind="oversight", country="XM")
        await identity.grant(tx, republic.olga, made, Role.ADMINISTRATOR)
    return made


def administrator(republic: Republic, office: str) -> Actor:
    return Actor(person=republic.olga, organisation=office, roles=frozenset({(office, Role.ADMINISTRATOR)}))


async def test_a_buyer_is_registered_and_its_first_people_get_letters(
    browser: Browser, republic: Republic, office: str, letters: Letters, database: Database, another: Browser
) -> None:
    await browser.sign_in("olga@marrow.example")
    await browser.prove_more()
    await browser.send("/account", "/account/organisation", organisation=office)
    answer = await browser.send("/organisations", **KELL)
    assert answer.status_code == 303
    page = (await browser.get(answer.headers["location"])).text
    assert "Town of Kell" in page and "It has no owner yet" in page
    assert (await facts(database))[-4:] == ["OrganisationRegistered", *["MemberInvited"] * 3]
    found = await letters()
    assert {letter.to for letter in found} == {KELL["owner"], KELL["officer"], KELL["approver"]}
    link = link_in(next(letter for letter in found if letter.to == KELL["owner"]), "/invitations")
    assert "Owner" in (await another.get(link)).text
    accepted = await another.send(link, name="Mara Holt", password=PASSWORD)
    assert accepted.headers["location"] == "/account/protect?next=/desk"
    await another.prove_more()
    assert "Its owner invites and removes people" in (await browser.get(answer.headers["location"])).text
    assert "Town of Kell" in (await another.get("/organisation")).text


async def test_every_wrong_field_is_named_at_once_and_nothing_is_kept(
    browser: Browser, republic: Republic, office: str, database: Database
) -> None:
    await browser.sign_in("olga@marrow.example")
    await browser.prove_more()
    before = await facts(database)
    wrong = {"kind": "supplier", "name": "", "country": "Marrow", "owner": "nobody", "officer": "x", "approver": "x"}
    answer = await browser.send("/organisations", **wrong)
    assert answer.status_code == 422
    kinds = "Choose a buyer, an oversight body or the treasury."
    for words in (kinds, "two letters", "name@example.org", "Somebody else"):
        assert words in answer.text, words
    assert "Marrow" in answer.text and await facts(database) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"approver": "OSKAR@kell.example "}, "approver"),  # the same person under another spelling
        ({"kind": "oversight"}, "officer"),
        ({"owner": ""}, "owner"),
    ],
)
async def test_whom_a_body_cannot_begin_with(
    database: Database, republic: Republic, office: str, change: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as no:
        async with database.begin(administrator(republic, office)) as tx:
            await institutions.register(tx, NewInstitution(**(KELL | change)))
    assert no.value.code == "form-invalid" and field in no.value.fields


async def test_only_administrators_register(browser: Browser, republic: Republic) -> None:
    for email in ("olga@marrow.example", "ines@marrow.example"):
        await browser.sign_in(email)
        assert (await browser.client.get("/organisations")).status_code == 403
        assert (await browser.send("/account", "/organisations", **KELL)).status_code == 403


async def test_a_known_register_number_is_not_registered_twice(
    database: Database, republic: Republic, office: str
) -> None:
    numbered = NewInstitution(**KELL, identifier_scheme="XM-REG", identifier="118-204")
    with pytest.raises(Refused, match="registered already"):
        async with database.begin(administrator(republic, office)) as tx:
            await institutions.register(tx, numbered)


async def test_a_lost_letter_to_the_owner_is_written_again_until_there_is_one(
    database: Database, republic: Republic, office: str, letters: Letters
) -> None:
    actor = administrator(republic, office)
    async with database.begin(actor) as tx:
        kell = await institutions.register(tx, NewInstitution(**KELL))
        await institutions.invite_owner(tx, kell, "mara.holt@kell.example")
    assert "mara.holt@kell.example" in {letter.to for letter in await letters()}
    async with database.begin(SETUP) as tx:
        await identity.grant(tx, republic.tom, kell, Role.OWNER)
    with pytest.raises(Refused) as no:
        async with database.begin(actor) as tx:
            await institutions.invite_owner(tx, kell, "mallory@kell.example")
    assert no.value.code == "organisation-owned"
    with pytest.raises(Refused) as no:
        async with database.begin(actor) as tx:
            await institutions.invite_owner(tx, republic.harbour, "mallory@kell.example")
    assert no.value.code == "organisation-unknown", "suppliers look after themselves"


async def test_the_list_goes_on_where_the_page_before_ended(
    database: Database, republic: Republic, office: str
) -> None:
    async with database.begin(administrator(republic, office)) as tx:
        first = await institutions.institutions(tx, limit=1)
        rest = await institutions.institutions(tx, after=first[0].organisation.id)
    assert [one.organisation.name for one in first + rest] == ["City of Marrow", "State Procurement Office"]
    assert [one.missing for one in first + rest] == [(Role.OWNER,), ()]
    assert [one.people for one in first + rest] == [2, 1]


async def test_a_program_registers_a_buyer(
    client: httpx.AsyncClient, database: Database, republic: Republic, office: str
) -> None:
    async with database.begin(administrator(republic, office)) as tx:
        tx.actor = Actor(person=republic.olga, organisation=office, roles=tx.actor.roles, stepped_up_at=tx.real_now)
        bearer = {"authorization": f"Bearer {await tokens.issue(tx, 'register', 1)}"}
    made = await client.post("/api/v1/organisations", json=KELL, headers=bearer)
    assert made.status_code == 201
    async with database.begin(SETUP) as tx:
        assert (await identity.organisation(tx, made.json()["organisation"])).name == "Town of Kell"
    odd = await client.post("/api/v1/organisations", json=KELL | {"verified": True}, headers=bearer)
    assert odd.status_code in (400, 422), "an unknown field is refused"


async def test_nobody_of_the_treasury_works_anywhere_else(database: Database, republic: Republic, office: str) -> None:
    """Whoever registers a treasury, or buys, would else invite themselves and see who bids."""
    async with database.begin(SETUP) as tx:
        house = await identity.create_organisation(tx, name="Treasury of Marrow", kind="treasury", country="XM")
        branch = await identity.create_organisation(tx, name="Treasury of Kell", kind="treasury", country="XM")
        cass = await identity.create_person(tx, name="Cass Orrin", email="cass@treasury.example")
        await identity.grant(tx, cass, house, Role.OWNER)
        await identity.grant(tx, cass, branch, Role.TREASURER)
    for person, at, role in (
        (republic.olga, house, Role.TREASURER),
        (republic.olga, house, Role.OWNER),
        (republic.ines, house, Role.TREASURER),
        (cass, republic.city, Role.OFFICER),
        (cass, office, Role.AUDITOR),
    ):
        async with database.begin(SETUP) as tx:
            with pytest.raises(Refused) as no:
                await identity.grant(tx, person, at, role)
            assert no.value.code == "conflict-of-interest"
