"""What the organisations concerned are told in their inboxes, fact by fact: all of them in one transaction."""

from typing import Any

from procurement.awards import service as awards
from procurement.awards.rules import AwardAnnounced, AwardHeld, AwardHoldLifted, TenderUnsuccessful
from procurement.bids.rules.facts import SealedPartsLost
from procurement.clarifications import service as clarifications
from procurement.clarifications.rules import QuestionAnswered, QuestionAsked
from procurement.contracts import service as contracts
from procurement.contracts.rules import ContractDrafted, ContractSigned
from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.facts import LowPriceExplained, LowPriceQuestioned
from procurement.identity import service as identity
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.notices.rules.inbox import Kind, Letter
from procurement.notices.service.delivering import deliver, everybody, following, tell, written
from procurement.opening import service as opening
from procurement.opening.rules import BidsOpened, KitAsked, PricesOpened, TechnicalDecided
from procurement.tenders import service as tenders
from procurement.tenders.rules.facts import DeadlineExtended, TenderCancelled


@handles(QuestionAsked)
async def tell_question(tx: Tx, recorded: Recorded[QuestionAsked]) -> None:
    """The buyer, without who asked."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    link = f"/tenders/{tender.id}/questions"
    due = tender.answer_deadline
    await tell(tx, recorded, tender, Kind.QUESTION, {tender.buyer}, link=link, copied={tender.buyer}, due_at=due)


@handles(QuestionAnswered)
async def tell_answer(tx: Tx, recorded: Recorded[QuestionAnswered]) -> None:
    """Whoever asked, has a draft or a bid, or follows: all read the same."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    bidding, besides = await everybody(tx, tender)
    bidding |= {await clarifications.asker(tx, recorded.fact.question)} - {""}
    link = f"/tenders/{tender.id}#questions"
    number = recorded.fact.number
    await tell(tx, recorded, tender, Kind.ANSWER, bidding | besides, link=link, copied=bidding, number=number)


@handles(DeadlineExtended)
async def tell_deadline(tx: Tx, recorded: Recorded[DeadlineExtended]) -> None:
    fact = recorded.fact
    tender = await tenders.tender(tx, fact.tender)
    bidding, besides = await everybody(tx, tender)
    words: dict[str, Any] = {"previous": fact.previous_deadline, "deadline": fact.deadline, "reason": fact.reason}
    link = f"/tenders/{tender.id}"
    due = fact.deadline
    await tell(tx, recorded, tender, Kind.DEADLINE, bidding | besides, link=link, copied=bidding, due_at=due, **words)


@handles(TenderCancelled)
async def tell_cancelled(tx: Tx, recorded: Recorded[TenderCancelled]) -> None:
    tender = await tenders.tender(tx, recorded.fact.tender)
    bidding, besides = await everybody(tx, tender)
    link, reason = f"/tenders/{tender.id}", recorded.fact.reason
    await tell(tx, recorded, tender, Kind.CANCELLED, bidding | besides, link=link, copied=bidding, reason=reason)


@handles(SealedPartsLost)
async def tell_lost(tx: Tx, recorded: Recorded[SealedPartsLost]) -> None:
    """The bidder alone, whose bid nobody else may know of yet."""
    fact = recorded.fact
    tender = await tenders.tender(tx, fact.tender)
    link = f"/receipts/{fact.bid}/lost"
    await tell(tx, recorded, tender, Kind.LOST, {fact.supplier}, link=link, copied={fact.supplier}, parts=fact.parts)


@handles(KitAsked)
async def tell_kit(tx: Tx, recorded: Recorded[KitAsked]) -> None:
    """The bidder alone, whose bid too few key holders could read."""
    fact = recorded.fact
    tender = await tenders.tender(tx, fact.tender)
    link, theirs = f"/tenders/{tender.id}/opening{'/prices' if fact.decision else ''}", {fact.supplier}
    await tell(tx, recorded, tender, Kind.KIT, theirs, link=link, copied=theirs, due_at=fact.until, until=fact.until,
               two=tender.two_envelopes, prices=bool(fact.decision), lot=tender.lot(fact.lot or ""))  # fmt: skip


@handles(BidsOpened)
async def tell_opened(tx: Tx, recorded: Recorded[BidsOpened]) -> None:
    """Those whose bid was opened, and those who follow. Who had only a draft is nobody's business after it either."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    bidders = {bid.supplier for bid in recorded.fact.bids}
    everyone = bidders | await following(tx, tender)
    link, count = f"/tenders/{tender.id}/opening", len(recorded.fact.bids)
    await tell(tx, recorded, tender, Kind.OPENED, everyone, link=link, copied=bidders, count=count)


@handles(TechnicalDecided)
async def tell_technical(tx: Tx, recorded: Recorded[TechnicalDecided]) -> None:
    """Each bidder whether its prices will be opened, in which lots, and why not (Model Law article 47(8) and (9))."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    outcomes = await evaluation.technical_outcomes(tx, tender.id)
    link, letters = f"/tenders/{tender.id}/opening/prices", []
    for supplier, reasons in sorted(outcomes.items()):
        lots = [(lot, reasons[lot.id]) for lot in tender.lots if lot.id in reasons]
        title, body = await written(tx, tender, Kind.TECHNICAL, lots=lots, apart=bool(tender.lots_apart))
        letters.append(Letter(organisation=supplier, kind=Kind.TECHNICAL, title=title, body=body, link=link))
    await deliver(tx, recorded, tender, letters, set(outcomes))


