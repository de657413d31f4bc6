"""The technical decision, as a later stage took it: the record that lets financial envelopes be opened."""

from collections.abc import Collection

from procurement.bids import service as bids
from procurement.holders import service as holders
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening import rules
from procurement.opening.rules import financial as deciding
from procurement.opening.service.financial.reading import financial
from procurement.opening.tables import FinancialOpeningRow, OpeningRow
from procurement.tenders import service as tenders


async def decide_technical(tx: Tx, tender_id: str, passed: Collection[tuple[str, str]]) -> rules.TechnicalDecided:
    """Record that exactly these bids (ids) passed, each in this lot of those it is for. Who may decide, and why, is for
    the caller, who holds the tender's exclusive lock.

    Refused("not-opened") before the technical envelopes are shown, ("technical-decided") the second time,
    ("envelopes-one") where bids have one envelope.
    """
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    held, first = await financial(tx, tender), await tx.session.get(OpeningRow, tender_id)
    if held is None:
        raise Refused("envelopes-one", "The bids of this tender have one envelope, and no technical decision.")
    if first is None or first.shown_at is None:
        raise Refused("not-opened", "The bids of this tender are not opened yet.")
    rules.must_be_undecided(held)
    digests = {one.key: one.digest for one in await bids.financial_envelopes(tx, tender_id)}
    opens = [(bid_id, lot if tender.lots_apart else "") for bid_id, lot in sorted(passed)]
    fact = deciding.decide(tender_id, first.leaf, digests, opens)
    record_id = await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    tx.session.add(
        FinancialOpeningRow(
            tender_id=tender_id,
            record_id=record_id,
            decided_at=tx.now,
            passed=[[bid_id, lot] if lot else bid_id for bid_id, lot in opens],
            problem="",
        )
    )
    await tx.session.flush()
    if not passed:  # and nothing is left to be opened
        await holders.finish(tx, tender_id)
    return fact
