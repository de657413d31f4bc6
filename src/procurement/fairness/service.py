"""Proposals after outages: made by the clock, decided by people, read by everybody."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, update

from procurement.fairness import rules
from procurement.fairness.rules import LaterDeadlineDecided, LaterDeadlineProposed, Proposal
from procurement.fairness.tables import ProposalRow
from procurement.infra.status import watch
from procurement.infra.tx import Tx
from procurement.kernel.outage import Outage
from procurement.kernel.permissions import P
from procurement.kernel.refusal import invalid
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender
from procurement.tenders.service import lists


async def propose(tx: Tx) -> list[str]:
    """Look at every tender whose deadline is near; the ids of those for which something was proposed now."""
    lately = await _outages(tx, tx.now - rules.LONGEST, tx.now)
    near = await lists.closing_by(tx, tx.now + rules.LONGEST) if lately else []
    return [found.id for found in near if found.deadline and await _proposed(tx, found, found.deadline, lately)]


async def proposal(tx: Tx, tender_id: str) -> Proposal | None:
    """The newest proposal about a published tender. Refused("tender-unknown", 404)."""
    await tenders.public_heading(tx, tender_id)
    return (await _of(tx, [tender_id])).get(tender_id)


async def waiting(tx: Tx, buyer: str, tender_ids: Iterable[str]) -> dict[str, Proposal]:
    """Those of a buyer's tenders about which somebody has to decide, by tender."""
    tx.actor.must(P.TENDER_READ_DRAFT, of=buyer)
    return {tender: one for tender, one in (await _of(tx, tender_ids)).items() if one.taken is None}


async def evidence(tx: Tx, tender_id: str) -> tuple[Outage, ...]:
    """What is known by now of outages in the time before a published tender's deadline, in official time."""
    found = await tenders.public_tender(tx, tender_id)
    rulebook = await tenders.rulebook_of(tx, found)
    since = rules.looked_at(rulebook, found.deadline) if found.deadline else None
    return await _outages(tx, since, found.deadline) if since and found.deadline else ()


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


async def _proposed(tx: Tx, found: Tender, deadline: datetime, lately: Iterable[Outage]) -> bool:
    """Once for each deadline, whatever more is measured afterwards."""
    known = select(ProposalRow.tender_id).where(ProposalRow.tender_id == found.id, ProposalRow.deadline == deadline)
    one = rules.proposal(await tenders.rulebook_of(tx, found), found.id, deadline, lately, tx.now)
    if one is None or await tx.session.scalar(known):
        return False
    fact = LaterDeadlineProposed(tender=one.tender, deadline=one.deadline, later=one.later, minutes=one.minutes)
    record_id = await tx.record(fact, process=found.ocid, organisation=found.buyer)
    values = {
        "tender_id": one.tender, "deadline": one.deadline, "later": one.later, "minutes": one.minutes,
        "evidence": msgspec.to_builtins(one.evidence), "proposed_at": tx.now, "record_id": record_id,
    }  # fmt: skip
    await tx.session.execute(insert(ProposalRow).values(values))
    return True


async def _outages(tx: Tx, since: datetime, until: datetime) -> tuple[Outage, ...]:
    """Measured in real time; told in official time, which differs from it in a sandbox only."""
    ahead = tx.now - tx.real_now
    found = await watch.outages(tx, since - ahead, until - ahead, rules.PARTS)
    return tuple(
        msgspec.structs.replace(one, began_at=one.began_at + ahead, ended_at=one.ended_at and one.ended_at + ahead)
        for one in found
    )


async def _to_decide(tx: Tx, tender_id: str) -> tuple[Tender, Proposal]:
    await tenders.lock_exclusive(tx, tender_id)
    found = await tenders.own_tender(tx, tender_id)
    tx.actor.must(P.TENDER_DRAFT, of=found.buyer)
    await tx.clock()
    return found, rules.must_wait((await _of(tx, [tender_id])).get(tender_id), found.deadline)


async def _decide(tx: Tx, found: Tender, one: Proposal, reason: str, *, taken: bool) -> None:
    which = ProposalRow.tender_id == one.tender, ProposalRow.deadline == one.deadline
    said = {"taken": taken, "reason": reason, "decided_by": tx.actor.person, "decided_at": tx.now}
    await tx.session.execute(update(ProposalRow).where(*which).values(said))
    fact = LaterDeadlineDecided(
        tender=one.tender, deadline=one.deadline, taken=taken, reason=reason, decided_by=tx.actor.person
    )
    await tx.record(fact, process=found.ocid, organisation=found.buyer)


async def _of(tx: Tx, tender_ids: Iterable[str]) -> dict[str, Proposal]:
    """The newest of each tender."""
    query = select(ProposalRow).where(ProposalRow.tender_id.in_(set(tender_ids))).order_by(ProposalRow.deadline)
    return {row.tender_id: _proposal(row) for row in await tx.session.scalars(query)}


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
