"""Which of several submissions the rules let through, or were received before: judged as `submission` does each alone,
from what `many` reads for all of them at once. Whether they are in time, the database alone decides, afterwards."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from procurement.bids.service import many
from procurement.bids.service.many import FinancialRow, Given, Latest, Pair, Row
from procurement.bids.service.members import roster
from procurement.bids.service.receipts import Received
from procurement.bids.service.submission import Submission, must_fit
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.actor import Actor
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Envelope, Roster, digest, parse_envelope
from procurement.tenders import service as tenders
from procurement.tenders.rules import Phase, Tender


class Handed(msgspec.Struct, frozen=True):
    """A submission as a program handed it in, by the bearer token it came with; nothing was looked at yet. `financial`
    are the envelopes of that name, where `envelope` is the technical one."""

    token: str
    tender: str
    envelope: Envelope
    version: int
    key: str
    financial: tuple[Envelope, ...] = ()


class Case(msgspec.Struct, frozen=True):
    """A submission with who hands it in. `place` is where it stands among those handed in."""

    place: int
    actor: Actor
    handed: Handed

    @property
    def pair(self) -> Pair:
        return self.handed.tender, self.actor.organisation


class Known(msgspec.Struct, frozen=True):
    """What the rules ask for, of all that take part. `rosters` is without those that somebody altered; `workplaces`:
    where each person holds a role; `given`: by bid, where a key is used again."""

    tenders: Mapping[str, Tender]
    rosters: Mapping[str, Roster | None]
    latest: Mapping[Pair, Latest]
    given: Mapping[str, Given]
    stored: Mapping[Pair, Mapping[str, int]]
    merged: Collection[str]
    workplaces: Mapping[str, Collection[str]]


class Fit(msgspec.Struct, frozen=True):
    """A submission that every rule lets through, and the rows that are to be made of it. `replaces` is the bid before
    it, or ""; `over` says that the deadline has passed already, which the database has to confirm."""

    case: Case
    tender: Tender
    envelope: Envelope
    row: Row
    financial: tuple[FinancialRow, ...]
    replaces: str
    over: bool


async def known(tx: Tx, cases: Sequence[Case]) -> Known:
    pairs = [case.pair for case in cases]
    found = await tenders.public_headings(tx, {tender for tender, _ in pairs})
    latest = await many.latest(tx, {case.pair: case.handed.key for case in cases})
    return Known(
        tenders=found,
        rosters=await _rosters(tx, found.values()),
        latest=latest,
        given=await many.given(tx, {one.again for one in latest.values() if one.again}),
        stored=await many.stored(tx, pairs),
        merged=await identity.merged(tx, {supplier for _, supplier in pairs}),
        workplaces=await identity.workplaces(tx, {case.actor.person for case in cases}),
    )


async def _rosters(tx: Tx, found: Iterable[Tender]) -> dict[str, Roster | None]:
    rosters: dict[str, Roster | None] = {}
    for tender in found:
        with suppress(Refused):  # what is wrong with it, each of its bidders is told alone
            rosters[tender.id] = await roster(tx, tender)
    return rosters


def fit(known: Known, case: Case, now: datetime) -> Fit | Received | None:
    """What is to be received now, or was before; None where any rule says no, or an organisation went on after another
    one."""
    try:
        _must_be_theirs(case.actor)
        one = case.handed
        offered = Submission.sealed(one.tender, one.envelope, one.version, one.key, one.financial)
        if (latest := known.latest.get(case.pair)) and latest.again:
            return _again(latest.again, known.given.get(latest.again), offered)
        return _must_fit(known, case, offered, now)
    except (Refused, ValueError):  # ValueError: what RFC 8785 has no spelling for
        return None


def _must_be_theirs(actor: Actor) -> None:
    actor.must(P.BID_SUBMIT, of=actor.organisation)
    actor.must(P.BID_READ_OWN, of=actor.organisation)


def _again(bid: str, given: Given | None, offered: Submission) -> Received | None:
    """The receipt of the same request; another one under that key is to be refused."""
    return Received(bid, given.receipt) if given and given.request == offered.request else None


def _must_fit(known: Known, case: Case, offered: Submission, now: datetime) -> Fit | None:
    tender, supplier = known.tenders.get(offered.tender), case.actor.organisation
    if tender is None or tender.deadline is None or tender.id not in known.rosters or supplier in known.merged:
        return None
    if tender.buyer == supplier or tender.buyer in known.workplaces[case.actor.person]:
        return None
    if tender.phase(now) not in (Phase.OPEN, Phase.CLOSED):
        return None
    envelopes, before = [parse_envelope(data) for data in offered.envelopes], known.latest.get(case.pair)
    stored, latest = known.stored.get(case.pair, {}), before.version if before else 0
    must_fit(tender, envelopes, offered.version, known.rosters[tender.id], stored, latest)
    row = Row(
        id=new_id(),
        tender=tender.id,
        supplier=supplier,
        kind=envelopes[0].kind,
        version=offered.version,
        key=offered.key,
        request=offered.request,
        digest=digest(offered.envelope),
        envelope=offered.envelope,
        person=case.actor.person,
        deadline=tender.deadline,
    )
    return Fit(
        case=case,
        tender=tender,
        envelope=envelopes[0],
        row=row,
        financial=tuple(
            FinancialRow(row.id, envelope.lot_group, digest(data), data)
            for envelope, data in zip(envelopes[1:], offered.financial, strict=True)
        ),
        replaces=before.id if before else "",
        over=tender.phase(now) is Phase.CLOSED,
    )
