"""The evaluation report: what was compared, how, and why, without the name of a person."""

import msgspec

from procurement.evaluation.rules.conclusion import EvaluationResult
from procurement.evaluation.rules.ranking import Ranked
from procurement.evaluation.rules.state import Verdict
from procurement.evaluation.service.case import Case
from procurement.identity import service as identity
from procurement.infra import documents
from procurement.infra.files import Files, Stored
from procurement.infra.tx import Tx
from procurement.opening import service as opening
from procurement.tenders import service as tenders


class Named(msgspec.Struct, frozen=True):
    name: str
    kind: str
    weight: str


class Checked(msgspec.Struct, frozen=True):
    """`deposit` is "" where the tender asked none."""

    bidder: str
    result: str
    reason: str
    deposit: str


class Place(msgspec.Struct, frozen=True):
    rank: str
    bidder: str
    price: str
    score: str


class Points(msgspec.Struct, frozen=True):
    name: str
    score: str
    points: str
    reason: str


class Scored(msgspec.Struct, frozen=True):
    bidder: str
    points: tuple[Points, ...]


class LotReport(msgspec.Struct, frozen=True):
    title: str
    ranking: tuple[Place, ...]
    scored: tuple[Scored, ...]


class Questioned(msgspec.Struct, frozen=True):
    bidder: str
    question: str
    answer: str
    decision: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the template prints, already in words."""

    language: str
    title: str
    tender: str
    ocid: str
    buyer: str
    bids: str
    evaluators: str
    concluded: str
    method: str
    criteria: tuple[Named, ...]
    compliance: tuple[Checked, ...]
    lots: tuple[LotReport, ...]
    low_prices: tuple[Questioned, ...]


async def write(tx: Tx, files: Files, of: Case, result: EvaluationResult) -> Stored:
    """Make the report of a concluded evaluation and store it."""
    text = await _report(tx, of, result)
    return await documents.keep(files, await documents.pdf("evaluation/report.typ", text, result.concluded_at))


async def _report(tx: Tx, of: Case, result: EvaluationResult) -> Report:
    rulebook = await tenders.rulebook_of(tx, of.tender)
    buyer = await identity.organisation(tx, of.tender.buyer)
    found = await identity.organisations(tx, {c.supplier for c in of.candidates})
    bidders = {c.bid_id: found[c.supplier].name for c in of.candidates}
    held = await opening.deposits(tx, of.tender)
    concluded = result.concluded_at.astimezone(rulebook.zone)
    return Report(
        language=rulebook.languages[0],
        title=f"Evaluation: {of.tender.title}",
        tender=of.tender.id,
        ocid=of.tender.ocid,
        buyer=buyer.name,
        bids=counted(len(of.candidates), "bid"),
        evaluators=counted(len(of.evaluation.evaluators), "evaluator"),
        concluded=f"{documents.day(concluded)} at {concluded:%H:%M}",
        method=rulebook.award_methods[of.tender.award_method].title,
        criteria=tuple(Named(c.name, c.kind, f"{c.weight:f}") for c in of.tender.criteria),
        compliance=tuple(
            Checked(bidders[c.bid_id], *_verdict(of.evaluation.verdicts[c.bid_id]), _deposit(held, c.supplier))
            for c in of.candidates
            if c.bid_id in of.evaluation.verdicts
        ),
        lots=tuple(_lot(of, lot, result.of_lot(lot), bidders) for lot in of.terms.lots),
        low_prices=tuple(
            Questioned(
                bidders[p.bid_id],
                p.question,
                p.answer or "none",
                f"{'accepted' if p.accepted else 'refused'}: {p.reason}",
            )
            for p in of.evaluation.low_prices
        ),
    )


def _verdict(verdict: Verdict) -> tuple[str, str]:
    return "passed" if verdict.compliant else "failed", verdict.reason


def _deposit(held: opening.Deposits | None, supplier: str) -> str:
    if held is None:
        return ""
    there = "was" if held.there(supplier) else "was not"
    return f"The deposit of {documents.amount(held.asked)} {there} there by the deadline ({held.article})."


def _lot(of: Case, lot: str, ranking: tuple[Ranked, ...], bidders: dict[str, str]) -> LotReport:
    title = next((found.title for found in of.tender.lots if found.id == lot), "Ranking")
    places = tuple(
        Place(
            str(r.rank) if r.rank else "out",
            bidders[r.bid_id],
            documents.amount(r.price) if r.price.amount else "none",
            f"{r.score:f}" if of.terms.weighted and r.rank else "",
        )
        for r in ranking
    )
    scored = tuple(
        Scored(bidders[r.bid_id], tuple(Points(p.name, f"{p.score:f}", f"{p.points:f}", p.reason) for p in r.points))
        for r in ranking
        if r.points
    )
    return LotReport(title, places, scored)


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
