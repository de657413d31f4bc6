"""Reading awards: the public ones, the proposals, and each bidder's own letter."""

from datetime import datetime

import msgspec

from procurement.awards.rules import Award, last_day
from procurement.awards.service import store
from procurement.awards.service.deciding import outcome
from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.ranking import Ranked
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender


async def decisions(tx: Tx, tender_id: str) -> tuple[Award, ...]:
    """The announced awards of a tender, one a lot, the unsuccessful lots included. Public."""
    return tuple(award for award in await store.standing(tx, tender_id) if award.announced_at is not None)


async def decision(tx: Tx, tender_id: str) -> Award | None:
    """The first announced award: the only one where a tender has a single lot. See `decisions`."""
    return next(iter(await decisions(tx, tender_id)), None)


async def award(tx: Tx, award_id: str) -> Award:
    """One announced award. Refused("award-unknown", 404) also for a proposal: that is nobody's business yet."""
    found = await store.find(tx, award_id)
    if found.announced_at is None:
        raise unknown("award")
    return found


async def locked_award(tx: Tx, award_id: str) -> Award:
    """As `award`, held until this transaction ends, so that no hold comes between reading and acting on it."""
    found = await store.value(tx, await store.lock(tx, award_id))
    if found.announced_at is None:
        raise unknown("award")
    return found


async def standstill_words(tx: Tx, tender: Tender, found: Award) -> str:
    """When the standstill of an award ends, in official time and words; "" where there is none."""
    if found.standstill_ends is None:
        return ""
    return last_day(found.standstill_ends, (await tenders.rulebook_of(tx, tender)).zone)


class Desk(msgspec.Struct, frozen=True):
    """What officer and approver have before them. `lots` are lot ids (one "" where there are none)."""

    tender: Tender
    result: evaluation.EvaluationResult | None
    awards: tuple[Award, ...]
    lots: tuple[str, ...]
    suppliers: dict[str, str]

    def of_lot(self, lot: str) -> Award | None:
        return next((found for found in self.awards if found.lot == lot), None)

    def lot_title(self, lot: str) -> str:
        """The lot\'s title; "" where there is only one, which the tender\'s own title names."""
        if len(self.tender.lots) < 2:
            return ""
        return next((found.title for found in self.tender.lots if found.id == lot), "")


async def desk(tx: Tx, tender_id: str) -> Desk:
    """The proposals with the result they rest on: for the buyer's officers and approvers, and auditors."""
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.AWARD_READ, of=tender.buyer)
    result = await outcome(tx, tender_id)
    names = await identity.organisations(tx, {r.supplier for r in result.ranking} if result else set())
    return Desk(
        tender,
        result,
        await store.standing(tx, tender_id),
        tuple(lot.id for lot in tender.lots) or ("",),
        {key: found.name for key, found in names.items()},
    )


class LotLetter(msgspec.Struct, frozen=True):
    """One lot in a bidder's letter: the bidder's own line of the ranking, the winner's (None if there is none)."""

    award: Award
    title: str
    own: Ranked
    winner: Ranked | None
    reason: str

    @property
    def won(self) -> bool:
        return self.award.bid == self.own.bid_id


class Letter(msgspec.Struct, frozen=True):
    """What one bidder is told (Directive 2014/24/EU, article 55; UNCITRAL Model Law, article 22(2))."""

    tender: Tender
    supplier: str
    buyer_name: str
    winners: dict[str, str]
    lots: tuple[LotLetter, ...]
    concluded_at: datetime


async def letter(tx: Tx, tender_id: str, supplier: str) -> Letter:
    """The letter to one bidder, read by its own people. Refused("not-permitted"), ("letter-unknown", 404)."""
    tx.actor.must(P.BID_READ_OWN, of=supplier)
    tender = await tenders.public_tender(tx, tender_id)
    result = await evaluation.result(tx, tender_id)
    lots = []
    for found in await decisions(tx, tender_id):
        ranking = result.of_lot(found.lot) if result else ()
        own = next((r for r in ranking if r.supplier == supplier), None)
        if own is not None:
            title = next((lot.title for lot in tender.lots if lot.id == found.lot), "")
            winner = next((r for r in ranking if r.bid_id == found.bid), None)
            lots.append(LotLetter(found, title, own, winner, found.reasons.get(supplier, found.reason)))
    if not lots or result is None:
        raise Refused("letter-unknown", "There is no letter for your organisation about this tender.", status=404)
    people = await identity.organisations(tx, {tender.buyer, *(lot.award.supplier for lot in lots)})
    names = {key: organisation.name for key, organisation in people.items()}
    return Letter(tender, supplier, names[tender.buyer], names, tuple(lots), result.concluded_at)
