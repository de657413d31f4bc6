"""Two envelopes and two lots: who passes in one lot only has that one price opened, and the other never."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import msgspec
import pytest
from lots_apart import HUNDRED, bid_for_lots, sealed, submit
from opening_day import RECEIPTS, Day
from sqlalchemy import text
from test_financial import leaks, refusal
from two_envelopes import CANARY, decide, financial, open_prices, standing

from procurement.bids import service as bids
from procurement.bids.service import parts, whole
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import closing_root, digest, envelope_bytes, verify_receipt
from procurement.keyholder.protocol import FINANCIAL
from procurement.keyholder.protocol import Opening as Asked
from procurement.opening import service
from procurement.opening.rules import FinancialState
from procurement.opening.service.evidence import evidence
from procurement.opening.service.steps import OPENER
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]
HIDDEN = ("TenderClosed", "BidReceived", "BidWithdrawn")


async def test_who_passes_in_one_lot_only_has_its_other_price_opened_never(
    lots: Day, advance: Advance, owner: asyncpg.Connection, settings: Settings
) -> None:
    roads, kerbs = (lot.id for lot in (await lots.tender()).lots)
    _, adler, sealed_by_adler = await bid_for_lots(lots, "Adler Strassenbau", "100.00", CANARY)
    _, harbour, _ = await bid_for_lots(lots, "Harbour Paving", "", "100.00")
    await lots.close_bidding(advance)
    await lots.open()
    decided = await decide(lots, (adler, roads), (harbour, kerbs))
    shut = sealed_by_adler.financial[1]
    assert decided.failed == [shut.kit.digest] and len(decided.passed) == 2
    await open_prices(lots)
    after = {bid.bid_id: bid for bid in await lots.opened()}
    assert (after[adler].lot_totals, after[harbour].lot_totals) == ({roads: HUNDRED}, {kerbs: HUNDRED})
    assert after[adler].valid and [price.unit_price for price in after[adler].item_prices] == ["100.00"]
    assert await leaks(owner, settings, CANARY) == [] != await leaks(owner, settings, "100.00")
    assert (await standing(lots)).state is FinancialState.SHOWN
    await _is_never_given(lots, decided.closing, envelope_bytes(shut.envelope))
    async with lots.database.begin(OPENER) as tx:
        told = await service.prices_read_out(tx, lots.tender_id)
    assert [(one.bid, one.lot, one.lots) for one in told] == [
        (adler, roads, {roads: HUNDRED}),
        (harbour, kerbs, {kerbs: HUNDRED}),
    ]


async def test_the_database_takes_no_envelope_of_all_lots_where_they_are_priced_apart(
    lots: Day, owner: asyncpg.Connection
) -> None:
    """As a process of before would write it, which goes on beside a newer one for a while."""
    _, bid, _ = await bid_for_lots(lots, "Adler Strassenbau", "100.00", "100.00")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="a financial envelope of its own"):
        await owner.execute("INSERT INTO bid_financial (bid_id, digest, envelope) VALUES ($1, $2, 'x')", bid, "a" * 64)


async def _is_never_given(day: Day, closing: str, envelope: bytes) -> None:
    """Neither under the grant of the prices nor under that of the technical envelopes."""
    async with day.database.begin(OPENER) as tx:
        record = await tx.session.scalar(text("SELECT record_id FROM financial_opening"))
        assert isinstance(record, int)
        proof = await evidence(tx, record)
    granted = await day.keyholder.release(Asked(day.tender_id, kind=FINANCIAL), proof, ())  # the old grant
    for leaf, code in ((granted.leaf, "not-released"), (closing, "envelope-misplaced")):
        assert await refusal(day.keyholder.unlock(leaf, envelope)) == code


async def test_a_bid_is_one_envelope_for_each_lot_that_it_is_for_in_their_order(lots: Day) -> None:
    bidder = await lots.bidder("Adler Strassenbau")
    bid = await sealed(lots, bidder, ["100.00", "100.00"])
    first, second = bid.priced_apart
    of_all = financial(await lots.tender(), bidder.organisation).envelope
    elsewhere = msgspec.structs.replace(second, lot_group="another")
    for wrong in ([], [second, first], [first, first], [of_all], [first, elsewhere], [of_all, second]):
        assert await refusal(submit(lots, bidder, bid, wrong)) == "envelope-unexpected"
    same = msgspec.structs.replace(second, recipient=first.recipient)
    assert await refusal(submit(lots, bidder, bid, [first, same])) == "recipient-twice"
    async with lots.database.begin(OPENER) as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM bid")) == 0


async def test_the_receipt_names_the_envelope_of_every_lot(lots: Day) -> None:
    roads, kerbs = (lot.id for lot in (await lots.tender()).lots)
    bidder = await lots.bidder("Adler Strassenbau")
    bid = await sealed(lots, bidder, ["100.00", "100.00"])
    receipt = await submit(lots, bidder, bid)
    verify_receipt(RECEIPTS.private.public_key(), receipt.signed)
    body, digests = receipt.signed.receipt, [digest(envelope_bytes(one)) for one in bid.priced_apart]
    assert body.financial_lots == dict(zip((roads, kerbs), digests, strict=True)) and not body.financial
    assert (await submit(lots, bidder, bid)).body == receipt.body
    found = await whole.examine(lots.database, lots.files)
    assert (found.bids, found.parts, found.flaws) == (1, len(bid.parts), [])


async def test_closing_fixes_the_newest_envelope_of_each_lot_and_nobody_reads_how_many(
    lots: Day, advance: Advance
) -> None:
    bidder, _, _ = await bid_for_lots(lots, "Adler Strassenbau", "100.00", "100.00")
    newer = await sealed(lots, bidder, ["", "90.00"], version=2)
    await submit(lots, bidder, newer)
    gone, _, _ = await bid_for_lots(lots, "Harbour Paving", "100.00", "100.00")
    async with lots.database.begin(gone) as tx:
        await bids.withdraw(tx, lots.tender_id)
    await lots.close_bidding(advance)
    async with lots.database.begin(OPENER) as tx:
        fixed = await bids.closing_of(tx, lots.tender_id)
        envelopes = await bids.fixed_envelopes(tx, lots.tender_id)
        offered = await bids.lots_offered(tx, await lots.tender())
        told = await tx.session.scalars(text(f"SELECT DISTINCT visible FROM ledger_record WHERE type IN {HIDDEN}"))
        assert told.all() == ["at-opening"]
    assert fixed and (fixed.bids, fixed.root) == closing_root([one.digest for one in envelopes])
    kerbs = (await lots.tender()).lots[1].id
    assert sorted((one.kind, one.lot) for one in envelopes) == [("financial", kerbs), ("technical", "")]
    assert offered[envelopes[0].bid_id] == (kerbs,)


async def test_a_price_list_that_is_wrong_puts_its_bid_out_in_its_own_lot_alone(lots: Day, advance: Advance) -> None:
    roads, kerbs = (lot.id for lot in (await lots.tender()).lots)
    bidder = await lots.bidder("Adler Strassenbau")
    bid = await sealed(lots, bidder, ["100.00", "100.00"])
    first, second = bid.priced_apart
    misplaced = [msgspec.structs.replace(second, lot_group=roads), msgspec.structs.replace(first, lot_group=kerbs)]
    swapped = (await submit(lots, bidder, bid, misplaced)).bid.id
    other = await lots.bidder("Harbour Paving")
    right, wrong = await sealed(lots, other, ["100.00", ""]), await sealed(lots, other, ["100.00", ""])
    foreign = msgspec.structs.replace(wrong.financial[0].envelope, lot_group=kerbs)
    async with lots.database.begin(other) as tx:
        await parts.register(tx, lots.tender_id, [await parts.store_sealed(lots.files, one) for one in wrong.parts])
    half = (await submit(lots, other, right, [right.financial[0].envelope, foreign])).bid.id
    await lots.close_bidding(advance)
    await lots.open()
    await decide(lots, (swapped, roads), (swapped, kerbs), (half, roads), (half, kerbs))
    await open_prices(lots)
    after = {one.bid_id: one for one in await lots.opened()}
    assert (after[swapped].valid, after[swapped].problem_code) == (False, "prices-malformed")
    assert after[half].valid and after[half].lot_totals == {roads: HUNDRED} and set(after[half].shut_lots) == {kerbs}


async def test_only_a_lot_that_the_bid_is_for_can_be_passed_in(lots: Day, advance: Advance) -> None:
    roads = (await lots.tender()).lots[0].id
    _, bid, _ = await bid_for_lots(lots, "Adler Strassenbau", "", "100.00")
    await lots.close_bidding(advance)
    await lots.open()
    with pytest.raises(Refused) as no:
        await decide(lots, (bid, roads))
    assert no.value.code == "bid-unknown"
