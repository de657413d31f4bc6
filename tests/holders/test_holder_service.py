"""Keys are made on devices, shown to work, compared by a second person, and end with the role."""

import asyncpg
import msgspec
import pytest
from choosing import facts, refused
from holding import KeyHolder, confirm, enrol, person, prove, public_of
from tendering import SETUP, Town

from procurement.holders import service
from procurement.holders.rules.keys import fingerprint
from procurement.holders.rules.model import State
from procurement.identity import service as identity
from procurement.identity.service import memberships
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.holder_key import new_holder_key
from procurement.kernel.sealing.possession import answer_challenge

pytestmark = pytest.mark.anyio


async def test_a_key_is_public_by_office_once_it_works_and_counts_once_another_person_compared_it(
    database: Database, town: Town
) -> None:
    holder = await enrol(database, town.city, "Head of internal audit")
    owner = await confirm(database, holder)
    enrolled, proved, confirmed = await facts(database, "KeyHolderEnrolled", "PossessionProved", "KeyHolderConfirmed")
    assert enrolled["office"] == "Head of internal audit" and enrolled["age"] == holder.public.age
    assert enrolled["fingerprint"] == confirmed["fingerprint"] == fingerprint(holder.public)
    assert proved["holder"] == holder.id and proved["tender"] == ""
    assert not any(holder.actor.person in str(one) or owner.person in str(one) for one in (enrolled, proved, confirmed))
    async with database.begin(NOBODY) as tx:
        assert [one.id for one in await service.confirmed(tx)] == [holder.id]


async def test_nobody_confirms_their_own_key_nor_one_of_another_organisation_nor_a_wrong_fingerprint(
    database: Database, town: Town
) -> None:
    async with database.begin(SETUP) as tx:
        both = await person(tx, town.city, "Both", Role.KEY_HOLDER, Role.OFFICER)
    key = new_holder_key(new_id())
    async with database.begin(both) as tx:
        await service.enrol(tx, "City clerk", public_of(key))
        asked = await service.ask(tx)
    mark = fingerprint(public_of(key))
    pia = msgspec.structs.replace(town.pia, stepped_up_at=both.stepped_up_at)
    rosa = msgspec.structs.replace(town.rosa, stepped_up_at=both.stepped_up_at)
    assert (
        await refused(database, pia, lambda tx: service.confirm(tx, key.holder, mark))
    ).code == "key-holder-unproved"
    async with database.begin(both) as tx:
        await service.answer(tx, asked.id, answer_challenge(asked.sealed, key.identity, key.holder))
    for who, typed, code in (
        (both, mark, "same-person"),
        (rosa, mark, "not-permitted"),
        (town.pia, mark, "step-up-needed"),
        (pia, mark[1:33], "fingerprint-differs"),
    ):
        no = await refused(database, who, lambda tx, typed=typed: service.confirm(tx, key.holder, typed))
        assert no.code == code
    async with database.begin(pia) as tx:
        await service.confirm(tx, key.holder, mark[:32].upper())


async def test_a_key_serves_one_person_once(database: Database, town: Town) -> None:
    holder = await enrol(database, town.city, "City clerk")
    again = new_holder_key(new_id())
    no = await refused(database, holder.actor, lambda tx: service.enrol(tx, "City clerk", public_of(again)))
    assert no.code == "key-holder-exists"
    async with database.begin(SETUP) as tx:
        other = await person(tx, town.roads, "Other", Role.KEY_HOLDER)
    for copied in (holder.public, msgspec.structs.replace(holder.public, holder=new_id())):
        assert (await refused(database, other, lambda tx, k=copied: service.enrol(tx, "Clerk", k))).code == "key-known"


async def test_a_challenge_is_answered_once_by_its_own_holder_with_the_right_answer(
    database: Database, town: Town, three: list[KeyHolder]
) -> None:
    first, second, _ = three
    async with database.begin(first.actor) as tx:
        asked = await service.ask(tx)
    right = answer_challenge(asked.sealed, first.key.identity, first.id)
    for who, given, code in (
        (second.actor, right, "challenge-unknown"),
        (first.actor, "0" * 64, "answer-wrong"),
        (town.olga, right, "not-permitted"),
    ):
        assert (await refused(database, who, lambda tx, g=given: service.answer(tx, asked.id, g))).code == code
    with pytest.raises(Refused):
        answer_challenge(asked.sealed, second.key.identity, second.id)
    async with database.begin(first.actor) as tx:
        await service.answer(tx, asked.id, right)
    assert (
        await refused(database, first.actor, lambda tx: service.answer(tx, asked.id, right))
    ).code == "challenge-over"


async def test_whoever_loses_the_role_holds_no_key(settings: object, database: Database, town: Town) -> None:
    holder = await enrol(database, town.city, "City clerk")
    owner = await confirm(database, holder)
    async with database.begin(owner) as tx:
        await memberships.remove(tx, town.city, holder.actor.person)
        await service.end_with_role(tx, holder.actor.person, town.city, "Whoever held it has left the office.")
    async with database.begin(owner) as tx:
        found = await service.holder(tx, holder.id)
        assert found.state is State.ENDED and not await service.confirmed(tx)
    [ended] = await facts(database, "KeyHolderEnded")
    assert ended["holder"] == holder.id


async def test_a_key_goes_on_in_the_organisation_that_its_own_merged_into(
    database: Database, owner: asyncpg.Connection, town: Town
) -> None:
    holder = await enrol(database, town.city, "City clerk")
    async with database.begin(SETUP) as tx:
        await identity.grant(tx, holder.actor.person, town.roads, Role.KEY_HOLDER)
    await owner.execute("UPDATE organisation SET merged_into = $1 WHERE id = $2", town.roads, town.city)
    await owner.execute("UPDATE membership SET until = now() WHERE organisation = $1", town.city)
    moved = msgspec.structs.replace(
        holder.actor, organisation=town.roads, roles=frozenset({(town.roads, Role.KEY_HOLDER)})
    )
    async with database.begin(moved) as tx:
        await service.end_with_role(tx, holder.actor.person, town.city, "Whoever held it has left the office.")
        held = await service.own(tx)
    assert held and held.id == holder.id
    await prove(database, msgspec.structs.replace(holder, actor=moved))
