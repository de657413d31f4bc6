"""The envelopes of a bid are received together with those of other bids: all of a bid, or nothing of it."""

import hashlib

import asyncpg
import httpx
import pytest
from bidding import OPEN_FOR, TENDER, Market, SealedBid, lot_id, once, seal
from handing_in import OTHER, Bidder, Bidders, at_once, codes, counted, publish_other

from procurement.app import Parts
from procurement.bids.service import parts as bid_parts
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.entry import read_record
from procurement.kernel.sealing import new_identity

pytestmark = pytest.mark.anyio


class PricingBidders(Bidders):
    """Makes bidders with financial envelopes, to a tender of two lots and to one without. `financial`: by person and
    lot."""

    def __init__(self, client: httpx.AsyncClient, database: Database, files: Files, market: Market) -> None:
        super().__init__(client, database, files, market)
        self.financial: dict[str, dict[str, SealedBid]] = {}

    async def pricing(self, *lots: str) -> Bidder:
        """To TENDER with an envelope for each of the lots; without any, to OTHER with one for all."""
        bidder = await self.bidder(TENDER if lots else OTHER, kind="technical")
        self.price(bidder, *lots)
        for bid in self.financial[bidder.actor.person].values():
            blobs = [await bid_parts.store(self.files, sha256, once(data)) for sha256, data in bid.parts.items()]
            async with self.database.begin(bidder.actor) as tx:
                await bid_parts.register(tx, bidder.tender, blobs)
        return bidder

    def price(self, bidder: Bidder, *lots: str) -> None:
        """Anew; the parts are not stored."""
        made = {
            lot: seal(self.market, bidder.actor.organisation, tender=bidder.tender, kind="financial", lot_group=lot)
            for lot in lots or ("",)
        }
        self.financial[bidder.actor.person] = made
        bidder.besides = _members(made)

    def digests(self, bidder: Bidder) -> dict[str, str]:
        made = self.financial[bidder.actor.person]
        return {lot: hashlib.sha256(bid.envelope).hexdigest() for lot, bid in made.items()}


def _members(made: dict[str, SealedBid]) -> bytes:
    if "" in made:
        return b',"financial":%s' % made[""].envelope
    return b',"financial_lots":[%s]' % b",".join(bid.envelope for bid in made.values())


@pytest.fixture
async def bidders(
    client: httpx.AsyncClient, database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> PricingBidders:
    await publish_other(owner)
    await owner.execute("ALTER TABLE tender DISABLE TRIGGER USER")
    await owner.execute("UPDATE tender SET financial_recipient = $1", new_identity()[1])
    await owner.execute("ALTER TABLE tender ENABLE TRIGGER USER")
    return PricingBidders(client, database, files, market)


async def _everybody(bidders: PricingBidders) -> list[Bidder]:
    both, second = (lot_id(1), lot_id(2)), (lot_id(2),)
    return [await bidders.pricing(*lots) for lots in (both, second, (), both, second, (), both, ())]


async def test_bids_share_a_transaction_and_each_has_all_of_its_envelopes(
    bidders: PricingBidders, parts: Parts, owner: asyncpg.Connection
) -> None:
    several = await _everybody(bidders)
    with counted(parts.database.engine) as seen:
        answers = await at_once(several)
    assert codes(answers) == ["received"] * len(several)
    assert seen["commit"] == seen["INSERT INTO bid"] == seen["INSERT INTO bid_financial"] <= 4
    for bidder, answer in zip(several, answers, strict=True):
        await _must_be_whole(owner, bidder, answer, bidders.digests(bidder))
    assert [answer.text for answer in await at_once(several)] == [answer.text for answer in answers]


async def _must_be_whole(
    owner: asyncpg.Connection, bidder: Bidder, answer: httpx.Response, wanted: dict[str, str]
) -> None:
    """The rows, the record and the receipt name the same envelopes."""
    bid = answer.json()["bid"]
    rows = await owner.fetch("SELECT lot, digest, sha256(envelope) AS sha256 FROM bid_financial WHERE bid_id = $1", bid)
    assert {row["lot"]: row["digest"] for row in rows} == wanted
    assert all(row["sha256"].hex() == row["digest"] for row in rows)
    assert await owner.fetchval("SELECT kind FROM bid WHERE id = $1", bid) == "technical"
    receipt = answer.json()["receipt"]["receipt"]
    assert receipt["digest"] == hashlib.sha256(bidder.bid.envelope).hexdigest()
    record = await owner.fetchval(
        "SELECT record.body FROM ledger_record AS record JOIN bid_receipt ON record_id = id WHERE bid_id = $1",
        bid,
    )
    for named in (receipt, read_record(record).fact):
        assert named.get("financial_lots", {"": named.get("financial")}) == wanted


async def test_an_envelope_that_was_submitted_before_keeps_its_bid_out_and_no_other(
    bidders: PricingBidders, owner: asyncpg.Connection, parts: Parts
) -> None:
    first, second, third, fourth, *others = await _everybody(bidders)
    copying = await bidders.bidder(kind="technical")
    copying.besides = fourth.besides
    await owner.execute(
        "INSERT INTO bid_part SELECT tender_id, $1, sha256, size FROM bid_part WHERE supplier_id = $2"
        " ON CONFLICT DO NOTHING",
        copying.actor.organisation,
        fourth.actor.organisation,
    )
    assert codes(await at_once([first, fourth])) == ["received"] * 2
    with counted(parts.database.engine) as seen:
        answers = await at_once([third, second, copying, *others])
    assert codes(answers) == ["received", "received", "bid-misplaced", *["received"] * 4]
    assert seen["commit"] <= 4  # two alone, all that came meanwhile with each other
    assert await owner.fetchval("SELECT count(*) FROM bid") == 8
    assert await owner.fetchval("SELECT count(*) FROM bid_financial") == 11


async def test_other_prices_under_a_key_and_too_few_envelopes_are_refused_among_others(bidders: PricingBidders) -> None:
    first, second, third, fourth = (await _everybody(bidders))[:4]
    assert codes([await first.hand_in()]) == ["received"]
    bidders.price(first, lot_id(1))
    third.besides = b""
    assert codes(await at_once([second, first, third, fourth])) == [
        "received", "idempotency-key-reused", "envelope-unexpected", "received"
    ]  # fmt: skip


async def test_after_the_deadline_each_is_told_so(
    bidders: PricingBidders, owner: asyncpg.Connection, parts: Parts, keyholder: object, advance: object
) -> None:
    several = await _everybody(bidders)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    assert codes(await at_once(several)) == [
        "bid-late" if bidder.tender == TENDER else "received" for bidder in several
    ]
    late = "SELECT count(*) FROM ledger_record WHERE type = 'LateBidRefused'"
    assert (await owner.fetchval("SELECT count(*) FROM bid_financial"), await owner.fetchval(late)) == (3, 5)
    await parts.latching.close()
