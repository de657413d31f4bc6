"""Who works for the buyer prepares and submits no bid; what has merged begins none, and two that merged keep one."""

import asyncpg
import pytest
from bidding import SETUP, TENDER, Market, acting, deliver

from procurement.bids import service
from procurement.bids.service import drafts
from procurement.identity import service as identity
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio


async def employed(database: Database, market: Market, person: str) -> None:
    async with database.begin(SETUP) as tx:
        await identity.grant(tx, person, market.city, Role.EVALUATOR)


async def test_an_officer_of_the_buyer_neither_begins_nor_changes_a_draft(database: Database, market: Market) -> None:
    async with database.begin(market.harbour_prepares) as tx:
        _, key = await drafts.start(tx, TENDER)
    await employed(database, market, market.tom)
    for act in (
        lambda tx: drafts.start(tx, TENDER),
        lambda tx: drafts.change(tx, TENDER, key, lambda contents: contents),
    ):
        with pytest.raises(Refused) as no:
            async with database.begin(market.harbour_prepares) as tx:
                await act(tx)
        assert (no.value.code, no.value.status) == ("conflict-of-interest", 403)
    async with database.begin(market.harbour_signs) as tx:
        await drafts.change(tx, TENDER, key, lambda contents: contents)  # a colleague may


async def test_nor_does_one_submit_even_by_a_program_that_acts_for_the_supplier_alone(
    database: Database, market: Market, files: Files, owner: asyncpg.Connection
) -> None:
    await employed(database, market, market.ines)
    with pytest.raises(Refused) as no:
        await deliver(database, files, market, market.harbour_signs)
    assert no.value.code == "conflict-of-interest"
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0
    await owner.execute("UPDATE membership SET until = clock_timestamp() WHERE organisation = $1", market.city)
    await deliver(database, files, market, market.harbour_signs)  # the role at the buyer is over


async def test_a_lent_role_at_the_buyer_counts_too(
    database: Database, market: Market, files: Files, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        """INSERT INTO delegation (id, organisation, role, giver, deputy, reason, starts_at, ends_at, offered_at,
               accepted_at) VALUES ('d', $1, 'officer', $2, $3, 'Leave', legal_now() - interval '1 day',
               legal_now() + interval '1 day', legal_now(), legal_now())""",
        market.city, market.olga, market.ines,
    )  # fmt: skip
    with pytest.raises(Refused, match="hold a role at the buyer"):
        await deliver(database, files, market, market.harbour_signs)


async def test_two_suppliers_that_merged_keep_their_bids_apart_and_make_no_second_one(
    database: Database, market: Market, files: Files, owner: asyncpg.Connection
) -> None:
    await deliver(database, files, market, market.harbour_signs)
    merged = "UPDATE organisation SET merged_into = $1, merged_at = legal_now() WHERE id = $2"
    await owner.execute(merged, market.adler, market.harbour)
    with pytest.raises(Refused) as no:
        await deliver(database, files, market, market.adler_signs)
    assert no.value.code == "predecessor-bid"
    with pytest.raises(Refused) as no:
        await deliver(database, files, market, market.harbour_signs, version=2)
    assert no.value.code == "organisation-merged"
    async with database.begin(acting(market.greta, market.harbour, Role.OWNER)) as tx:
        assert await service.withdraw(tx, TENDER)  # what the merged one began, its successor's people may end
    await deliver(database, files, market, market.adler_signs)
