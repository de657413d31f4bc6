"""Uploaded is not submitted: whoever sealed elsewhere and only uploaded is found, as a draft would be, and warned."""

import pytest
from bidding import SETUP, TENDER, Market, deliver, seal, submit, upload

from procurement.bids.service import drafts
from procurement.bids.service.due import Unsubmitted, unsubmitted
from procurement.infra.files import Files
from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio


async def found(database: Database) -> dict[str, bool]:
    """Who has something that is no bid -> whether an earlier version stands."""
    async with database.begin(SETUP) as tx:
        rows = await unsubmitted(tx, [TENDER])
    assert all(isinstance(row, Unsubmitted) and row.tender == TENDER for row in rows)
    return {row.supplier: row.stands for row in rows}


async def test_parts_without_a_bid_count_until_they_are_submitted(
    database: Database, files: Files, market: Market
) -> None:
    assert await found(database) == {}
    bid = seal(market, market.harbour)
    await upload(database, files, market.harbour_signs, bid)
    assert await found(database) == {market.harbour: False}
    await submit(database, market.harbour_signs, bid)
    assert await found(database) == {}
    await upload(database, files, market.harbour_signs, seal(market, market.harbour, 2))
    assert await found(database) == {market.harbour: True}


async def test_a_draft_and_parts_of_one_bidder_are_one_warning(
    database: Database, files: Files, market: Market
) -> None:
    await deliver(database, files, market, market.adler_signs)
    async with database.begin(market.harbour_signs) as tx:
        await drafts.start(tx, TENDER)
    await upload(database, files, market.harbour_signs, seal(market, market.harbour))
    assert await found(database) == {market.harbour: False}
