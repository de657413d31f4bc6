"""Uploads side by side share the room that an organisation has; what is left is said."""

import asyncio

import httpx
import pytest
from bidding import TENDER, Market, seal
from browsing_bids import API, bearer
from msgspec.structs import replace

from procurement.app import create_app
from procurement.bids.service import parts
from procurement.infra.quota import held
from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
MB = 1_000_000


async def test_promises_made_side_by_side_never_exceed_the_quota(database: Database, market: Market) -> None:
    async def ask() -> str:
        try:
            async with database.begin(market.harbour_signs) as tx:
                return await parts.reserve(tx, TENDER, 10 * MB, 35 * MB)
        except Refused as no:
            assert no.code == "quota-exceeded" and "35 MB, of which 5 MB are left" in no.detail
            return ""

    promised = [promise for promise in await asyncio.gather(*(ask() for _ in range(8))) if promise]
    assert len(promised) == 3
    async with held(database, promised[0]):
        pass
    assert await ask(), "an upload that has ended gives its room back"


async def test_another_organisation_has_room_of_its_own(database: Database, market: Market) -> None:
    for actor in (market.harbour_signs, market.adler_signs):
        async with database.begin(actor) as tx:
            assert await parts.reserve(tx, TENDER, 10 * MB, 10 * MB)


async def test_a_refused_part_is_not_stored_and_leaves_no_promise(
    settings: Settings, database: Database, market: Market
) -> None:
    small = create_app(replace(settings, storage_quota=9 * MB))
    headers = await bearer(database, market.harbour_signs)
    (name, data), (other, more), *_ = seal(market, market.harbour).parts.items()
    async with (
        small.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(small), base_url="http://test") as client,
    ):
        assert (await client.put(f"{API}/parts/{name}", content=data, headers=headers)).status_code == 200
        wrong = await client.put(f"{API}/parts/{other}", content=b"not it", headers=headers)
        assert wrong.status_code == 422
        again = await client.put(f"{API}/parts/{other}", content=more, headers=headers)
        assert again.status_code == 200, "the failed upload gave its room back"
