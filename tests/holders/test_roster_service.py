"""Rosters are signed by every holder with their own key, need fresh proofs, and are final once they are frozen."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from choosing import S1, choose, facts, refused
from holding import KeyHolder, enrol, prove, sign
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tendering import SETUP, Town

from procurement.evaluation.service.committee import eligible
from procurement.holders import service
from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.roster import check_all_signed, sign_roster

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio
OPENING = timedelta(days=30)


async def test_a_roster_is_whole_when_all_signed_and_proved_and_final_from_then_on(
    database: Database, town: Town, three: list[KeyHolder]
) -> None:
    await choose(database, town, three)
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
    assert fact["roster"] == chosen.sha256 and [one["id"] for one in fact["holders"]] == [one.id for one in three]
    await _is_final(database, town, three)


async def _is_final(database: Database, town: Town, three: list[KeyHolder]) -> None:
    with pytest.raises(Refused, match="cannot change"):
        await choose(database, town, three[:2])
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
    first = await choose(database, town, three)
    await sign(database, three[0], "2026-0001")
    assert await choose(database, town, three) == first
    assert len(await facts(database, "RosterAsked")) == 1
    assert await choose(database, town, three, m=3) != first
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
    seen = await choose(database, town, three)
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
    await choose(database, town, three)
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


async def test_whoever_holds_a_key_of_a_tender_does_not_judge_its_bids(
    database: Database, town: Town, three: list[KeyHolder]
) -> None:
    both, other = three[0].actor.person, town.otto.person
    async with database.begin(SETUP) as tx:
        for one in (both, other):
            await identity.grant(tx, one, town.city, Role.EVALUATOR)
        assert set(await eligible(tx, "2026-0001", town.city)) == {both, other}
    await choose(database, town, three)
    async with database.begin(SETUP) as tx:
        assert await eligible(tx, "2026-0001", town.city) == [other]
