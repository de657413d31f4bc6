"""Two people publish: a deputy and whoever they stand for are one. And drafts go on when their buyer merges."""

import asyncpg
import msgspec
import pytest
from tendering import SETUP, Keys, Town, complete_draft, refused, settle_town

from procurement.identity.service.held import held
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.tenders import service as tenders
from procurement.tenders.service.succession import adopt_drafts

pytestmark = pytest.mark.anyio
LEND = """INSERT INTO delegation (id, organisation, role, giver, deputy, reason, starts_at, ends_at, offered_at,
    accepted_at) VALUES ('d', $1, $2, $3, $4, 'Leave', legal_now() - interval '1 day', legal_now() + interval '1 day',
    legal_now(), legal_now())"""


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


async def lend(owner: asyncpg.Connection, database: Database, role: Role, giver: Actor, deputy: Actor) -> Actor:
    """The deputy with the role; both work for the same organisation."""
    await owner.execute(LEND, giver.organisation, role, giver.person, deputy.person)
    async with database.begin(SETUP) as tx:
        now = await held(tx.session, deputy.person)
    return msgspec.structs.replace(deputy, roles=now.roles, deputy_for=now.lent)


async def submitted_by(database: Database, actor: Actor) -> str:
    async with database.begin(actor) as tx:
        tender = await complete_draft(tx)
        await tenders.submit(tx, Keys(), tender)
    return tender


async def test_a_deputy_does_not_publish_what_whoever_they_stand_for_drafted(
    database: Database, owner: asyncpg.Connection, town: Town
) -> None:
    otto = await lend(owner, database, Role.APPROVER, town.omar, town.otto)
    by_omar, by_olga = await submitted_by(database, town.omar), await submitted_by(database, town.olga)
    assert await refused(database, otto, lambda tx: tenders.approve(tx, Keys(), by_omar)) == "same-person"
    async with database.begin(otto) as tx:
        await tenders.approve(tx, Keys(), by_olga)
    published = "SELECT actor FROM ledger_record WHERE type = 'TenderPublished'"
    assert await owner.fetchval(published) == f"person:{otto.person} for person:{town.omar.person}"


async def test_nor_does_whoever_they_stand_for_publish_what_the_deputy_drafted(
    database: Database, owner: asyncpg.Connection, town: Town
) -> None:
    pia = await lend(owner, database, Role.OFFICER, town.omar, town.pia)
    by_pia = await submitted_by(database, pia)
    assert await refused(database, town.omar, lambda tx: tenders.approve(tx, Keys(), by_pia)) == "same-person"
    assert await refused(database, pia, lambda tx: tenders.approve(tx, Keys(), by_pia)) == "same-person"


async def test_a_draft_goes_on_with_whom_its_buyer_merged_into(
    database: Database, owner: asyncpg.Connection, town: Town
) -> None:
    tender = await submitted_by(database, town.olga)
    await owner.execute("UPDATE organisation SET merged_into = $1 WHERE id = $2", town.roads, town.city)
    assert await refused(database, town.pia, lambda tx: tenders.approve(tx, Keys(), tender)) == "organisation-merged"
    assert await refused(database, town.olga, complete_draft) == "organisation-merged"
    async with database.begin(SETUP) as tx:
        for _ in range(2):  # a job may run twice
            await adopt_drafts(tx, town.city, town.roads)
    async with database.begin(town.rosa) as tx:
        await tenders.approve(tx, Keys(), tender)
