"""Many submissions in one transaction, so that the last minute before a deadline has room for all of them.

Only what is plainly as it should be is received here, by the same rules and the same judge as in `submit`. Everything
else (refused, repeated, late, held up by somebody) is left: `submit` then takes it alone, and says what is to be said.
So one bad bid never harms another, and no bid waits here for a lock of somebody else's.

1. Who hands in, by the tokens as they stand now. The tenders' shared locks and the bidders' rows, those that are free.
2. What the rules ask for, each in one statement for all.
3. The bids, their records and their receipts, likewise. The database stamps and judges every row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from procurement.bids.rules import submission as rules
from procurement.bids.service import many, receipts
from procurement.bids.service.many import Latest, Pair, Row
from procurement.bids.service.members import roster
from procurement.bids.service.receipts import Receipt, Stamped
from procurement.bids.service.submission import Submission, must_fit, received
from procurement.identity import service as identity
from procurement.infra.ledger.writing import Noted
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor, system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Envelope, Roster, digest, parse_envelope
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender

RECEIVER = system("bids")


class Handed(msgspec.Struct, frozen=True):
    """A submission as a program handed it in, by the bearer token it came with; nothing was looked at yet."""

    token: str
    tender: str
    envelope: Envelope
    version: int
    key: str


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
    where each person holds a role."""

    tenders: Mapping[str, Tender]
    rosters: Mapping[str, Roster | None]
    latest: Mapping[Pair, Latest]
    stored: Mapping[Pair, Mapping[str, int]]
    merged: Collection[str]
    workplaces: Mapping[str, Collection[str]]


class Fit(msgspec.Struct, frozen=True):
    """A submission that every rule lets through. `replaces` is the bid before it, or ""."""

    case: Case
    tender: Tender
    envelope: Envelope
    row: Row
    replaces: str


async def receive(database: Database, signer: SignerKey, handed: Sequence[Handed]) -> list[Receipt | None]:
    """The receipts, when all of it is committed; None for what is left to `submit`."""
    made: dict[int, Receipt] = {}
    async with database.begin(RECEIVER) as tx:
        if not tx.read_only:
            cases = await _locked(tx, await _recognised(tx, handed))
            known = await _known(tx, cases)
            fit = [one for case in cases if (one := _fit(known, case, tx.now))]
            made = await _received(tx, signer, fit) if fit else {}
    return [made.get(place) for place in range(len(handed))]


async def _recognised(tx: Tx, handed: Sequence[Handed]) -> list[Case]:
    """Those whose token is good; of each bidder the first for a tender, which the others may be repetitions of."""
    signed_in = await identity.actors_for_bearers(tx.session, {one.token for one in handed}, tx.real_now)
    first: dict[Pair, Case] = {}
    for place, one in enumerate(handed):
        if (found := signed_in.get(one.token)) and found.actor.organisation:
            case = Case(place, found.actor, one)
            first.setdefault(case.pair, case)
    return list(first.values())


async def _locked(tx: Tx, cases: Sequence[Case]) -> list[Case]:
    """Those whose tender and bidder nobody else holds: from here on both stay as they are."""
    free = await tenders.lock_shared_if_free(tx, {case.handed.tender for case in cases})
    mine = await many.lock(tx, [case.pair for case in cases if case.handed.tender in free])
    return [case for case in cases if case.pair in mine]


async def _known(tx: Tx, cases: Sequence[Case]) -> Known:
    pairs = [case.pair for case in cases]
    found = await tenders.public_headings(tx, {tender for tender, _ in pairs})
    return Known(
        tenders=found,
        rosters=await _rosters(tx, found.values()),
        latest=await many.latest(tx, pairs),
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


def _fit(known: Known, case: Case, now: datetime) -> Fit | None:
    """The row to be inserted; None where any rule says no, or an organisation went on after another one."""
    tender, supplier = known.tenders.get(case.handed.tender), case.actor.organisation
    if tender is None or tender.deadline is None or tender.id not in known.rosters or supplier in known.merged:
        return None
    if tender.buyer in known.workplaces[case.actor.person]:
        return None
    try:
        return _must_fit(known, case, tender, tender.deadline, now)
    except (Refused, ValueError):  # ValueError: what RFC 8785 has no spelling for
        return None


def _must_fit(known: Known, case: Case, tender: Tender, deadline: datetime, now: datetime) -> Fit:
    actor, handed, pair = case.actor, case.handed, case.pair
    actor.must(P.BID_SUBMIT, of=actor.organisation)
    actor.must(P.BID_READ_OWN, of=actor.organisation)
    rules.must_take_bids(tender, actor.organisation, now)
    offered = Submission.sealed(tender.id, handed.envelope, handed.version, handed.key)
    envelope, before = parse_envelope(offered.envelope), known.latest.get(pair)
    latest = before.version if before else 0
    must_fit(tender, [envelope], offered.version, known.rosters[tender.id], known.stored.get(pair, {}), latest)
    row = Row(
        id=new_id(),
        tender=tender.id,
        supplier=actor.organisation,
        version=offered.version,
        key=offered.key,
        request=offered.request,
        digest=digest(offered.envelope),
        envelope=offered.envelope,
        person=actor.person,
        deadline=deadline,
    )
    return Fit(case, tender, envelope, row, before.id if before else "")


async def _received(tx: Tx, signer: SignerKey, fit: Sequence[Fit]) -> dict[int, Receipt]:
    """By place, without those that became late meanwhile or are there already."""
    bids = await many.insert(tx, [one.row for one in fit])
    taken = [one for one in fit if one.row.id in bids]
    if not taken:
        return {}
    noted = [_noted(one, bids[one.row.id]) for one in taken]
    made = [
        (one, record.id, receipts.signed(signer, bids[one.row.id], one.envelope, record.entry))
        for one, record in zip(taken, await tx.record_all(noted), strict=True)
    ]
    await many.keep(tx, [(receipt.bid.id, record_id, receipt.body) for _, record_id, receipt in made])
    return {one.case.place: receipt for one, _, receipt in made}


def _noted(one: Fit, bid: Stamped) -> Noted:
    fact = received(bid, one.envelope, one.replaces)
    return Noted(fact, bid.received_at, one.case.actor.recorded_as, one.tender.ocid, bid.supplier)
