"""A sealed bid is received in time or not at all, and acknowledged once."""

import asyncio
import hashlib
import os
from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest
from bidding import (
    OPEN_FOR,
    SIGNER,
    TENDER,
    Market,
    SealedBid,
    acting,
    deliver,
    freeze,
    open_envelope,
    seal,
    submit,
    upload,
)

from procurement.bids import service
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import SignedReceipt, envelope_bytes, verify_receipt

pytestmark = pytest.mark.anyio

MICROSECOND = timedelta(microseconds=1)


async def deadline_of(owner: asyncpg.Connection) -> datetime:
    return await owner.fetchval("SELECT deadline FROM tender")


async def recorded(owner: asyncpg.Connection) -> list[str]:
    return [row["type"] for row in await owner.fetch("SELECT type FROM ledger_record ORDER BY id")]


async def uploaded(database: Database, files: Files, market: Market, **changes: object) -> SealedBid:
    bid = seal(market, market.harbour, **changes)  # type: ignore[arg-type]  # any field
    await upload(database, files, market.harbour_signs, bid)
    return bid


async def test_a_bid_in_time_is_received_recorded_and_receipted(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    receipt = await deliver(database, files, market, market.harbour_signs)
    signed = msgspec.json.decode(receipt.body, type=SignedReceipt)
    verify_receipt(SIGNER.private.public_key(), signed)
    row = await owner.fetchrow("SELECT * FROM bid")
    assert (row["digest"], row["version"]) == (signed.receipt.digest, 1)
    assert row["received_at"] < row["deadline_applied"] == await deadline_of(owner)
    assert signed.receipt.received_at == row["received_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert "BidReceived" in await recorded(owner)
    record = await owner.fetchrow("SELECT salt, body FROM ledger_record WHERE type = 'BidReceived'")
    entry = hashlib.sha256(b"entry/v1" + record["salt"] + record["body"]).hexdigest()
    assert signed.receipt.record == entry


async def test_the_sealed_bid_opens_as_it_was_sealed(database: Database, files: Files, market: Market) -> None:
    receipt = await deliver(database, files, market, market.harbour_signs)
    async with database.begin(market.harbour_signs) as tx:
        held = (await service.receipt(tx, receipt.bid.id)).envelope
    manifest, contents = await open_envelope(files, market, envelope_bytes(held))
    assert manifest.supplier == market.harbour
    assert contents["offer.txt"].startswith(b"our price")


@pytest.mark.parametrize("early", [MICROSECOND, timedelta(seconds=1)])
async def test_a_microsecond_before_the_deadline_is_in_time(
    early: timedelta, database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bid = await uploaded(database, files, market)
    await freeze(owner, await deadline_of(owner) - early)
    assert (await submit(database, market.harbour_signs, bid)).bid.version == 1


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND, timedelta(days=1)])
async def test_the_deadline_itself_and_a_microsecond_after_it_are_late(
    late: timedelta, database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bid = await uploaded(database, files, market)
    deadline = await deadline_of(owner)
    await freeze(owner, deadline + late)
    with pytest.raises(Refused) as no:
        await submit(database, market.harbour_signs, bid)
    fact = no.value.fact
    assert (no.value.code, fact.attempted_at, fact.deadline) == ("bid-late", deadline + late, deadline)
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0


async def test_a_late_attempt_is_recorded_although_nothing_else_is(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection, advance: object
) -> None:
    bid = await uploaded(database, files, market)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    before = await recorded(owner)
    async with database.begin(market.harbour_signs) as tx:
        async with tx.trying() as tried:
            offered = service.Submission(tender=TENDER, envelope=bid.envelope, version=1, key="k", request="r")
            await service.submit(tx, SIGNER, offered)
        assert tried.refused and tried.refused.code == "bid-late"
    assert await recorded(owner) == [*before, "LateBidRefused"]


async def test_the_same_request_again_gets_the_stored_receipt_also_after_the_deadline(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection, advance: object
) -> None:
    bid = await uploaded(database, files, market)
    first = await submit(database, market.harbour_signs, bid)
    await advance(OPEN_FOR)  # type: ignore[operator]
    again = await submit(database, market.harbour_signs, bid)
    assert again.body == first.body
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1


async def test_another_bid_under_a_used_key_is_refused(database: Database, files: Files, market: Market) -> None:
    await submit(database, market.harbour_signs, await uploaded(database, files, market))
    with pytest.raises(Refused) as no:
        await submit(database, market.harbour_signs, await uploaded(database, files, market, version=2))
    assert (no.value.code, no.value.status) == ("idempotency-key-reused", 409)


async def test_an_envelope_is_submitted_once_and_no_version_copies_it(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bid = await uploaded(database, files, market)
    await submit(database, market.harbour_signs, bid)
    with pytest.raises(Refused) as no:
        await submit(database, market.harbour_signs, SealedBid(bid.envelope, bid.parts, 2), "key-2")
    assert (no.value.code, no.value.status) == ("bid-misplaced", 422)
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1


async def test_one_key_pressed_ten_times_at_once_is_one_bid(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bid = await uploaded(database, files, market)
    receipts = await asyncio.gather(*(submit(database, market.harbour_signs, bid) for _ in range(10)))
    assert len({receipt.body for receipt in receipts}) == 1
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1


async def test_two_bids_of_one_supplier_at_once_are_one_bid_and_one_refusal(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bids = [await uploaded(database, files, market) for _ in range(4)]
    sent = (submit(database, market.harbour_signs, bid, f"key-{n}") for n, bid in enumerate(bids))
    answers = await asyncio.gather(*sent, return_exceptions=True)
    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert refused == ["version-taken"] * 3
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"tender": "2026-0001"}, "bid-misplaced"),
        ({"revision": "0" * 64}, "revision-changed"),
        ({"kind": "financial"}, "envelope-unexpected"),
        ({"m": 2, "n": 3, "roster": "1" * 64}, "seal-level-differs"),
    ],
)
async def test_an_envelope_sealed_for_something_else_is_refused(
    changes: dict[str, object], code: str, database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bid = await uploaded(database, files, market, **changes)
    with pytest.raises(Refused) as no:
        await submit(database, market.harbour_signs, bid)
    assert no.value.code == code
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0


async def test_a_bid_whose_parts_have_not_arrived_is_refused(database: Database, files: Files, market: Market) -> None:
    bid = seal(market, market.harbour)
    missing = SealedBid(bid.envelope, dict(list(bid.parts.items())[:1]), 1)
    await upload(database, files, market.harbour_signs, missing)
    with pytest.raises(Refused) as no:
        await submit(database, market.harbour_signs, bid)
    assert no.value.code == "parts-missing" and no.value.detail.startswith("2 of 3")


async def test_parts_of_a_competitor_are_not_ones_own(database: Database, files: Files, market: Market) -> None:
    bid = await uploaded(database, files, market)
    with pytest.raises(Refused) as no:
        await submit(database, market.adler_signs, bid)
    assert no.value.code == "parts-missing"


@pytest.mark.parametrize("who, code", [
    ("harbour_prepares", "not-permitted"),
    ("officer", "not-permitted"),
    ("nobody", "sign-in-needed"),
    ("buyer_bids", "own-tender"),
])  # fmt: skip
async def test_only_who_may_submit_submits(
    who: str, code: str, database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bid = await uploaded(database, files, market)
    actor = {
        "nobody": acting("", ""),
        "buyer_bids": acting(market.olga, market.city, Role.OWNER),
    }.get(who) or getattr(market, who)
    with pytest.raises(Refused) as no:
        await submit(database, actor, bid)
    assert no.value.code == code
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0


async def test_a_new_version_replaces_and_a_skipped_one_is_refused(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    first = await deliver(database, files, market, market.harbour_signs)
    second = await deliver(database, files, market, market.harbour_signs, 2)
    with pytest.raises(Refused) as no:
        await deliver(database, files, market, market.harbour_signs, 4)
    assert no.value.code == "version-taken"
    async with database.begin(market.harbour_signs) as tx:
        assert (await service.receipt(tx, first.bid.id)).fate == "replaced"
        assert (await service.receipt(tx, second.bid.id)).fate == "counts"


async def test_a_withdrawal_counts_once_and_a_new_version_may_follow(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    await deliver(database, files, market, market.harbour_signs)
    async with database.begin(market.harbour_signs) as tx:
        first = await service.withdraw(tx, TENDER)
    async with database.begin(market.harbour_signs) as tx:
        assert await service.withdraw(tx, TENDER) == first
    assert (await recorded(owner)).count("BidWithdrawn") == 1
    assert (await deliver(database, files, market, market.harbour_signs, 2)).fate == "counts"


async def test_a_withdrawal_after_the_deadline_is_late(
    database: Database, files: Files, market: Market, advance: object
) -> None:
    await deliver(database, files, market, market.harbour_signs)
    await advance(OPEN_FOR)  # type: ignore[operator]
    with pytest.raises(Refused) as no:
        async with database.begin(market.harbour_signs) as tx:
            await service.withdraw(tx, TENDER)
    assert no.value.code == "bid-late"


async def test_who_never_bid_has_nothing_to_withdraw(database: Database, market: Market) -> None:
    with pytest.raises(Refused) as no:
        async with database.begin(market.adler_signs) as tx:
            await service.withdraw(tx, TENDER)
    assert no.value.code == "bid-unknown"


async def test_a_receipt_is_shown_to_the_bidder_alone(database: Database, files: Files, market: Market) -> None:
    receipt = await deliver(database, files, market, market.harbour_signs)
    for stranger in (market.adler_signs, market.officer, acting("", "")):
        async with database.begin(stranger) as tx:
            with pytest.raises(Refused) as no:
                await service.receipt(tx, receipt.bid.id)
            assert no.value.code == "receipt-unknown"


async def test_a_receipt_checks_for_anyone_and_an_altered_one_for_nobody(
    database: Database, files: Files, market: Market
) -> None:
    receipt = await deliver(database, files, market, market.harbour_signs)
    async with database.begin(acting("", "")) as tx:
        assert (await service.check(tx, SIGNER, receipt.body)).receipt.digest == receipt.bid.digest
        for file, code in (
            (receipt.body.replace(b'"version":1', b'"version":2'), "signature-wrong"),
            (b"{}", "receipt-malformed"),
            (os.urandom(30000), "receipt-malformed"),
        ):
            with pytest.raises(Refused) as no:
                await service.check(tx, SIGNER, file)
            assert no.value.code == code
