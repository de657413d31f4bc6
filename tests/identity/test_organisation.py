"""Registering, inviting, changing roles, leaving: who may, what is recorded, and what another organisation sees."""

import re

import asyncpg
import httpx
import pytest
from browsing import PASSWORD, SETUP, Browser, Republic, facts, link_in
from waiting import Letters

from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio
INES, TOM, OLGA = "ines@marrow.example", "tom@marrow.example", "olga@marrow.example"
NEWCOMER = {
    "organisation": "Adler Strassenbau", "country": "xm", "identifier_scheme": "XM-REG", "identifier": "77-001",
    "name": "Anna Adler", "email": "anna@adler.example", "password": PASSWORD,
}  # fmt: skip


async def register(browser: Browser, letters: Letters, to: str = "/register") -> httpx.Response:
    """The form, the letter, its link and the button behind it."""
    answer = await browser.send(to, **NEWCOMER)
    assert answer.status_code == 200 and "Look into your mailbox" in answer.text and not browser.session
    assert NEWCOMER["email"] in answer.text, "who mistyped it sees it here"
    [letter] = [one for one in await letters() if one.to == NEWCOMER["email"]]
    link = link_in(letter, "/register")
    assert "Adler Strassenbau" in (await browser.get(link)).text and not browser.session
    return await browser.send(link)


async def test_a_newcomer_registers_by_a_letter_and_is_owner_and_signatory(
    browser: Browser, database: Database, letters: Letters
) -> None:
    answer = await register(browser, letters)
    assert answer.headers["location"] == "/register/done"
    assert "can bid" in (await browser.get("/register/done")).text
    page = (await browser.get("/organisation")).text
    assert "Adler Strassenbau" in page and "Owner, Signatory" in page and "XM-REG 77-001" in page
    assert await facts(database) == ["OrganisationRegistered", "MembershipGranted", "MembershipGranted"]


async def test_the_record_of_a_registration_names_the_person_by_id_alone(
    browser: Browser, owner: asyncpg.Connection, letters: Letters
) -> None:
    await register(browser, letters)
    rows = await owner.fetch("SELECT body, actor FROM ledger_record")
    person = await owner.fetchval("SELECT id FROM person")
    assert {row["actor"] for row in rows} == {f"person:{person}"}
    assert not [row for row in rows if b"Anna" in row["body"] or b"anna@" in row["body"]]


async def test_every_bad_field_is_named_at_once_and_nothing_is_made(
    browser: Browser, owner: asyncpg.Connection
) -> None:
    bad = NEWCOMER | {
        "email": "anna",
        "password": "short",
        "country": "Marrow",
        "identifier_scheme": "",
        "name": "\x07",
    }
    answer = await browser.send("/register", **NEWCOMER | bad)
    assert answer.status_code == 422
    for field in ("email", "password", "country", "identifier", "name"):
        assert f'href="#{field}"' in answer.text
    assert "Adler Strassenbau" in answer.text and 'value="short"' not in answer.text
    assert await owner.fetchval("SELECT count(*) FROM person") == 0


async def test_an_organisation_registers_once(browser: Browser, republic: Republic, owner: asyncpg.Connection) -> None:
    answer = await browser.send("/register", **NEWCOMER | {"identifier": "118-204"})
    assert (answer.status_code, "This number is registered already." in answer.text) == (409, True)
    assert await owner.fetchval("SELECT count(*) FROM registration") == 0


async def test_nobody_learns_by_registering_who_has_an_account(
    browser: Browser, another: Browser, republic: Republic, owner: asyncpg.Connection, letters: Letters
) -> None:
    """The same status, body and stored work; the letter alone differs, and it goes to whoever reads the mailbox."""
    answers = []
    for one, email in ((browser, "anna@adler.example"), (another, "Ines@marrow.example")):
        answer = await one.send("/register", **NEWCOMER | {"email": email})
        body = answer.text.replace(email, "what was typed")
        answers.append((answer.status_code, re.sub(r'name="_token" value="\w*"', "", body)))
    assert answers[0] == answers[1] and answers[0][0] == 200
    stored = await owner.fetch("SELECT length(password_hash) AS hash, token_sha256 FROM registration")
    assert len(stored) == 2 and stored[0] == stored[1]
    subjects = {letter.to: letter.subject for letter in await letters()}
    assert subjects[INES] == "You have an account already"
    assert subjects["anna@adler.example"] == "Finish the registration of Adler Strassenbau"
    assert await owner.fetchval("SELECT count(*) FROM person WHERE name = 'Anna Adler'") == 0


