"""Many submissions in one transaction, so that a deadline has room for all of them: those that come in its last minute,
and those that come too late and want to be told.

Only what is plain is answered here, by the same rules and the same judge as in `submit`: what is as it should be, was
received before, or is late and nothing else. Everything else (refused, held up by somebody) is left: `submit` then
takes it alone, and says what is to be said. So one bad bid never harms another.

1. Who hands in, by the tokens as they stand now. The tenders' shared locks and the bidders' rows, those that are free.
2. What the rules ask for, each in one statement for all.
3. The bids with all of their envelopes, their records and their receipts, likewise. The database stamps and judges
   every row. A bid of which one envelope was submitted before is left out, and the others are inserted anew.
4. Of each tender whose bids it did not take, one is offered to it again alone. If it says that this is late, so are the
   others: under the lock no deadline moves. Each attempt is recorded.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from procurement.bids.rules import submission as rules
from procurement.bids.rules.facts import LateBidRefused
from procurement.bids.service import many, receipts
from procurement.bids.service.fitting import Case, Fit, Handed, fit, known
from procurement.bids.service.many import Pair
from procurement.bids.service.receipts import Received, Stamped
from procurement.bids.service.submission import judged, received
from procurement.identity import service as identity
from procurement.infra.ledger.writing import Noted
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders

RECEIVER = system("bids")


class Held(msgspec.Struct, frozen=True):
    """A writer holds the tender: whoever waits for it waits apart, so that others are not held up."""


HELD: Final = Held()
Answer = Received | Refused | Held


async def receive(
    database: Database, signer: SignerKey, handed: Sequence[Handed], *, wait: bool = False
) -> list[Answer | None]:
    """What each is told, when all of it is committed; None for what is left to `submit`. With `wait` none is HELD."""
    answers: list[Answer | None] = [None] * len(handed)
    async with database.begin(RECEIVER) as tx:
        if tx.read_only:
            return answers
        recognised = await _recognised(tx, handed)
        free = await _free(tx, {case.handed.tender for case in recognised}, wait)
        for case in recognised:
            answers[case.place] = None if case.handed.tender in free else HELD
        cases = await _theirs(tx, [case for case in recognised if case.handed.tender in free])
        for place, answer in (await _answered(tx, signer, cases)).items():
            answers[place] = answer
    return answers


async def _recognised(tx: Tx, handed: Sequence[Handed]) -> list[Case]:
    """Those whose token is good; of each bidder the first for a tender, which the others may be repetitions of."""
    signed_in = await identity.actors_for_bearers(tx.session, {one.token for one in handed}, tx.real_now)
    first: dict[Pair, Case] = {}
    for place, one in enumerate(handed):
        if (found := signed_in.get(one.token)) and found.actor.organisation:
            case = Case(place, found.actor, one)
            first.setdefault(case.pair, case)
    return list(first.values())


async def _free(tx: Tx, wanted: set[str], wait: bool) -> set[str]:
    """The tenders that no writer changes until this transaction ends; with `wait` all of them, after their writers."""
    if not wait:
        return await tenders.lock_shared_if_free(tx, wanted)
    for tender in sorted(wanted):
        await tenders.lock_shared(tx, tender)
    await tx.clock()
    return wanted


async def _theirs(tx: Tx, cases: Sequence[Case]) -> list[Case]:
    """Those whose bidder nobody else holds."""
    mine = await many.lock(tx, [case.pair for case in cases])
    return [case for case in cases if case.pair in mine]


async def _answered(tx: Tx, signer: SignerKey, cases: Sequence[Case]) -> dict[int, Answer]:
    """By place."""
    if not cases:
        return {}
    facts = await known(tx, cases)
    found = {case.place: fit(facts, case, tx.now) for case in cases}
    answers: dict[int, Answer] = {place: one for place, one in found.items() if isinstance(one, Received)}
    fits = [one for one in found.values() if isinstance(one, Fit)]
    answers |= await _received(tx, signer, [one for one in fits if not one.over])
    return answers | await _refused(tx, [one for one in fits if one.case.place not in answers])


async def _received(tx: Tx, signer: SignerKey, fits: Sequence[Fit]) -> dict[int, Received]:
    """By place, without those that became late meanwhile or are there already."""
    bids = await _inserted(tx, fits)
    taken = [one for one in fits if one.row.id in bids]
    if not taken:
        return {}
    noted = [_noted(one, bids[one.row.id]) for one in taken]
    made = [
        (one, record.id, receipts.signed(signer, bids[one.row.id], one.envelope, record.entry))
        for one, record in zip(taken, await tx.record_all(noted), strict=True)
    ]
    await many.keep(tx, [(receipt.bid.id, record_id, receipt.body) for _, record_id, receipt in made])
    return {one.case.place: Received(receipt.bid.id, receipt.signed) for one, _, receipt in made}


async def _inserted(tx: Tx, fits: Sequence[Fit]) -> dict[str, Stamped]:
    """By id, each with all of its envelopes. Where one of them was submitted before, nothing of its bid stays."""
    while any(one.financial for one in fits):
        async with tx.session.begin_nested() as savepoint:
            bids = await many.insert(tx, [one.row for one in fits])
            apart = [row for one in fits if one.row.id in bids for row in one.financial]
            broken = await many.insert_financial(tx, apart) if apart else set()
            if not broken:
                digests = {one.row.id: {row.lot: row.digest for row in one.financial} for one in fits}
                return {id_: msgspec.structs.replace(bid, financial=digests[id_]) for id_, bid in bids.items()}
            await savepoint.rollback()
        fits = [one for one in fits if one.row.id not in broken]
    return await many.insert(tx, [one.row for one in fits]) if fits else {}


def _noted(one: Fit, bid: Stamped) -> Noted:
    fact = received(bid, one.envelope, one.replaces)
    return Noted(fact, bid.received_at, one.case.actor.recorded_as, one.tender.ocid, bid.supplier)


async def _refused(tx: Tx, fits: Sequence[Fit]) -> dict[int, Refused]:
    """By place, without those that are not late."""
    of_tender: dict[str, list[Fit]] = defaultdict(list)
    for one in fits:
        of_tender[one.tender.id].append(one)
    late = [no for several in of_tender.values() for no in await _late(tx, several)]
    if late:
        await tx.record_all([noted for _, _, noted in late])
    return {one.case.place: no for one, no, _ in late}


async def _late(tx: Tx, several: Sequence[Fit]) -> list[tuple[Fit, Refused, Noted]]:
    """The refusals of bids to one tender; none where the database does not say that it is too late."""
    first = several[0]
    try:
        with judged(first.tender, first.row.supplier):
            await many.attempt(tx, first.row)
    except Refused as no:
        if not isinstance(no.fact, LateBidRefused):
            return []
        at, deadline = no.fact.attempted_at, no.fact.deadline
    else:
        return []  # an envelope, key or version that was there already
    made = []
    for one in several:
        refused = rules.late(one.tender, one.row.supplier, at, deadline)
        assert refused.fact
        made.append((one, refused, Noted(refused.fact, at, one.case.actor.recorded_as, one.tender.ocid, "")))
    return made
