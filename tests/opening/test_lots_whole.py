"""A request for proposals with two lots from its bids to its ranking: each bid is judged in each lot that it is for."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from lots_apart import HUNDRED, bid_for_lots
from opening_day import Day
from sqlalchemy import text
from test_financial_whole import act, bid_without_scripts, check, committee, score_cells
from two_envelopes import CANARY, open_prices, standing

from procurement.bids import service as bids
from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.conclusion import BELOW
from procurement.infra.outbox import Recorded
from procurement.kernel.money import Money
from procurement.kernel.sealing import parse_envelope
from procurement.notices.jobs import telling
from procurement.opening.rules import FinancialState, TechnicalDecided
from procurement.opening.service.steps import OPENER

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]
NONE = Money(0, "EUR")


async def test_each_bid_passes_or_fails_in_each_lot_that_it_is_for(lots: Day, advance: Advance) -> None:
    tender = await lots.tender()
    roads, kerbs = (lot.id for lot in tender.lots)
    by_site = await bid_without_scripts(lots, await lots.bidder("Harbour Paving"), "100.00", CANARY)
    adler, other, _ = await bid_for_lots(lots, "Adler Strassenbau", "", "100.00")
    _, wrong, _ = await bid_for_lots(lots, "Brightwater Civil Ltd", "1.00", "")
    await lots.close_bidding(advance)
    await lots.open()
    assert [(bid.problem, bid.priced) for bid in await lots.opened()] == [("", False)] * 3
    await _are_sealed_by_the_site(lots, by_site, [roads, kerbs])
    chair, second = await committee(lots)
    for bid in (by_site, other):
        await check(lots, chair, bid, compliant=True)
    await check(lots, chair, wrong, compliant=False)
    of_kerbs = next(one.id for one in tender.criteria if one.lot == kerbs)
    for evaluator in (chair, second):
        await score_cells(lots, evaluator, lambda bid, criterion: 5 if (bid, criterion) == (by_site, of_kerbs) else 8)
    await act(lots, chair, evaluation.propose_technical, lots.tender_id)
    await act(lots, lots.town.pia, evaluation.decide_technical, lots.tender_id)
    await lots.sequence()
    assert (await standing(lots)).passed == tuple(sorted([(by_site, roads), (other, kerbs)]))
    async with lots.database.begin(OPENER) as tx:
        told = await evaluation.technical_outcomes(tx, lots.tender_id)
    assert sorted(told.values(), key=len) == [{kerbs: ""}, {roads: "We looked."}, {roads: "", kerbs: BELOW}]
    assert told[adler.organisation] == {kerbs: ""}
    await _is_written_to_each(lots, adler.organisation)
    await open_prices(lots)
    assert (await standing(lots)).state is FinancialState.SHOWN
    async with lots.database.begin(chair) as tx:
        result = await partial(evaluation.conclude, files=lots.files, tender_id=lots.tender_id)(tx)
    assert [(one.lot, one.bid_id, one.rank, one.price, one.reasons) for one in result.ranking] == [
        (roads, by_site, 1, HUNDRED, ""),
        (roads, wrong, 0, NONE, "We looked."),
        (kerbs, other, 1, HUNDRED, ""),
        (kerbs, by_site, 0, NONE, BELOW),
    ]


async def _is_written_to_each(day: Day, adler: str) -> None:
    """Each bidder reads of its own lots, and of no other's."""
    async with day.database.begin(OPENER) as tx:
        tender, fact = await day.tender(), TechnicalDecided(tender=day.tender_id, closing="", passed=[], failed=[])
        number = await tx.session.scalar(text("SELECT record_id FROM financial_opening"))
        assert isinstance(number, int)
        await telling.tell_technical.run(tx, Recorded(number, tx.now, tender.ocid, tender.buyer, "", fact))
        rows = await tx.session.execute(text("SELECT organisation, body FROM inbox_message WHERE kind = 'technical'"))
        letters: dict[str, str] = {organisation: body for organisation, body in rows}
    of_both = next(body for body in letters.values() if BELOW in body)
    assert "Lot 1: " in of_both and "Lot 2: Kerbs of Harbour Road\nIt did not pass." in of_both
    assert "Lot 1" not in letters[adler] and "It passed. Its price will be opened" in letters[adler]


async def _are_sealed_by_the_site(day: Day, bid_id: str, lots: list[str]) -> None:
    """One technical envelope, and one for each lot to a key of its own."""
    async with day.database.begin(OPENER) as tx:
        kept = [one for one in await bids.fixed_envelopes(tx, day.tender_id) if one.bid_id == bid_id]
    envelopes = [parse_envelope(one.envelope) for one in kept]
    assert {(one.kind, one.lot_group) for one in envelopes} == {
        ("technical", ""),
        *(("financial", lot) for lot in lots),
    }
    assert len({one.recipient for one in envelopes}) == 3 and {one.sealed_by for one in envelopes} == {"server"}
