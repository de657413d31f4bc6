"""The pages of prices that are apart by lot: who passed where, what stays sealed, and whose kit is asked for."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import msgspec
import pytest
from lots_apart import bid_for_lots, sealed
from opening_day import Day
from tendering import Visitor, program
from test_financial_shared import sweep_prices
from test_lots_apart_shared import lost_price
from two_envelopes import CANARY, decide, open_prices, standing

from procurement.kernel.actor import Actor
from procurement.kernel.logproof import LogProof
from procurement.kernel.receiptproof import proven_receipt
from procurement.opening.rules import FinancialState

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]
Visit = Callable[[Actor | None], Awaitable[Visitor]]


async def test_everybody_reads_lot_by_lot_what_was_opened_and_what_stays_sealed(
    lots: Day,
    visit: Visit,
    advance: Advance,
) -> None:
    roads = (await lots.tender()).lots[0].id
    _, adler, _ = await bid_for_lots(lots, "Adler Strassenbau", "100.00", CANARY)
    await bid_for_lots(lots, "Harbour Paving", "", "100.00")
    here, reader = f"/tenders/{lots.tender_id}/opening/prices", await visit(None)
    await lots.close_bidding(advance)
    assert "Lot 2" not in (await reader.get(here)).text, "nobody reads who bids for what"
    await lots.open()
    assert "Lot 2" not in (await reader.get(here)).text
    await decide(lots, (adler, roads))
    decided = (await reader.get(here)).text
    assert decided.count("Harbour Paving") == 1 and decided.count("stays sealed") == 2
    assert "1 of 3 prices may be opened" in decided
    await open_prices(lots)
    shown = (await reader.get(here)).text
    assert "One price was opened." in shown and "1 250 050.00" in shown.replace("\u202f", " ").replace("\xa0", " ")
    assert shown.count("stays sealed") == 2 and CANARY not in shown
    told = (await reader.client.get(f"/api/v1{here}")).json()
    assert (told["passed"], [(one["bid"], one["lot"]) for one in told["read_out"]]) == (1, [(adler, roads)])


async def test_a_bidder_is_asked_for_the_kit_of_one_lot_and_two_people_may_go_on_without_that_price(
    double_lots: Day,
    visit: Visit,
    advance: Advance,
) -> None:
    day = double_lots
    who, _, _, bid_id, (roads, kerbs) = await lost_price(day, advance)
    here = f"/tenders/{day.tender_id}/opening/prices"
    bidder, officer, approver = await visit(who), await visit(day.town.olga), await visit(day.town.pia)
    assert "kit of the financial envelope of lot 2" in (await bidder.get(here)).text
    await advance(timedelta(days=4))
    assert "It is the price for lot 2." in (await officer.get(here)).text
    there = f"/tenders/{day.tender_id}/opening/unread/{bid_id}"
    why = "Nobody can open this price."
    assert (await officer.send(here, f"{there}/propose", reason=why, lot=roads)).status_code == 404
    assert (await officer.send(here, f"{there}/propose", reason=why, lot=kerbs)).status_code == 303
    assert (await approver.send(here, f"{there}/decide", decision="put-out", lot=kerbs)).status_code == 303
    await sweep_prices(day)
    assert (await standing(day)).state is FinancialState.SHOWN
    assert "could not be opened" in (await officer.get(here)).text


async def test_a_program_hands_in_the_price_of_each_lot_and_the_bidder_reads_them_on_the_receipt(
    lots: Day, visit: Visit, client: httpx.AsyncClient
) -> None:
    bidder = await lots.bidder("Adler Strassenbau")
    calls, path = await program(lots.database, client, bidder), f"/api/v1/tenders/{lots.tender_id}/bid"
    told = (await calls.get(path)).json()
    roads, kerbs = (lot.id for lot in (await lots.tender()).lots)
    assert (told["envelopes"], told["financial_lots"]) == (["technical", "financial"], [roads, kerbs])
    bid = await sealed(lots, bidder, ["100.00", "90.00"])
    for part in bid.parts:
        assert (await calls.put(f"{path}/parts/{part.blob.sha256}", content=part.data)).status_code == 200
    apart = [msgspec.to_builtins(one) for one in bid.priced_apart]
    body = {"envelope": msgspec.to_builtins(bid.envelope), "version": 1}
    for place, wrong in enumerate(
        ({}, {"financial": apart[0], "financial_lots": apart}, {"financial_lots": apart[::-1]})
    ):
        refused = await calls.post(path, json=body | wrong, headers={"idempotency-key": f"wrong-{place}"})
        assert (refused.status_code, refused.json().get("type")) == (422, "/problems/envelope-unexpected"), refused.text
    given = await calls.post(path, json=body | {"financial_lots": apart}, headers={"idempotency-key": "right"})
    again = await calls.post(path, json=body | {"financial_lots": apart}, headers={"idempotency-key": "right"})
    assert given.status_code == 201 and again.json() == given.json()
    digests = {lot: one.kit.digest for lot, one in zip((roads, kerbs), bid.financial, strict=True)}
    assert given.json()["receipt"]["receipt"]["financial_lots"] == digests
    receipt = (await (await visit(bidder)).get(f"/receipts/{given.json()['bid']}")).text
    assert "Digest of the financial envelope of lot 2" in receipt
    await lots.sequence()
    proof = (await calls.get(f"/api/v1/receipts/{given.json()['bid']}/proof")).text
    assert proven_receipt(LogProof.parse(proof))[0].receipt.receipt.financial_lots == digests


async def test_who_begins_a_bid_reads_that_each_lot_has_a_price_of_its_own(lots: Day, visit: Visit) -> None:
    supplier = await visit(await lots.bidder("Adler Strassenbau"))
    assert "The price of each lot is sealed apart" in (await supplier.get(f"/tenders/{lots.tender_id}/bid")).text
