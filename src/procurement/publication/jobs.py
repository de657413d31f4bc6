"""Each public fact becomes an OCDS release, once, and the notice follows."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from procurement.awards.rules import AwardAnnounced, TenderUnsuccessful
from procurement.clarifications.rules import QuestionAnswered
from procurement.contracts.rules import ContractSigned
from procurement.evaluation import service as evaluation
from procurement.identity import service as identity
from procurement.identity.rules.changes import OrganisationMerged, OrganisationRenamed
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.opening.rules import BidsOpened, PricesOpened
from procurement.publication.ocds import award as awarding
from procurement.publication.ocds import tender as tendering
from procurement.publication.ocds.parts import Json, parties, reference
from procurement.publication.service import naming
from procurement.publication.service.writing import compiled, lock, publish, release_id
from procurement.settings import Settings
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender
from procurement.tenders.rules.facts import DeadlineExtended, TenderCancelled, TenderPublished


@cache
def base_url() -> str:
    """Where documents are found; a worker has the same settings as the web processes."""
    return Settings.read().base_url


def notice_url(tender: Tender) -> str:
    return f"{base_url()}/tenders/{tender.id}"


@handles(TenderPublished)
async def publish_tender(tx: Tx, recorded: Recorded[TenderPublished]) -> None:
    """The call as it was published, though its deadline may have moved meanwhile."""
    fact = recorded.fact
    tender = _timed(await tenders.tender(tx, fact.tender), fact)
    buyer = await identity.organisation(tx, tender.buyer)
    section = tendering.tender_section(tender, buyer, notice_url(tender))
    await _publish(tx, recorded, tender, "tender", {"buyer": [buyer.id]}, tender=section)


@handles(DeadlineExtended)
async def publish_extension(tx: Tx, recorded: Recorded[DeadlineExtended]) -> None:
    fact = recorded.fact
    tender = _timed(await tenders.tender(tx, fact.tender), fact)
    buyer = await identity.organisation(tx, tender.buyer)
    section = tendering.tender_section(tender, buyer, notice_url(tender))
    moved = f"The deadline moved from {fact.previous_deadline:%Y-%m-%d %H:%M} to {fact.deadline:%Y-%m-%d %H:%M} UTC."
    section["amendments"] = [_amendment(recorded, tender, fact.reason, moved)]
    await _publish(tx, recorded, tender, "tenderAmendment", {"buyer": [buyer.id]}, tender=section)


@handles(QuestionAnswered)
async def publish_answer(tx: Tx, recorded: Recorded[QuestionAnswered]) -> None:
    tender = await tenders.tender(tx, recorded.fact.tender)
    section = tendering.answers(tender, notice_url(tender), recorded.at)
    await _publish(tx, recorded, tender, "tenderUpdate", {"buyer": [tender.buyer]}, tender=section)


@handles(BidsOpened)
async def publish_bids(tx: Tx, recorded: Recorded[BidsOpened]) -> None:
    bids = recorded.fact.bids
    tender = await tenders.tender(tx, recorded.fact.tender)
    organisations = await identity.organisations(tx, {bid.supplier for bid in bids})
    section = {"id": tender.id, **awarding.tenderers(bids, organisations)}
    found = awarding.bids_section(bids, organisations, recorded.at)
    roles = {"buyer": [tender.buyer], "tenderer": list(organisations)}
    await _publish(tx, recorded, tender, "tenderUpdate", roles, tender=section, bids=found)


@handles(PricesOpened)
async def publish_prices(tx: Tx, recorded: Recorded[PricesOpened]) -> None:
    """The bids whose prices were opened after the technical decision."""
    tender = await tenders.tender(tx, recorded.fact.tender)
    await _publish(
        tx, recorded, tender, "tenderUpdate", {"buyer": [tender.buyer]}, bids=awarding.prices(recorded.fact.bids)
    )


@handles(AwardAnnounced)
async def publish_award(tx: Tx, recorded: Recorded[AwardAnnounced]) -> None:
    fact = recorded.fact
    tender = await tenders.tender(tx, fact.tender)
    organisations = await identity.organisations(tx, [fact.supplier])
    section = awarding.award_section(fact, tender, organisations, recorded.at)
    concluded = await evaluation.result(tx, tender.id)
    judged = awarding.judged(concluded.ranking) if concluded else None
    roles = {"buyer": [tender.buyer], "tenderer": [fact.supplier], "supplier": [fact.supplier]}
    await _publish(tx, recorded, tender, "award", roles, awards=[section], bids=judged)


@handles(TenderUnsuccessful)
async def publish_unsuccessful(tx: Tx, recorded: Recorded[TenderUnsuccessful]) -> None:
    fact = recorded.fact
    tender = await tenders.tender(tx, fact.tender)
    section = awarding.unsuccessful(fact, tender, recorded.at)
    standing = await _standing(tx, tender, fact.lot, "unsuccessful")
    await _publish(tx, recorded, tender, "award", {"buyer": [tender.buyer]}, tender=standing, awards=[section])


@handles(ContractSigned)
async def publish_contract(tx: Tx, recorded: Recorded[ContractSigned]) -> None:
    """The contract, and with it the award that is now in force."""
    fact = recorded.fact
    tender = await tenders.tender(tx, fact.tender)
    zone = ZoneInfo((await tenders.rulebook_of(tx, tender)).time_zone)
    title, url = awarding.title_of(tender, fact.lot), f"{base_url()}/contracts/{fact.contract}"
    section = awarding.contract_section(fact, title, url, recorded.at, zone)
    standing = await _standing(tx, tender, fact.lot, "complete")
    active = [{"id": fact.award, "status": "active"}]
    roles = {"buyer": [fact.buyer], "tenderer": [fact.supplier], "supplier": [fact.supplier]}
    await _publish(tx, recorded, tender, "contract", roles, tender=standing, awards=active, contracts=[section])


@handles(TenderCancelled)
async def publish_cancellation(tx: Tx, recorded: Recorded[TenderCancelled]) -> None:
    tender = await tenders.tender(tx, recorded.fact.tender)
    section = tendering.standing(tender, "cancelled", {lot.id: "cancelled" for lot in tender.lots})
    why = recorded.fact.reason
    section["amendments"] = [_amendment(recorded, tender, why, "The tender was cancelled; its bids stay unopened.")]
    await _publish(tx, recorded, tender, "tenderCancellation", {"buyer": [tender.buyer]}, tender=section)


@handles(OrganisationRenamed)
async def follow_name(tx: Tx, recorded: Recorded[OrganisationRenamed]) -> None:
    await naming.follow(tx, recorded.fact.organisation)


@handles(OrganisationMerged)
async def follow_merger(tx: Tx, recorded: Recorded[OrganisationMerged]) -> None:
    await naming.follow(tx, recorded.fact.organisation)


async def _publish(
    tx: Tx, recorded: Recorded[Any], tender: Tender, tag: str, roles: dict[str, list[str]], /, **sections: Any
) -> None:
    """Every release names the organisations it speaks of, the buyer among them."""
    organisations = await identity.organisations(tx, {one for ids in roles.values() for one in ids})
    language = (await tenders.rulebook_of(tx, tender)).languages[0]
    buyer = {"procuringEntity": [tender.buyer]}
    named = {"parties": parties(roles | buyer, organisations), "buyer": reference(organisations[tender.buyer])}
    await publish(tx, tender.id, tender.ocid, recorded.id, recorded.at, tag, language, **named, **sections)


def _timed(tender: Tender, fact: TenderPublished | DeadlineExtended) -> Tender:
    """The tender with the moments that the fact set."""
    names = ("question_deadline", "answer_deadline", "deadline", "opening_at")
    moments: dict[str, datetime] = {name: getattr(fact, name) for name in names}
    return msgspec.structs.replace(tender, **moments)


def _amendment(recorded: Recorded[Any], tender: Tender, rationale: str, description: str) -> Json:
    return tendering.amendment(release_id(tender.ocid, recorded.id), recorded.at, rationale, description)


async def _standing(tx: Tx, tender: Tender, lot: str, status: str) -> Json:
    """What the tender section says once a lot has ended: the tender ends with its last lot."""
    await lock(tx, tender.ocid)
    published = (await compiled(tx, tender.ocid)).get("tender", {}).get("lots", [])
    lots = {one["id"]: one.get("status", "active") for one in published} | ({lot: status} if lot else {})
    whole = awarding.status_of_all(lots) if lots else status
    return tendering.standing(tender, whole, {lot: status} if lot else {})


HANDLERS = (
    follow_merger,
    follow_name,
    naming.derive_next,
    publish_answer,
    publish_award,
    publish_bids,
    publish_cancellation,
    publish_contract,
    publish_extension,
    publish_prices,
    publish_tender,
    publish_unsuccessful,
)
