"""Keys are made on devices, shown to work, compared by two people; rosters are signed by all, and frozen."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import msgspec
import pytest
from holding import KeyHolder, confirm, enrol, person, prove, public_of, sign
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tendering import SETUP, Town

from procurement.evaluation.service.committee import eligible
from procurement.holders import service
from procurement.holders.rules.keys import fingerprint
from procurement.holders.rules.model import State
from procurement.holders.service import About, Asked
from procurement.identity import service as identity
from procurement.identity.service import memberships
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import NOBODY, Actor
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.holder_key import new_holder_key
from procurement.kernel.sealing.possession import answer_challenge
from procurement.kernel.sealing.roster import check_all_signed, sign_roster

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio
S1 = Asked(level="S1")
OPENING = timedelta(days=30)


async def facts(database: Database, *types: str) -> list[dict[str, object]]:
    """The contents of the ledger's records of these types, in order."""
    async with database.begin(SETUP) as tx:
        rows = await tx.session.execute(
            text("SELECT body FROM ledger_record WHERE type = ANY(:types) ORDER BY id"), {"types": list(types)}
        )
        return [msgspec.json.decode(row.body)["fact"] for row in rows]


async def refused(database: Database, actor: Actor, act: Callable[[Tx], Awaitable[object]]) -> Refused:
    with pytest.raises(Refused) as no:
        async with database.begin(actor) as tx:
            await act(tx)
    return no.value


async def _choose(database: Database, town: Town, three: list[KeyHolder], m: int = 2, level: str = "S2") -> str:
    about = About(subject="2026-0001", process="ocds-1", buyer=town.city, title="Harbour Road")
    async with database.begin(SETUP) as tx:
        found = await service.choose(tx, about, level, m, [one.id for one in three], S1)  # type: ignore[arg-type]
    assert found
    return found.sha256


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


async def test_a_roster_is_whole_when_all_signed_and_proved_and_final_from_then_on(
    database: Database, town: Town, three: list[KeyHolder]
) -> None:
    await _choose(database, town, three)
    async with database.begin(SETUP) as tx:
        opening = tx.now + OPENING
    no = await refused(database, SETUP, lambda tx: service.freeze(tx, "2026-0001", S1, opening))
    assert no.code == "key-holders-missing" and all(one.office in no.detail for one in three)
    for one in three:
        await sign(database, one, "2026-0001")
    async with database.begin(SETUP) as tx:
        chosen = await service.freeze(tx, "2026-0001", S1, opening)
    assert chosen and chosen.opening_at == opening
    check_all_signed(chosen.roster, chosen.signatures)
    [fact] = await facts(database, "RosterFrozen")
    assert fact["roster"] == chosen.sha256 and [one["id"] for one in fact["holders"]] == [one.id for one in three]  # type: ignore[attr-defined]
    await _is_final(database, town, three)


async def _is_final(database: Database, town: Town, three: list[KeyHolder]) -> None:
    with pytest.raises(Refused, match="cannot change"):
        await _choose(database, town, three[:2])
    for statement in (
        "UPDATE roster SET quorum = 3",
        "UPDATE roster_seat SET signature = 'x'",
        "DELETE FROM roster_seat",
        "UPDATE key_holder SET age = 'age1' || repeat('q', 58)",
    ):
        with pytest.raises(DBAPIError):
            async with database.begin(SETUP) as tx:
                await tx.session.execute(text(statement))


async def test_another_choice_asks_for_signatures_anew_and_the_same_choice_keeps_them(
    database: Database, town: Town, three: list[KeyHolder]
) -> None:
    first = await _choose(database, town, three)
    await sign(database, three[0], "2026-0001")
    assert await _choose(database, town, three) == first
    assert len(await facts(database, "RosterAsked")) == 1
    assert await _choose(database, town, three, m=3) != first
    async with database.begin(SETUP) as tx:
        chosen = await service.roster(tx, "2026-0001")
    assert chosen and not chosen.signatures
    no = await refused(
        database,
        three[0].actor,
        lambda tx: service.sign(tx, "2026-0001", first, sign_roster(three[0].key.private, chosen.roster)),
    )
    assert no.code == "changed-meanwhile"


async def test_a_signature_counts_only_with_the_holder_s_own_key_over_this_roster(
    database: Database, town: Town, three: list[KeyHolder]
) -> None:
    seen = await _choose(database, town, three)
    async with database.begin(SETUP) as tx:
        chosen = await service.roster(tx, "2026-0001")
    assert chosen
    others = sign_roster(three[1].key.private, chosen.roster)
    no = await refused(database, three[0].actor, lambda tx: service.sign(tx, "2026-0001", seen, others))
    assert no.code == "signature-wrong"
    stranger = await enrol(database, town.roads, "Clerk")
    no = await refused(database, stranger.actor, lambda tx: service.sign(tx, "2026-0001", seen, others))
    assert no.code == "roster-unknown"


async def test_a_proof_older_than_seven_days_does_not_count(
    database: Database, town: Town, three: list[KeyHolder], advance: "Advance"
) -> None:
    await _choose(database, town, three)
    for one in three:
        await sign(database, one, "2026-0001")
    await advance(timedelta(days=8))
    async with database.begin(SETUP) as tx:
        opening = tx.now + OPENING
    no = await refused(database, SETUP, lambda tx: service.freeze(tx, "2026-0001", S1, opening))
    assert "prove anew" in no.detail
    for one in three:
        await prove(database, one, "2026-0001")
    async with database.begin(SETUP) as tx:
        assert await service.freeze(tx, "2026-0001", S1, opening)


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


async def test_whoever_holds_a_key_of_a_tender_does_not_judge_its_bids(
    database: Database, town: Town, three: list[KeyHolder]
) -> None:
    both, other = three[0].actor.person, town.otto.person
    async with database.begin(SETUP) as tx:
        for one in (both, other):
            await identity.grant(tx, one, town.city, Role.EVALUATOR)
        assert set(await eligible(tx, "2026-0001", town.city)) == {both, other}
    await _choose(database, town, three)
    async with database.begin(SETUP) as tx:
        assert await eligible(tx, "2026-0001", town.city) == [other]