@handles(PricesOpened)
async def tell_prices(tx: Tx, recorded: Recorded[PricesOpened]) -> None:
    """All who bid, and those who follow."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    bidders = {bid.supplier for bid in await opening.opened_bids(tx, tender.id)}
    everyone = bidders | await following(tx, tender)
    link, count = f"/tenders/{tender.id}/opening/prices", len(recorded.fact.bids)
    await tell(tx, recorded, tender, Kind.PRICES, everyone, link=link, copied=bidders, count=count)


@handles(LowPriceQuestioned)
async def tell_price(tx: Tx, recorded: Recorded[LowPriceQuestioned]) -> None:
    """The bidder whose price is very low: it may explain it."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    asked = {bid.supplier for bid in await opening.opened_bids(tx, tender.id) if bid.bid_id == recorded.fact.bid}
    link = f"/tenders/{tender.id}/price-question"
    await tell(tx, recorded, tender, Kind.PRICE, asked, link=link, copied=asked, question=recorded.fact.question)


@handles(LowPriceExplained)
async def tell_explained(tx: Tx, recorded: Recorded[LowPriceExplained]) -> None:
    """The buyer, without what was explained: that is for its evaluators."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    link = f"/tenders/{tender.id}/low-prices"
    await tell(tx, recorded, tender, Kind.EXPLAINED, {tender.buyer}, link=link, copied={tender.buyer})


@handles(AwardAnnounced)
async def tell_award(tx: Tx, recorded: Recorded[AwardAnnounced]) -> None:
    await _tell_decision(tx, recorded)


@handles(TenderUnsuccessful)
async def tell_unsuccessful(tx: Tx, recorded: Recorded[TenderUnsuccessful]) -> None:
    await _tell_decision(tx, recorded)


async def _tell_decision(tx: Tx, recorded: Recorded[Any]) -> None:
    """Each bidder of the lot: its own reasons, and how and until when it may object (Model Law article 22(2))."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    award = await awards.award(tx, recorded.fact.award)
    winner = await identity.organisations(tx, [award.supplier]) if award.supplier else {}
    lot = tender.lot(award.lot)
    shared: dict[str, Any] = {
        "award": award,
        "winner": winner[award.supplier].name if winner else "",
        "lot": lot.title if lot and len(tender.lots) > 1 else "",
        "until": await awards.standstill_words(tx, tender, award),
    }
    letters = []
    for supplier, reason in sorted(award.reasons.items()):
        won = supplier == award.supplier
        title, body = await written(tx, tender, Kind.AWARD, reason=reason, won=won, **shared)
        letters.append(
            Letter(
                organisation=supplier,
                kind=Kind.AWARD,
                title=title,
                body=body,
                link=f"/tenders/{tender.id}/award/letter",
                due_at=award.standstill_ends,
            )
        )
    await deliver(tx, recorded, tender, letters, set(award.reasons))


@handles(AwardHeld)
async def tell_held(tx: Tx, recorded: Recorded[AwardHeld]) -> None:
    await _tell_hold(tx, recorded, Kind.HELD)


@handles(AwardHoldLifted)
async def tell_lifted(tx: Tx, recorded: Recorded[AwardHoldLifted]) -> None:
    await _tell_hold(tx, recorded, Kind.LIFTED)


async def _tell_hold(tx: Tx, recorded: Recorded[Any], kind: Kind) -> None:
    """Everybody who had the award's letter."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    award = await awards.award(tx, recorded.fact.award)
    bidders, until = set(award.reasons), await awards.standstill_words(tx, tender, award)
    link, reason = f"/tenders/{tender.id}/award", recorded.fact.reason
    await tell(tx, recorded, tender, kind, bidders, link=link, copied=bidders, reason=reason, until=until)


@handles(ContractDrafted)
async def tell_contract(tx: Tx, recorded: Recorded[ContractDrafted]) -> None:
    """The supplier: the contract is there to be signed."""
    contract = await contracts.contract(tx, recorded.fact.contract)
    tender = await tenders.tender(tx, contract.tender)
    link, one = f"/contracts/{contract.id}/sign", {contract.supplier}
    await tell(tx, recorded, tender, Kind.CONTRACT, one, link=link, copied=one, contract=contract)


@handles(ContractSigned)
async def tell_in_force(tx: Tx, recorded: Recorded[ContractSigned]) -> None:
    """Both sides."""
    contract = await contracts.contract(tx, recorded.fact.contract)
    tender = await tenders.tender(tx, contract.tender)
    link, sides = f"/contracts/{contract.id}", {contract.supplier, contract.buyer}
    await tell(tx, recorded, tender, Kind.IN_FORCE, sides, link=link, copied=sides, contract=contract)


HANDLERS = (
    tell_answer,
    tell_award,
    tell_cancelled,
    tell_contract,
    tell_deadline,
    tell_explained,
    tell_held,
    tell_in_force,
    tell_lifted,
    tell_kit,
    tell_lost,
    tell_opened,
    tell_price,
    tell_prices,
    tell_question,
    tell_technical,
    tell_unsuccessful,
)
