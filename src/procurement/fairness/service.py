"""Proposals after outages: made by the clock, decided by people, read by everybody."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from procurement.fairness import rules
from procurement.fairness.rules import LaterDeadlineDecided, LaterDeadlineProposed, Proposal
from procurement.fairness.tables import ProposalRow
from procurement.infra.status import seen
from procurement.infra.status.seen import Told
from procurement.infra.tx import Tx
from procurement.kernel.outage import Outage, Span, spans
from procurement.kernel.permissions import P
from procurement.kernel.refusal import invalid
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender
from procurement.tenders.service import lists

MOST = 20  # proposals about one tender that are told


async def propose(tx: Tx) -> list[str]:
    """Look at every tender whose deadline is near; the ids of those for which something was proposed now."""
    lately = (await _outages(tx, tx.now - rules.LONGEST, tx.now)).outages
    proposed: list[str] = []
    if lately:
        async for near in lists.closing_by(tx, tx.now + rules.LONGEST):
            proposed += await _propose(tx, near, lately)
    return proposed


async def proposals(tx: Tx, tender_id: str) -> tuple[Proposal, ...]:
    """What was proposed about a published tender, the newest first. Refused("tender-unknown", 404)."""
    await tenders.public_heading(tx, tender_id)
    query = select(ProposalRow).where(ProposalRow.tender_id == tender_id).order_by(ProposalRow.proposed_at.desc())
    return tuple(_proposal(row) for row in await tx.session.scalars(query.limit(MOST)))


async def waiting(tx: Tx, buyer: str, tender_ids: Iterable[str]) -> dict[str, Proposal]:
    """Those of a buyer's tenders about which somebody has to decide, by tender."""
    tx.actor.must(P.TENDER_READ_DRAFT, of=buyer)
    return {tender: one for tender, one in (await _newest(tx, tender_ids)).items() if one.taken is None}


async def evidence(tx: Tx, tender_id: str) -> Told:
    """What is known by now of outages in the time before a published tender's deadline, in official time: the newest.
    Refused("tender-unknown", 404)."""
    return await _evidence(tx, await tenders.public_heading(tx, tender_id))


async def take(tx: Tx, tender_id: str, reason: str) -> None:
    """Ask a second person for the later deadline, as any other change of it. Refused as `rules.must_wait` and
    `tenders.propose_extension` say."""
    found, row = await _to_decide(tx, tender_id)
    await tenders.propose_extension(tx, tender_id, row.later, reason)
    await _decide(tx, found, row, reason.strip(), taken=True)


async def decline(tx: Tx, tender_id: str, reason: str) -> None:
    """Leave the deadline, and say why: everybody can read it. Refused as `rules.must_wait`, ("form-invalid", 422)."""
    found, row = await _to_decide(tx, tender_id)
    said = reason.strip()
    if not 0 < len(said) <= rules.MOST_REASON:
        raise invalid("Say why.", reason=f"Write between 1 and {rules.MOST_REASON} characters; everybody can read it.")
    await _decide(tx, found, row, said, taken=False)


async def _propose(tx: Tx, near: Sequence[Tender], lately: Iterable[Outage]) -> list[str]:
    """For a deadline one proposal at a time, and after a decision only because of what nobody had weighed then."""
    ids = [found.id for found in near]
    rulebooks, waits, weighed = await lists.rulebooks_of(tx, near), set(), dict[str, list[Span]]()
    ahead = tx.now - tx.real_now
    for row in await tx.session.scalars(select(ProposalRow).where(ProposalRow.tender_id.in_(ids))):
        if row.decided_at is None:
            waits.add((row.tender_id, row.deadline))
        else:
            known = weighed.setdefault(row.tender_id, [])
            known += [(began + ahead, ended + ahead) for began, ended in _weighed(row)]
    proposed = []
    for found in near:
        if found.deadline is None or (found.id, found.deadline) in waits:
            continue
        rulebook, known = rulebooks[found.id], weighed.get(found.id, [])
        one = rules.proposal(rulebook, found.id, found.deadline, lately, tx.now, known)
        if one is not None:
            await _put(tx, found, one)
            proposed.append(found.id)
    return proposed


