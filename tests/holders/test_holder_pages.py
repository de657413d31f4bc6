"""Pages of holders and of those who confirm them work without scripts; what they are told lies in the inbox."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from holding import KeyHolder, enrol, person, public_of
from people import visiting
from tendering import SETUP, Town, program

from procurement.holders import jobs, service
from procurement.identity.service import memberships
from procurement.infra import mail
from procurement.infra.mail import Mail
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role
from procurement.kernel.sealing.holder_key import new_holder_key
from procurement.kernel.sealing.possession import answer_challenge
from procurement.kernel.sealing.roster import parse_roster, sign_roster
from procurement.notices.service import inbox
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def test_a_key_is_enrolled_confirmed_and_ended_on_pages(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    async with database.begin(SETUP) as tx:
        holder = await person(tx, town.city, "Milan Korr", Role.KEY_HOLDER)
        owner = await person(tx, town.city, "Walter Brook", Role.OWNER)
    key = new_holder_key(new_id())
    async with visiting(client, database, holder) as milan, visiting(client, database, owner) as walter:
        wrong = await milan.send("/key-holder/new", office="x", key="{}")
        assert wrong.status_code == 422 and "Error:" in wrong.text
        given = msgspec.json.encode(public_of(key)).decode()
        challenge = (await milan.send("/key-holder/new", office="City clerk", key=given)).headers["location"]
        sealed = (await milan.get(f"{challenge}/challenge.age")).content
        assert (await milan.send(challenge, answer="0" * 64)).status_code == 422
        assert (
            await milan.send(challenge, answer=answer_challenge(sealed, key.identity, key.holder))
        ).status_code == 303
        shown = (await milan.get(challenge)).text
        found = re.search(r"<bdi>((?:[0-9a-f]{4} ?){8})</bdi>", shown)
        assert found and "Your key works" in shown
        page = f"/organisation/key-holders/{key.holder}"
        assert found[1].split()[0] not in (await walter.get(page)).text, "it is typed from what is heard"
        assert (await walter.send(page, f"{page}/confirm", fingerprint="0000 1111")).status_code == 422
        assert (await walter.send(page, f"{page}/confirm", fingerprint=found[1])).status_code == 303
        assert "may choose this holder" in (await walter.get(page)).text
        assert (await milan.send("/key-holder", "/key-holder/end", reason="")).status_code == 422
        assert (await milan.send("/key-holder", "/key-holder/end", reason="The file is lost.")).status_code == 303
        assert "You have no key yet" in (await milan.get("/key-holder")).text


async def test_a_program_enrols_proves_and_signs_as_the_pages_do(
    database: Database, client: httpx.AsyncClient, town: Town, three: list[KeyHolder], draft: str
) -> None:
    first = three[0]
    ours = await program(database, client, first.actor)
    duties = (await ours.get("/api/v1/key-holders/me")).json()["duties"]
    assert [one["act"] for one in duties] == ["sign"] and duties[0]["subject"] == draft
    seen = (await ours.get(f"/api/v1/key-holders/me/rosters/{draft}")).json()
    page = await ours.get(f"/api/v1/key-holders/me/rosters/{draft}")
    assert page.status_code == 200 and seen["signatures"] == {}
    async with visiting(client, database, first.actor) as milan:
        roster = parse_roster((await milan.get(f"/key-holder/rosters/{draft}/roster.json")).content)
        shown = (await milan.get(f"/key-holder/rosters/{draft}")).text
        assert all(one.office in shown for one in three) and "Sign it" in shown
    signature = {"roster": seen["sha256"], "signature": sign_roster(first.key.private, roster)}
    signed = await ours.post(
        f"/api/v1/key-holders/me/rosters/{draft}/signature", json=signature, headers={"Idempotency-Key": "1"}
    )
    assert list(signed.json()["signatures"]) == [first.id]
    asked = (await ours.post("/api/v1/key-holders/me/challenges", json={}, headers={"Idempotency-Key": "2"})).json()
    assert asked["holder"] == first.id and not asked["answered"]


@pytest.fixture
def post(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """Letters go into this test's own folder."""
    one = Mail.connect(settings)
    monkeypatch.setattr(mail, "outgoing", lambda: one)
    return one


async def told(database: Database, organisation: str, reader: Role = Role.KEY_HOLDER) -> list[str]:
    """What the worker puts into the inbox of an organisation: the titles, the newest first."""
    while await handle_one(database):
        pass
    async with database.begin(SETUP) as tx:
        actor = await person(tx, organisation, "Reader", reader)
    async with database.begin(actor) as tx:
        return [one.title for one in (await inbox.inbox(tx))[0]]


async def test_holders_and_buyers_are_told_in_their_inboxes(
    database: Database, post: Mail, town: Town, court: str, three: list[KeyHolder], tender: str, advance: "Advance"
) -> None:
    assert await told(database, court) == [
        "Sign the list of key holders: Resurfacing of Harbour Road",
        "A key waits to be confirmed: Court of audit, second chamber",
    ]
    await advance(timedelta(days=23, hours=1))
    await jobs.sweep(database)
    assert (await told(database, court))[0] == "Prove that you have your key: Resurfacing of Harbour Road"
    await advance(timedelta(days=2))
    await jobs.sweep(database)
    titles = await told(database, town.city, Role.OFFICER)
    assert titles[0] == "Too few key holders have proved their keys: Resurfacing of Harbour Road"


async def test_a_key_ends_with_its_holder_s_role(database: Database, post: Mail, town: Town) -> None:
    holder = await enrol(database, town.city, "City clerk")
    async with database.begin(SETUP) as tx:
        owner = await person(tx, town.city, "Walter Brook", Role.OWNER)
    async with database.begin(owner) as tx:
        await memberships.remove(tx, town.city, holder.actor.person)
    await told(database, town.city)
    async with database.begin(owner) as tx:
        [found] = await service.of_organisation(tx, town.city)
    assert found.reason == "Whoever held it has left the office."
