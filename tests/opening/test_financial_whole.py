"""A request for proposals from its bids to its ranking: three bidders, of whom one fails each gate."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial

import msgspec
import pytest
from opening_day import RECEIPTS, Day
from tendering import SETUP, refused
from two_envelopes import CANARY, bid_two, open_prices, standing

from procurement.bids.rules.declarations import statements
from procurement.bids.rules.draft import Contents, add_file
from procurement.bids.service import drafts, handover, parts
from procurement.bids.service.seal import Upload, seal_upload
from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.conclusion import BELOW
from procurement.evaluation.rules.state import Score
from procurement.identity import service as identity
from procurement.kernel.actor import Actor
from procurement.kernel.money import Money
from procurement.kernel.permissions import Role
from procurement.opening.rules import FinancialState

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def document() -> AsyncIterator[bytes]:
    yield b"How we lay asphalt."


async def bid_without_scripts(day: Day, bidder: Actor, *unit_prices: str) -> str:
    """As the pages do it: this service seals all envelopes. `unit_prices` are of the items in their order, "" where
    there is none."""
    tender = await day.tender()
    async with day.database.begin(bidder) as tx:
        _, key = await drafts.start(tx, tender.id)
        held = await drafts.must_find(tx, tender.id)
    sealed = await seal_upload(day.files, held.recipient, Upload("method.pdf", "application/pdf"), document())
    declared = tuple(one.code for one in statements(tender))
    typed = {item.id: price for item, price in zip(tender.items, unit_prices, strict=True)}

    def fill(contents: Contents) -> Contents:
        filled = msgspec.structs.replace(contents, declared=declared, prices=typed)
        return add_file(filled, sealed)

    async with day.database.begin(bidder) as tx:
        await parts.register(tx, tender.id, sealed.blobs)
        await drafts.change(tx, tender.id, key, fill)
    async with day.database.begin(bidder) as tx:
        receipt = await handover.submit_draft(tx, day.files, RECEIPTS, tender.id, draft_key=key, key="once", changes=1)
    return receipt.bid.id


async def committee(day: Day) -> list[Actor]:
    """Two evaluators of the city, appointed and cleared; the first is the chair."""
    people = []
    async with day.database.begin(SETUP) as tx:
        for name in ("ruth", "dario"):
            person = await identity.create_person(tx, name=name.title(), email=f"{name}@marrow.example")
            await identity.grant(tx, person, day.town.city, Role.EVALUATOR)
            held = frozenset({(day.town.city, Role.EVALUATOR)})
            people.append(Actor(person=person, organisation=day.town.city, roles=held))
    async with day.database.begin(day.town.olga) as tx:
        await evaluation.appoint(tx, day.tender_id, [one.person for one in people], people[0].person)
    for one in people:
        async with day.database.begin(one) as tx:
            await evaluation.declare(tx, day.tender_id, conflict=False)
    return people


async def check(day: Day, evaluator: Actor, bid: str, *, compliant: bool) -> None:
    async with day.database.begin(evaluator) as tx:
        await evaluation.decide_compliance(tx, day.tender_id, bid, compliant=compliant, reason="We looked.")


async def score(day: Day, evaluator: Actor, given: dict[str, int]) -> None:
    """One score for each bid on everything, and lock."""
    await score_cells(day, evaluator, lambda bid, _criterion: given[bid])


async def score_cells(day: Day, evaluator: Actor, given: Callable[[str, str], int]) -> None:
    """A score for each bid on each criterion that concerns a lot of it (both ids), and lock."""
    async with day.database.begin(evaluator) as tx:
        sheet = await evaluation.own_sheet(tx, day.tender_id)
        scores = {cell: Score(given(*cell), "Because.") for cell in sheet.cells}
        await evaluation.lock_scores(tx, day.tender_id, scores)


async def act(day: Day, actor: Actor, what: Callable[..., Awaitable[object]], *more: object) -> None:
    async with day.database.begin(actor) as tx:
        await what(tx, *more)


async def test_prices_join_the_evaluation_after_the_technical_decision(two: Day, advance: Advance) -> None:
    good = await bid_without_scripts(two, await two.bidder("Harbour Paving"), "100.00")
    _, low = await bid_two(two, "Adler Strassenbau", CANARY)
    _, wrong = await bid_two(two, "Brightwater Civil Ltd", "1.00")
    await two.close_bidding(advance)
    await two.open()
    assert [bid.problem for bid in await two.opened()] == ["", "", ""]
    chair, second = await committee(two)
    await check(two, chair, good, compliant=True)
    await check(two, chair, low, compliant=True)
    await check(two, second, wrong, compliant=False)
    tender_id = two.tender_id
    propose, decide = evaluation.propose_technical, evaluation.decide_technical
    assert await refused(two.database, chair, lambda tx: propose(tx, tender_id)) == "evaluation-open"
    for evaluator in (chair, second):
        await score(two, evaluator, {good: 8, low: 5})
    conclude = partial(evaluation.conclude, files=two.files, tender_id=tender_id)
    assert await refused(two.database, chair, conclude) == "evaluation-open"
    assert await refused(two.database, two.town.pia, lambda tx: decide(tx, tender_id)) == "technical-unproposed"
    await act(two, chair, propose, tender_id)
    assert await refused(two.database, chair, lambda tx: decide(tx, tender_id)) == "not-permitted"
    await act(two, two.town.pia, evaluation.return_technical, tender_id, "Look at the second bid again.")
    await act(two, chair, propose, tender_id)
    await act(two, two.town.pia, decide, tender_id)
    await two.sequence()
    assert (await standing(two)).passed == ((good, ""),)
    assert await refused(two.database, chair, conclude) == "evaluation-open"
    await open_prices(two)
    assert (await standing(two)).state is FinancialState.SHOWN
    async with two.database.begin(chair) as tx:
        result = await conclude(tx)
    assert [(one.bid_id, one.rank, one.price) for one in result.ranking] == [
        (good, 1, Money(125_005_000, "EUR")),
        (low, 0, Money(0, "EUR")),
        (wrong, 0, Money(0, "EUR")),
    ]
    assert [one.reasons for one in result.ranking] == ["", BELOW, "We looked."]