async def test_the_link_of_a_registration_works_once_and_in_time(
    browser: Browser, another: Browser, owner: asyncpg.Connection, letters: Letters
) -> None:
    await browser.send("/register", **NEWCOMER)
    link = link_in((await letters())[0], "/register")
    await owner.execute("UPDATE registration SET expires_at = clock_timestamp()")
    assert (await browser.get(link)).status_code == 410
    await owner.execute("UPDATE registration SET expires_at = clock_timestamp() + interval '1 day'")
    assert (await browser.send(link)).status_code == 303 and browser.session
    again = await another.send("/register", link)
    assert again.status_code == 410 and not another.session
    assert await owner.fetchval("SELECT email_proved_at IS NOT NULL FROM person WHERE name = 'Anna Adler'")


async def test_who_has_an_account_registers_another_organisation_without_a_letter(
    browser: Browser, republic: Republic
) -> None:
    await browser.sign_in(INES)
    assert 'name="password"' not in (await browser.get("/register")).text
    named = {name: NEWCOMER[name] for name in ("organisation", "country", "identifier_scheme", "identifier")}
    assert (await browser.send("/register", **named)).headers["location"] == "/register/done"
    assert "Adler Strassenbau" in (await browser.get("/organisation")).text


async def test_inviting_tells_nobody_who_has_an_account(
    browser: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    """Only the link does, and it goes to the mailbox of that address."""
    await browser.sign_in(INES)
    answers = []
    for email in ("nobody@marrow.example", OLGA):
        answer = await browser.send("/organisation", "/organisation/invitations", email=email, role="member")
        answers.append((answer.status_code, answer.headers.get("location")))
    assert answers[0] == answers[1] == (303, "/organisation")


async def test_an_address_is_invited_ten_times_a_day_at_most_however_it_is_spelled(
    browser: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    """Else anybody with an organisation could fill a stranger's mailbox."""
    await browser.sign_in(INES)
    statuses = []
    for email in [*["ana@marrow.example", "Ana@Marrow.example"] * 5, " ANA@marrow.example", "ben@marrow.example"]:
        answer = await browser.send("/organisation", "/organisation/invitations", email=email, role="member")
        statuses.append(answer.status_code)
    assert statuses == [303] * 10 + [429, 303]
    assert await owner.fetchval("SELECT count(*) FROM invitation WHERE email = 'ana@marrow.example'") == 10


async def test_a_form_with_a_field_of_its_own_is_refused(browser: Browser) -> None:
    answer = await browser.send("/register", **NEWCOMER, kind="buyer")
    assert answer.status_code == 422


async def test_a_newcomer_accepts_an_invitation_and_is_signed_in(
    browser: Browser, another: Browser, republic: Republic, letters: Letters, database: Database
) -> None:
    await browser.sign_in(INES)
    sent = await browser.send(
        "/organisation", "/organisation/invitations", email="Ana@marrow.example", role="signatory"
    )
    assert sent.status_code == 303
    [letter] = await letters()
    assert letter.subject == "You are invited to join Harbour Paving Co-operative" and "Ines Duarte" in letter.text
    link = link_in(letter, "/invitations")
    assert "Harbour Paving Co-operative" in (await another.get(link)).text
    accepted = await another.send(link, name="Ana Sol", password=PASSWORD)
    assert accepted.headers["location"] == "/desk"
    assert "Ana Sol" in (await another.get("/organisation")).text
    assert (await facts(database))[-2:] == ["MemberInvited", "MembershipGranted"]
    again = await another.send("/recover", link, name="Eve", password=PASSWORD)
    assert again.status_code == 410


async def test_somebody_with_an_account_accepts_with_it(
    browser: Browser, another: Browser, republic: Republic, letters: Letters
) -> None:
    await browser.sign_in(INES)
    await browser.send("/organisation", "/organisation/invitations", email=OLGA, role="member")
    link = link_in((await letters())[0], "/invitations")
    stranger = await another.send(link, name="Olga", password=PASSWORD)
    assert stranger.status_code == 409  # the address has an account: sign in first
    await another.sign_in(OLGA)
    assert (await another.send(link)).status_code == 303
    page = (await another.get("/account")).text
    assert "Harbour Paving Co-operative" in page and "City of Marrow" in page


@pytest.mark.parametrize(
    "change", ["expires_at = clock_timestamp()", "withdrawn_at = clock_timestamp()", "accepted_at = clock_timestamp()"]
)
async def test_a_dead_invitation_opens_nothing(
    browser: Browser, another: Browser, republic: Republic, letters: Letters, owner: asyncpg.Connection, change: str
) -> None:
    await browser.sign_in(INES)
    await browser.send("/organisation", "/organisation/invitations", email="ana@marrow.example", role="member")
    link = link_in((await letters())[0], "/invitations")
    await owner.execute(f"UPDATE invitation SET {change}")
    assert (await another.get(link)).status_code == 410
    assert (await another.send("/recover", link, name="Ana", password=PASSWORD)).status_code == 410
    assert await owner.fetchval("SELECT count(*) FROM person WHERE email = 'ana@marrow.example'") == 0


async def test_the_stored_link_is_a_digest(
    browser: Browser, republic: Republic, letters: Letters, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    await browser.send("/organisation", "/organisation/invitations", email="ana@marrow.example", role="member")
    token = link_in((await letters())[0], "/invitations").rpartition("/")[2]
    stored = [
        str(tuple(row)) for table in ("invitation", "outbox") for row in await owner.fetch(f"SELECT * FROM {table}")
    ]
    assert stored and not [row for row in stored if token in row]


async def test_roles_change_from_the_next_click_on(browser: Browser, another: Browser, republic: Republic) -> None:
    await another.sign_in(TOM)
    assert (await another.client.get("/supplier/profile")).status_code == 403
    await browser.sign_in(INES)
    page = f"/organisation/people/{republic.tom}"
    assert (await browser.send(page, f"{page}/roles", roles=["owner", "member"])).status_code == 303
    assert (await another.client.get("/supplier/profile")).status_code == 200
    assert (await browser.send(page, f"{page}/roles", roles="member")).status_code == 303
    assert (await another.client.get("/supplier/profile")).status_code == 403
    assert (await browser.send(page, f"{page}/remove")).status_code == 303
    assert (await another.client.get("/organisation")).status_code == 403


@pytest.mark.parametrize("roles", [[], ["officer"], ["king"]])
async def test_impossible_roles_are_refused(browser: Browser, republic: Republic, roles: list[str]) -> None:
    await browser.sign_in(INES)
    page = f"/organisation/people/{republic.tom}"
    assert (await browser.send(page, f"{page}/roles", roles=roles)).status_code == 422
    assert "Member" in (await browser.get("/organisation")).text


async def test_the_last_owner_cannot_leave_or_step_down(browser: Browser, republic: Republic) -> None:
    await browser.sign_in(INES)
    page = f"/organisation/people/{republic.ines}"
    assert (await browser.send(page, f"{page}/remove")).status_code == 409
    assert (await browser.send(page, f"{page}/roles", roles="signatory")).status_code == 409
    assert (await browser.client.get("/organisation")).status_code == 200


async def test_a_member_may_leave_but_not_manage(browser: Browser, republic: Republic, database: Database) -> None:
    await browser.sign_in(TOM)
    page = "/organisation"
    assert "Invite somebody" not in (await browser.get(page)).text
    attempts = {
        f"{page}/invitations": {"email": "eve@marrow.example", "role": "owner"},
        f"{page}/people/{republic.ines}/remove": {},
        f"{page}/people/{republic.tom}/roles": {"roles": "owner"},
    }
    before = await facts(database)
    for path, fields in attempts.items():
        assert (await browser.send("/account", path, **fields)).status_code == 403, path
    assert await facts(database) == before
    left = await browser.send(page, f"{page}/people/{republic.tom}/remove")
    assert left.headers["location"] == "/account"


async def test_another_organisations_people_and_invitations_do_not_exist(
    browser: Browser, another: Browser, republic: Republic, owner: asyncpg.Connection, letters: Letters
) -> None:
    await another.sign_in(INES)
    await another.send("/organisation", "/organisation/invitations", email="ana@marrow.example", role="member")
    invitation = await owner.fetchval("SELECT id FROM invitation")
    await register(browser, letters)
    for path in (
        f"/organisation/people/{republic.tom}/remove",
        f"/organisation/people/{republic.tom}/roles",
        f"/organisation/invitations/{invitation}/withdraw",
    ):
        fields = {"roles": "member"} if path.endswith("roles") else {}
        assert (await browser.send("/account", path, **fields)).status_code == 404, path
    assert (await browser.client.get(f"/organisation/people/{republic.tom}")).status_code == 404
    assert await owner.fetchval("SELECT count(*) FROM invitation WHERE withdrawn_at IS NULL") == 1


async def test_services_answer_later_stages(republic: Republic, database: Database) -> None:
    async with database.begin(SETUP) as tx:
        assert (await identity.organisation(tx, republic.city)).kind == "buyer"
        assert set(await identity.organisations(tx, [republic.city, "nowhere"])) == {republic.city}
        assert await identity.person_names(tx, [republic.tom]) == {republic.tom: "Tom Bell"}
        assert await identity.people_with(tx, republic.harbour, Role.OWNER) == [republic.ines]
        assert [one.name for one in await identity.organisations_of_kind(tx, "buyer")] == ["City of Marrow"]
        with pytest.raises(Refused, match="no such organisation"):
            await identity.organisation(tx, "nowhere")
        with pytest.raises(Refused) as no:
            identity.must_be_two(republic.tom, republic.tom)
        assert no.value.code == "same-person"


async def test_only_the_installation_makes_buyers(republic: Republic, database: Database) -> None:
    from procurement.kernel.actor import Actor

    owner_of_city = Actor(person=republic.olga, roles=frozenset({(republic.city, Role.OWNER)}))
    async with database.begin(owner_of_city) as tx, tx.trying() as tried:
        await identity.create_organisation(tx, name="Shadow Ministry", kind="buyer", country="XM")
    assert tried.refused and tried.refused.code == "not-permitted"
