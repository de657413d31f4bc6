"""Seal levels: a bid is taken exactly when it is locked as its tender says, and the words say who could read it."""

import itertools
from dataclasses import replace

import asyncpg
import httpx
import pytest
from bidding import Market, SealedBid, found_market, open_envelope, seal, submit, upload
from browsing_bids import API, BID, Bidder, bearer, sign_in
from seated import Committee, seat

from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import parse_envelope, parse_roster
from procurement.kernel.sealing.level import lock_for
from procurement.kernel.sealing.roster import check_all_signed

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["S2", "S3"])
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def market(database: Database, owner: asyncpg.Connection, level: str) -> Market:
    return await found_market(database, owner, level)


@pytest.fixture
async def committee(owner: asyncpg.Connection, market: Market, level: str) -> Committee:
    return await seat(owner, market, level)


def dealt(market: Market, committee: Committee, version: int = 1, **changes: object) -> SealedBid:
    """A bid that its client locked for the committee."""
    roster = committee.roster
    return seal(market, market.harbour, version, lock=lambda e: lock_for(e, market.recipient, roster), **changes)


async def refusal(database: Database, files: Files, market: Market, bid: SealedBid) -> str:
    await upload(database, files, market.harbour_signs, bid)
    with pytest.raises(Refused) as no:
        await submit(database, market.harbour_signs, bid)
    return no.value.code


async def test_a_bid_locked_for_the_key_holders_is_received_and_every_quorum_opens_it(
    database: Database, files: Files, market: Market, committee: Committee, owner: asyncpg.Connection
) -> None:
    bid = dealt(market, committee)
    await upload(database, files, market.harbour_signs, bid)
    receipt = await submit(database, market.harbour_signs, bid)
    envelope = parse_envelope(await owner.fetchval("SELECT envelope FROM bid"))
    assert receipt.envelope == envelope and (envelope.m, envelope.n) == (2, 3)
    quorums = itertools.combinations((1, 2, 3), 2)
    assert {committee.identity_of(envelope, market.keyholder, two) for two in quorums} == {bid.identity}


async def test_a_bid_locked_otherwise_than_its_tender_says_is_refused(
    database: Database, files: Files, market: Market, committee: Committee, owner: asyncpg.Connection, level: str
) -> None:
    others = replace(committee, keys=[*committee.keys[1:], committee.keys[0]])
    fewer = replace(committee, m=3)
    assert await refusal(database, files, market, seal(market, market.harbour)) == "seal-level-differs"
    assert await refusal(database, files, market, dealt(market, others)) == "roster-differs"
    assert await refusal(database, files, market, dealt(market, fewer)) == "roster-differs"
    assert await refusal(database, files, market, dealt(market, committee, n=4)) == "roster-differs"
    if level == "S3":
        by_server = dealt(market, committee, sealed_by="server")
        assert await refusal(database, files, market, by_server) == "seal-level-client"
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0


async def test_programs_are_told_whom_to_seal_to(
    client: httpx.AsyncClient, database: Database, market: Market, committee: Committee, level: str
) -> None:
    told = (await client.get(API, headers=await bearer(database, market.harbour_signs))).json()
    assert (told["level"], parse_roster(told["roster"].encode())) == (level, committee.roster)
    check_all_signed(committee.roster, told["signatures"])
    assert [one["code"] for one in told["declarations"]][:1] == ["terms"] and told["needs_documents"]


@pytest.mark.parametrize("level", ["S2"], indirect=True)
async def test_the_site_seals_for_key_holders_what_no_quorum_without_the_keyholder_opens(
    client: httpx.AsyncClient, database: Database, files: Files, market: Market, committee: Committee,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    ines = await sign_in(database, client, market.ines)
    await ines.prepare(b"How we will work")
    page = await ines.get(f"{BID}/check")
    assert "seal level S2" in page.text and "with 2 of the 3 key holders" in page.text
    receipt = await ines.submit()
    assert "seal level S2" in receipt.text and "2 of 3 key holders" in receipt.text
    data = await owner.fetchval("SELECT envelope FROM bid")
    envelope = parse_envelope(data)
    assert (envelope.sealed_by, envelope.m, envelope.n) == ("server", 2, 3)
    opens = committee.identity_of(envelope, market.keyholder, (1, 3))
    _, contents = await open_envelope(files, market, data, opens)
    assert contents["method.pdf"] == b"How we will work"


@pytest.mark.parametrize("level", ["S3"], indirect=True)
async def test_the_site_seals_nothing_at_s3_and_says_how_else(
    client: httpx.AsyncClient, database: Database, market: Market, committee: Committee, owner: asyncpg.Connection
) -> None:
    ines: Bidder = await sign_in(database, client, market.ines)
    await ines.get(BID)
    page = await ines.send(f"{BID}/start")
    assert "no server may hold a bid readable" in page.text and "procurement seal" in page.text
    assert await owner.fetchval("SELECT count(*) FROM bid_draft") == 0


@pytest.mark.parametrize("level", ["S2"], indirect=True)
async def test_key_holders_that_are_not_those_published_are_sealed_to_by_nobody(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    """The tender says S2, and no roster was ever frozen: our fault, told as such."""
    assert await refusal(database, files, market, seal(market, market.harbour)) == "roster-differs"
