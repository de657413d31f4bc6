"""Two envelopes: prices stay sealed until the technical decision, and those of who failed for ever."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest
from bids_to_open import seal
from opening_day import RECEIPTS, Day
from sqlalchemy import text
from two_envelopes import (
    CANARY,
    asked_for_prices,
    bid_two,
    confirm_prices,
    decide,
    financial,
    open_prices,
    request_prices,
    seal_half,
    standing,
    submit_two,
    technical,
)

from procurement.bids import service as bids
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import closing_root, digest, envelope_bytes, verify_receipt
from procurement.kernel.sealing.signing import must_be_signed
from procurement.keyholder.protocol import FINANCIAL
from procurement.keyholder.protocol import Opening as Asked
from procurement.opening import jobs, service
from procurement.opening.rules import FinancialState
from procurement.opening.service.evidence import evidence
from procurement.opening.service.steps import OPENER
from procurement.settings import Settings
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def refusal(awaitable: Awaitable[object]) -> str:
    with pytest.raises(Refused) as no:
        await awaitable
    return no.value.code


async def test_prices_of_who_passed_are_opened_after_the_decision_and_no_other(two: Day, advance: Advance) -> None:
    _, good = await bid_two(two, "Adler Strassenbau", "100.00")
    _, poor = await bid_two(two, "Brightwater Civil Ltd", CANARY)
    await two.close_bidding(advance)
    await two.open()
    before = await two.opened()
    assert [(bid.valid, bid.priced, [d.name for d in bid.documents]) for bid in before] == [
        (True, False, ["method.pdf"]),
        (True, False, ["method.pdf"]),
    ]
    await decide(two, good)
    await open_prices(two)
    after = {bid.bid_id: bid for bid in await two.opened()}
    assert after[good].total == Money(125_005_000, "EUR")
    assert not after[poor].priced
    assert (await standing(two)).state is FinancialState.SHOWN


async def test_until_they_are_opened_no_price_stands_anywhere(
    two: Day, advance: Advance, owner: asyncpg.Connection, settings: Settings
) -> None:
    _, good = await bid_two(two, "Adler Strassenbau", "100.00")
    await bid_two(two, "Brightwater Civil Ltd", CANARY)
    await two.close_bidding(advance)
    await two.open()
    assert await leaks(owner, settings, "100.00") == await leaks(owner, settings, CANARY) == []
    await decide(two, good)
    assert await leaks(owner, settings, "100.00") == []
    await open_prices(two)
    assert "opened_price" in await leaks(owner, settings, "100.00")
    assert await leaks(owner, settings, CANARY) == []


async def leaks(owner: asyncpg.Connection, settings: Settings, word: str) -> list[str]:
    """Tables and files in which the word can be read."""
    tables = await owner.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'rulebook'"
    )
    found = [
        name
        for (name,) in tables
        if await owner.fetchval(f'SELECT EXISTS (SELECT FROM "{name}" t WHERE strpos(t::text, $1) > 0)', word)
    ]
    return found + files_with(Path(settings.data), word)


def files_with(folder: Path, word: str) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


async def test_the_keyholder_never_gives_the_prices_of_who_failed(two: Day, advance: Advance) -> None:
    _, good = await bid_two(two, "Adler Strassenbau")
    _, poor = await bid_two(two, "Brightwater Civil Ltd")
    await two.close_bidding(advance)
    await two.open()
    decided = await decide(two, good)
    await open_prices(two)
    async with two.database.begin(OPENER) as tx:
        envelopes = {one.bid_id: one for one in await bids.financial_envelopes(tx, two.tender_id)}
        record = await tx.session.scalar(text("SELECT record_id FROM financial_opening"))
        assert isinstance(record, int)
        proof = await evidence(tx, record)
    everything = tuple(decided.passed + decided.failed)
    assert set(everything) == {one.digest for one in envelopes.values()}
    granted = await two.keyholder.release(Asked(two.tender_id, kind=FINANCIAL), proof, everything)  # the old grant
    assert await two.keyholder.unlock(granted.leaf, envelopes[good].envelope)
    for leaf, code in ((granted.leaf, "not-released"), (decided.closing, "envelope-misplaced")):
        assert await refusal(two.keyholder.unlock(leaf, envelopes[poor].envelope)) == code


async def test_closing_covers_every_envelope_of_every_bid(two: Day, advance: Advance) -> None:
    await bid_two(two, "Adler Strassenbau")
    await bid_two(two, "Brightwater Civil Ltd")
    await two.close_bidding(advance)
    async with two.database.begin(OPENER) as tx:
        fixed = await bids.closing_of(tx, two.tender_id)
        envelopes = await bids.fixed_envelopes(tx, two.tender_id)
    assert fixed
    assert (fixed.bids, fixed.root) == closing_root([one.digest for one in envelopes])
    assert sorted(one.kind for one in envelopes) == ["financial", "financial", "technical", "technical"]


async def test_a_bid_is_both_envelopes_together_or_none(two: Day) -> None:
    tender, bidder = await two.tender(), await two.bidder("Adler Strassenbau")
    first, second = technical(tender, bidder.organisation), financial(tender, bidder.organisation)
    assert await refusal(submit_two(two, bidder, first, None)) == "envelope-unexpected"
    assert await refusal(submit_two(two, bidder, second, first)) == "envelope-unexpected"
    same = msgspec.structs.replace(second.envelope, recipient=first.envelope.recipient)
    second_to_the_same = type(second)(second.identity, same, second.parts)
    assert await refusal(submit_two(two, bidder, first, second_to_the_same)) == "recipient-twice"
    assert await refusal(two.submit(bidder, seal(tender, bidder.organisation))) == "envelope-unexpected"
    unsent = seal_half(tender, bidder.organisation, "financial", {"prices.json": b"{}"})
    unsent.parts.pop()
    assert await refusal(submit_two(two, bidder, first, unsent)) == "parts-missing"
    async with two.database.begin(OPENER) as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM bid")) == 0


async def test_the_receipt_names_both_envelopes(two: Day) -> None:
    tender, bidder = await two.tender(), await two.bidder("Adler Strassenbau")
    first, second = technical(tender, bidder.organisation), financial(tender, bidder.organisation)
    receipt = await submit_two(two, bidder, first, second)
    verify_receipt(RECEIPTS.private.public_key(), receipt.signed)
    digests = [digest(envelope_bytes(half.envelope)) for half in (first, second)]
    assert [receipt.signed.receipt.digest, receipt.signed.receipt.financial] == digests
    again = await submit_two(two, bidder, first, second)
    assert again.body == receipt.body


async def test_one_bidders_spoiled_prices_do_not_stop_the_others(two: Day, advance: Advance) -> None:
    _, good = await bid_two(two, "Adler Strassenbau")
    tender, bidder = await two.tender(), await two.bidder("Brightwater Civil Ltd")
    spoiled = seal_half(tender, bidder.organisation, "financial", {"prices.json": b"{}"})
    bad = (await submit_two(two, bidder, technical(tender, bidder.organisation), spoiled)).bid.id
    await two.close_bidding(advance)
    await two.open()
    await decide(two, good, bad)
    await open_prices(two)
    after = {bid.bid_id: bid for bid in await two.opened()}
    assert (after[good].valid, after[bad].valid, after[bad].problem_code) == (True, False, "prices-malformed")


async def test_a_technical_envelope_with_prices_is_not_opened(two: Day, advance: Advance) -> None:
    tender, bidder = await two.tender(), await two.bidder("Adler Strassenbau")
    telling = seal_half(tender, bidder.organisation, "technical", {"prices.json": b"{}", "method.pdf": b"How"})
    await submit_two(two, bidder, telling, financial(tender, bidder.organisation))
    await two.close_bidding(advance)
    await two.open()
    assert [bid.problem_code for bid in await two.opened()] == ["manifest-malformed"]


async def test_before_the_decision_nobody_can_ask_for_prices(two: Day, advance: Advance) -> None:
    await bid_two(two, "Adler Strassenbau")
    await two.close_bidding(advance)
    assert await refusal(decide(two)) == "not-opened"
    assert await refusal(request_prices(two, two.town.otto)) == "technical-undecided"
    await two.open()
    assert await refusal(request_prices(two, two.town.otto)) == "technical-undecided"
    assert (await standing(two)).state is FinancialState.SEALED


async def test_where_nobody_passed_no_price_is_opened(two: Day, advance: Advance) -> None:
    await bid_two(two, "Adler Strassenbau")
    await two.close_bidding(advance)
    await two.open()
    await decide(two)
    assert await refusal(request_prices(two, two.town.otto)) == "nobody-passed"
    assert (await standing(two)).state is FinancialState.NONE


async def test_a_technical_decision_is_taken_once(two: Day, advance: Advance) -> None:
    _, good = await bid_two(two, "Adler Strassenbau")
    _, poor = await bid_two(two, "Brightwater Civil Ltd")
    await two.close_bidding(advance)
    await two.open()
    await decide(two, good)
    assert await refusal(decide(two, good, poor)) == "technical-decided"


async def test_prices_need_two_people(two: Day, advance: Advance) -> None:
    _, good = await bid_two(two, "Adler Strassenbau")
    await two.close_bidding(advance)
    await two.open()
    await decide(two, good)
    await request_prices(two, two.town.omar)
    assert await refusal(confirm_prices(two, two.town.omar, "000000")) == "same-person"
    await jobs.sweep_prices(two.database, two.keyholder, two.files)
    assert (await standing(two)).state is FinancialState.REQUESTED


async def test_the_record_of_prices_is_signed_and_complete(two: Day, advance: Advance) -> None:
    _, good = await bid_two(two, "Adler Strassenbau")
    await two.close_bidding(advance)
    await two.open()
    await decide(two, good)
    await open_prices(two)
    async with two.database.begin(OPENER) as tx:
        file = msgspec.json.decode(
            await service.prices_record(tx, RECEIPTS, two.tender_id), type=dict[str, msgspec.Raw]
        )
        read_out = await service.prices_read_out(tx, two.tender_id)
        first = await service.read_out(tx, two.tender_id)
    must_be_signed(RECEIPTS.private.public_key(), bytes(file["record"]), msgspec.json.decode(file["signature"]))
    assert [one.bid for one in read_out] == [one.bid for one in first] == [good]
    assert (first[0].lots, list(read_out[0].lots.values())) == ({}, [Money(125_005_000, "EUR")])


async def test_of_a_cancelled_tender_no_price_is_opened(two: Day, advance: Advance) -> None:
    await asked_for_prices(two, advance)
    async with two.database.begin(two.town.pia) as tx:
        await tenders.cancel(tx, two.tender_id, "The need for this has gone away entirely.")
    await jobs.sweep_prices(two.database, two.keyholder, two.files)
    assert not any(bid.priced for bid in await two.opened())
