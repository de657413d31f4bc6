"""Bids (bid extension), awards and contracts, from the facts that made them public."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from procurement.awards.rules import AwardAnnounced, TenderUnsuccessful
from procurement.contracts.rules import ContractSigned
from procurement.evaluation.rules.ranking import Ranked
from procurement.identity.rules.membership import Organisation
from procurement.kernel.money import Money
from procurement.opening.rules import BidDisclosed, PriceDisclosed
from procurement.publication.ocds.parts import Json, moment, present, reference, value
from procurement.tenders.rules.model import Tender

LAST_MOMENT = time(23, 59, 59)


def bids_section(bids: Sequence[BidDisclosed], organisations: Mapping[str, Organisation], at: datetime) -> Json:
    """What was read out at the opening, and how many there were. Before it nothing is said of any bid."""
    counts = {"bids": len(bids), "validBids": sum(not bid.problem for bid in bids)}
    return {
        "statistics": [
            {"id": measure, "measure": measure, "value": count, "date": moment(at)} for measure, count in counts.items()
        ],
        "details": [_bid(bid, organisations[bid.supplier]) for bid in bids],
    }


def tenderers(bids: Iterable[BidDisclosed], organisations: Mapping[str, Organisation]) -> Json:
    bidders = list(dict.fromkeys(bid.supplier for bid in bids))
    return {"numberOfTenderers": len(bidders), "tenderers": [reference(organisations[one]) for one in bidders]}


def _bid(bid: BidDisclosed, tenderer: Organisation) -> Json:
    """A bid that could not be opened counts as disqualified: it has no price to compare."""
    return present(
        id=bid.bid,
        status="disqualified" if bid.problem else "valid",
        tenderers=[reference(tenderer)],
        value=_total(list(bid.lots.values())),
        relatedLots=list(bid.lots),
    )


def prices(opened: Iterable[PriceDisclosed]) -> Json:
    """What was read out of financial envelopes, beside what stands of their bids since the first opening. A bid of
    which none could be opened is disqualified."""
    lots: dict[str, dict[str, Money]] = {}
    shut: dict[str, bool] = {}
    for one in opened:
        lots.setdefault(one.bid, {}).update(one.lots)
        shut[one.bid] = shut.get(one.bid, True) and bool(one.problem)
    return {
        "details": [
            present(
                id=bid,
                status="disqualified" if shut[bid] else "valid",
                value=_total(list(priced.values())),
                relatedLots=list(priced),
            )
            for bid, priced in lots.items()
        ]
    }


def _total(prices: list[Money]) -> Json | None:
    return value(Money(sum(price.amount for price in prices), prices[0].currency)) if prices else None


def judged(ranking: Iterable[Ranked]) -> Json:
    """After the award is announced: which bids were not compared in any lot."""
    compliant: dict[str, bool] = {}
    for ranked in ranking:
        compliant[ranked.bid_id] = compliant.get(ranked.bid_id, False) or ranked.compliant
    return {"details": [{"id": bid, "status": "valid" if kept else "disqualified"} for bid, kept in compliant.items()]}


def award_section(
    fact: AwardAnnounced, tender: Tender, organisations: Mapping[str, Organisation], at: datetime
) -> Json:
    """The intention to award: pending, because the standstill runs."""
    return present(
        id=fact.award,
        title=title_of(tender, fact.lot),
        description=fact.reason,
        status="pending",
        date=moment(at),
        value=value(fact.price),
        suppliers=[reference(organisations[fact.supplier])],
        relatedBid=fact.bid,
        relatedLots=[fact.lot] if fact.lot else None,
        items=[{"id": item.id, "description": item.description} for item in tender.items if item.lot == fact.lot],
    )


def unsuccessful(fact: TenderUnsuccessful, tender: Tender, at: datetime) -> Json:
    """The decision that no bid was acceptable."""
    return present(
        id=fact.award,
        title=title_of(tender, fact.lot),
        description=fact.reason,
        status="unsuccessful",
        date=moment(at),
        relatedLots=[fact.lot] if fact.lot else None,
    )


def contract_section(fact: ContractSigned, title: str, contract_url: str, at: datetime, zone: ZoneInfo) -> Json:
    """A contract in force. Its days are official ones, first and last included."""
    first, last = date.fromisoformat(fact.starts_on), date.fromisoformat(fact.ends_on)
    return {
        "id": fact.contract,
        "awardID": fact.award,
        "title": title,
        "status": "active",
        "period": {
            "startDate": moment(datetime.combine(first, time.min, zone)),
            "endDate": moment(datetime.combine(last, LAST_MOMENT, zone)),
        },
        "value": value(fact.value),
        "dateSigned": moment(at),
        "documents": [
            {
                "id": fact.document_sha256,
                "documentType": "contractSigned",
                "title": title,
                "url": f"{contract_url}/document",
                "format": "application/pdf",
                "datePublished": moment(at),
            }
        ],
    }


def title_of(tender: Tender, lot_id: str) -> str:
    """The lot's title, or the tender's where it has no such lot or only one."""
    lot = tender.lot(lot_id)
    return lot.title if lot and len(tender.lots) > 1 else tender.title


def status_of_all(lots: Mapping[str, str]) -> str:
    """How the tender stands when its lots stand like this: it ends when the last of them does."""
    found = set(lots.values())
    if found == {"unsuccessful"}:
        return "unsuccessful"
    return "complete" if found <= {"complete", "unsuccessful"} else "active"