async def _put(tx: Tx, found: Tender, one: Proposal) -> None:
    fact = LaterDeadlineProposed(tender=one.tender, deadline=one.deadline, later=one.later, minutes=one.minutes)
    record_id = await tx.record(fact, process=found.ocid, organisation=found.buyer)
    values = {
        "tender_id": one.tender, "deadline": one.deadline, "later": one.later, "minutes": one.minutes,
        "evidence": msgspec.to_builtins(one.evidence), "proposed_at": tx.now, "record_id": record_id,
    }  # fmt: skip
    await tx.session.execute(insert(ProposalRow).values(values))


async def _evidence(tx: Tx, found: Tender) -> Told:
    if found.deadline is None:
        return Told()
    rulebook = (await lists.rulebooks_of(tx, [found]))[found.id]
    since = rules.looked_at(rulebook, found.deadline)
    return await _outages(tx, since, found.deadline) if since else Told()


async def _outages(tx: Tx, since: datetime, until: datetime) -> Told:
    """Measured in real time; told in official time, which differs from it in a sandbox only."""
    ahead = tx.now - tx.real_now
    found = await seen.outages(tx, since - ahead, min(until, tx.now) - ahead, rules.PARTS)
    return msgspec.structs.replace(found, outages=tuple(one.shifted(ahead) for one in found.outages))


async def _to_decide(tx: Tx, tender_id: str) -> tuple[Tender, Proposal]:
    await tenders.lock_exclusive(tx, tender_id)
    found = await tenders.own_tender(tx, tender_id)
    tx.actor.must(P.TENDER_DRAFT, of=found.buyer)
    await tx.clock()
    return found, rules.must_wait((await _newest(tx, [tender_id])).get(tender_id), found.deadline)


async def _decide(tx: Tx, found: Tender, one: Proposal, reason: str, *, taken: bool) -> None:
    """All that is known by now counts as weighed: whoever decides has read it on the same page."""
    ahead = tx.now - tx.real_now
    known = [(began - ahead, ended - ahead) for began, ended in spans((await _evidence(tx, found)).outages, tx.now)]
    which = ProposalRow.tender_id == one.tender, ProposalRow.deadline == one.deadline, ProposalRow.decided_at.is_(None)
    said = {"taken": taken, "reason": reason, "decided_by": tx.actor.person, "decided_at": tx.now}
    await tx.session.execute(update(ProposalRow).where(*which).values(**said, weighed=msgspec.to_builtins(known)))
    fact = LaterDeadlineDecided(
        tender=one.tender, deadline=one.deadline, taken=taken, reason=reason, decided_by=tx.actor.person
    )
    await tx.record(fact, process=found.ocid, organisation=found.buyer)


async def _newest(tx: Tx, tender_ids: Iterable[str]) -> dict[str, Proposal]:
    """Of each tender."""
    query = select(ProposalRow).where(ProposalRow.tender_id.in_(set(tender_ids)))
    newest = query.ext(distinct_on(ProposalRow.tender_id)).order_by(
        ProposalRow.tender_id, ProposalRow.proposed_at.desc()
    )
    return {row.tender_id: _proposal(row) for row in await tx.session.scalars(newest)}


def _weighed(row: ProposalRow) -> list[Span]:
    """In real time. What an older release decided about, which wrote nothing of this, is its evidence."""
    if row.weighed is None:
        return spans(msgspec.convert(row.evidence, tuple[Outage, ...]), row.proposed_at)
    return msgspec.convert(row.weighed, list[Span])


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(
        tender=row.tender_id,
        deadline=row.deadline,
        later=row.later,
        minutes=row.minutes,
        evidence=msgspec.convert(row.evidence, tuple[Outage, ...]),
        proposed_at=row.proposed_at,
        taken=row.taken,
        reason=row.reason,
        decided_by=row.decided_by or "",
        decided_at=row.decided_at,
    )
