"""Organisations renamed, merged and given an owner: by whom, what follows, and two at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest
from browsing import SETUP, Republic, facts
from office import DAY, Office

from procurement.identity import service as identity
from procurement.identity.service import memberships, motions, naming
from procurement.identity.service.held import held
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio
EVIDENCE = "Act 12 of 2026, article 3: Ana Brook signs for both"


class Bureau:
    """Two administrators of the installation, and a town that can merge into the city."""

    rosa: Actor
    hugo: Actor
    town: str


@pytest.fixture
async def bureau(republic: Republic, database: Database) -> AsyncIterator[Bureau]:
    made = Bureau()
    async with database.begin(SETUP) as tx:
        body = await identity.create_organisation(tx, name="Procurement Office", kind="oversight", country="XM")
        made.town = await identity.create_organisation(tx, name="Town of Kell", kind="buyer", country="XM")
        for name in ("rosa", "hugo"):
            person = await identity.create_person(tx, name=name.title(), email=f"{name}@office.example")
            await identity.grant(tx, person, body, Role.ADMINISTRATOR)
            held_there = frozenset({(body, Role.ADMINISTRATOR)})
            actor = Actor(person=person, roles=held_there, organisation=body, stepped_up_at=datetime.now(UTC))
            setattr(made, name, actor)
    yield made


async def test_no_administrator_decides_on_their_own_ownership(bureau: Bureau, database: Database) -> None:
    async with database.begin(bureau.rosa) as tx:
        motion = await motions.propose_owner(tx, bureau.town, "hugo@office.example", EVIDENCE)
    with pytest.raises(Refused) as no:
        async with database.begin(bureau.hugo) as tx:
            await motions.carry(tx, motion)
    assert no.value.code == "same-person"


async def merge(database: Database, bureau: Bureau, one: str, into: str) -> None:
    async with database.begin(bureau.rosa) as tx:
        motion = await motions.propose_merge(tx, one, into, EVIDENCE)
    async with database.begin(bureau.hugo) as tx:
        await motions.carry(tx, motion)


async def test_a_supplier_renames_itself_and_the_old_name_stays_in_its_time(
    office: Office, republic: Republic, database: Database
) -> None:
    async with database.begin(SETUP) as tx:
        before = tx.now
    async with database.begin(await office.actor(republic.ines)) as tx:
        await naming.rename(tx, republic.harbour, "Harbour Roads")
    async with database.begin(SETUP) as tx:
        [former] = await naming.former_names(tx, republic.harbour)
        assert former.name == "Harbour Paving Co-operative"
        then = await identity.organisations_at(tx, [republic.harbour], before)
        now = await identity.organisations_at(tx, [republic.harbour], tx.now)
        assert then[republic.harbour].name == former.name and now[republic.harbour].name == "Harbour Roads"
    assert (await facts(database))[-1] == "OrganisationRenamed"


async def test_each_document_finds_the_name_of_its_day_among_several(
    bureau: Bureau, republic: Republic, database: Database
) -> None:
    moments = []
    for name in ("Harbour One", "Harbour Two"):
        async with database.begin(bureau.rosa) as tx:
            moments.append(tx.now)
            await naming.rename(tx, republic.harbour, name)
    async with database.begin(SETUP) as tx:
        names = [(await identity.organisations_at(tx, [republic.harbour], at))[republic.harbour].name for at in moments]
    assert names == ["Harbour Paving Co-operative", "Harbour One"]


async def test_a_buyer_does_not_rename_itself(office: Office, database: Database) -> None:
    async with database.begin(await office.actor(office.mara)) as tx:
        with pytest.raises(Refused, match="does not allow"):
            await naming.rename(tx, office.city, "Kingdom of Marrow")


async def test_rights_follow_a_merger_and_history_keeps_the_old_id(
    office: Office, bureau: Bureau, database: Database, owner: asyncpg.Connection
) -> None:
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    async with database.begin(SETUP) as tx:
        clerk = await identity.create_person(tx, name="Kim Bell", email="kim@kell.example")
        await identity.grant(tx, clerk, bureau.town, Role.OFFICER)
    await merge(database, bureau, office.city, bureau.town)
    olga, kim = await office.actor(office.olga), await office.actor(clerk)
    assert (bureau.town, Role.OFFICER) in olga.roles  # she works for the town now
    assert kim.may(P.TENDER_DRAFT, office.city)  # and the town's people finish what the city began
    assert olga.may(P.OPENING_REQUEST, office.city)
    async with database.begin(SETUP) as tx:
        assert await identity.successor(tx, office.city) == bureau.town
        assert await identity.predecessors(tx, bureau.town) == [office.city]
        with pytest.raises(Refused, match="merged into another"):
            await identity.must_not_be_merged(tx, office.city)
    assert await owner.fetchval("SELECT count(*) FROM delegation WHERE ended_at IS NULL") == 0
    rows = await owner.fetch("SELECT type, body FROM ledger_record WHERE type LIKE 'Motion%' OR type LIKE '%Merged'")
    assert [row["type"] for row in rows] == ["MotionProposed", "OrganisationMerged"]
    assert not [row for row in rows if b"Ana Brook" in row["body"]]
    committed = {msgspec.json.decode(row["body"])["fact"]["evidence"] for row in rows}
    assert len(committed) == 1 and len(committed.pop()) == 64


async def test_a_chain_of_mergers_reaches_all_the_way_back(office: Office, bureau: Bureau, database: Database) -> None:
    async with database.begin(SETUP) as tx:
        region = await identity.create_organisation(tx, name="Region of Marrow", kind="buyer", country="XM")
        chief = await identity.create_person(tx, name="Lea Stone", email="lea@region.example")
        await identity.grant(tx, chief, region, Role.APPROVER)
    await merge(database, bureau, office.city, bureau.town)
    await merge(database, bureau, bureau.town, region)
    assert (await office.actor(chief)).may(P.TENDER_APPROVE, office.city)
    async with database.begin(SETUP) as tx:
        assert await identity.successor(tx, office.city) == region
        assert set(await identity.predecessors(tx, region)) == {office.city, bureau.town}


async def test_one_administrator_alone_moves_nothing(office: Office, bureau: Bureau, database: Database) -> None:
    async with database.begin(bureau.rosa) as tx:
        motion = await motions.propose_merge(tx, office.city, bureau.town, EVIDENCE)
        with pytest.raises(Refused, match="second person"):
            await motions.carry(tx, motion)
    stale = msgspec.structs.replace(bureau.hugo, stepped_up_at=datetime.now(UTC) - DAY)
    async with database.begin(stale) as tx:
        with pytest.raises(Refused, match="Confirm that it is you"):
            await motions.carry(tx, motion)
    async with database.begin(await office.actor(office.mara)) as tx:
        with pytest.raises(Refused, match="does not allow"):
            await motions.carry(tx, motion)


async def test_a_merger_is_carried_out_once_and_never_in_a_circle(
    office: Office, bureau: Bureau, database: Database
) -> None:
    async with database.begin(bureau.rosa) as tx:
        there = await motions.propose_merge(tx, office.city, bureau.town, EVIDENCE)
        back = await motions.propose_merge(tx, bureau.town, office.city, EVIDENCE)

    async def carry(motion: str) -> str:
        try:
            async with database.begin(bureau.hugo) as tx:
                await motions.carry(tx, motion)
        except Refused as no:
            return no.code
        return "done"

    assert sorted(await asyncio.gather(carry(there), carry(back))) == ["done", "organisation-merged"]
    assert sorted(await asyncio.gather(carry(there), carry(there))) in (
        ["motion-unknown", "motion-unknown"],
        ["organisation-merged", "organisation-merged"],
    )


@pytest.mark.parametrize("into", ["itself", "supplier", "nobody"])
async def test_only_two_of_a_kind_merge(
    office: Office, republic: Republic, bureau: Bureau, database: Database, into: str
) -> None:
    target = {"itself": office.city, "supplier": republic.harbour, "nobody": "nowhere"}[into]
    async with database.begin(bureau.rosa) as tx, tx.trying() as tried:
        await motions.propose_merge(tx, office.city, target, EVIDENCE)
    assert tried.refused and set(tried.refused.fields) == {"successor"}


async def test_two_administrators_appoint_an_owner_where_the_last_is_gone(
    republic: Republic, bureau: Bureau, database: Database
) -> None:
    for address, there in (("tom@marrow.example", True), ("new@harbour.example", False)):
        async with database.begin(bureau.rosa) as tx:
            motion = await motions.propose_owner(tx, republic.harbour, address, "Letter 4 of the register court")
        async with database.begin(bureau.hugo) as tx:
            await motions.carry(tx, motion)
        async with database.begin(SETUP) as tx:
            tom = (republic.harbour, Role.OWNER) in (await held(tx.session, republic.tom)).roles
        assert tom  # Tom works there; the other one is invited
        assert (await facts(database))[-2:] == ["MembershipGranted" if there else "MemberInvited", "OwnerAppointed"]


async def test_the_same_is_not_proposed_twice_at_once(republic: Republic, bureau: Bureau, database: Database) -> None:
    async def propose(actor: Actor) -> str:
        try:
            async with database.begin(actor) as tx:
                await motions.propose_owner(tx, republic.harbour, "tom@marrow.example", "A letter")
        except Refused as no:
            return no.code
        return "done"

    assert sorted(await asyncio.gather(propose(bureau.rosa), propose(bureau.hugo))) == ["already-proposed", "done"]


async def test_the_last_owner_hands_over_with_the_act_of_leaving(
    office: Office, republic: Republic, database: Database
) -> None:
    async with database.begin(await office.actor(republic.ines)) as tx:
        with pytest.raises(Refused, match="Name your successor"):
            await memberships.leave_to(tx, republic.harbour, office.olga)
    async with database.begin(await office.actor(republic.ines)) as tx:
        await memberships.leave_to(tx, republic.harbour, republic.tom)
    assert (republic.harbour, Role.OWNER) in (await office.actor(republic.tom)).roles
    assert not (await office.actor(republic.ines)).roles


async def test_an_owner_and_the_successor_cannot_both_leave(
    office: Office, republic: Republic, database: Database
) -> None:
    ines, tom = await office.actor(republic.ines), await office.actor(republic.tom)

    async def attempt(actor: Actor, successor: str) -> str:
        try:
            async with database.begin(actor) as tx:
                if successor:
                    await memberships.leave_to(tx, republic.harbour, successor)
                else:
                    await memberships.remove(tx, republic.harbour, actor.person)
        except Refused as no:
            return no.code
        return "done"

    assert sorted(await asyncio.gather(attempt(ines, republic.tom), attempt(tom, ""))) in (
        ["done", "form-invalid"],  # Tom was faster, and is nobody's successor any more
        ["done", "last-owner"],
    )
    async with database.begin(SETUP) as tx:
        assert len(await identity.people_with(tx, republic.harbour, Role.OWNER)) == 1


async def test_the_last_administrator_of_the_installation_does_not_leave(bureau: Bureau, database: Database) -> None:
    async with database.begin(bureau.rosa) as tx:
        await memberships.remove(tx, bureau.rosa.organisation, bureau.rosa.person)
    async with database.begin(bureau.hugo) as tx:
        with pytest.raises(Refused, match="needs an owner"):
            await memberships.remove(tx, bureau.hugo.organisation, bureau.hugo.person)
