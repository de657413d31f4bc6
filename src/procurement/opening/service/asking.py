"""Two people ask. Each gives a key code, which goes to the keyholder at once and is never stored here."""

from datetime import timedelta

from sqlalchemy import select

from procurement.bids import service as bids
from procurement.identity import service as identity
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening import rules
from procurement.opening.service.evidence import closing_leaf, first_opening
from procurement.opening.service.reading import as_opening
from procurement.opening.tables import OpeningRow
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender

ASTRAY = timedelta(minutes=1)  # beyond this it is not two clocks that differ


async def request(tx: Tx, keyholder: Keyholder, tender_id: str, code: str) -> None:
    """The first officer asks for the opening; or gives a code once more, for one that waits.

    Refused as `rules.must_be_due` and `rules.must_take_request` say, "step-up-needed" (403), as the keyholder says of
    the code, "unavailable" (503).
    """
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_REQUEST, of=tender.buyer)
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await _locked(tx, tender_id)
    leaf = await _due_closing(tx, tender)
    if row and as_opening(row).takes_codes:
        return await _again(tx, keyholder, tender, leaf, code)
    rules.must_take_request(as_opening(row) if row else None, tx.actor.person, tx.now)
    await _assert(tx, keyholder, tender, leaf, code)
    if row is None:
        row = OpeningRow(tender_id=tender_id, leaf=leaf)
        tx.session.add(row)
    row.requested_by, row.requested_at = tx.actor.person, tx.now
    fact = rules.OpeningRequested(tender=tender_id, closing=leaf, requested_by=tx.actor.person)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def confirm(tx: Tx, keyholder: Keyholder, tender_id: str, code: str) -> None:
    """A second person confirms. With the commit the intent is recorded; the worker goes on from there. Or they give a
    code once more, for an opening that waits.

    Refused as `request`, and as `rules.must_take_confirmation` says.
    """
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await _locked(tx, tender_id)
    leaf = await _due_closing(tx, tender)
    if row and as_opening(row).takes_codes:
        return await _again(tx, keyholder, tender, leaf, code)
    rules.must_take_confirmation(as_opening(row) if row else None, tx.actor.person, tx.now)
    assert row is not None
    asked = row.requested_by, row.requested_at
    await identity.must_be_two_people(tx, tender.buyer, *asked, did=P.OPENING_REQUEST, does=P.OPENING_CONFIRM)
    await _assert(tx, keyholder, tender, leaf, code)
    row.confirmed_by, row.confirmed_at = tx.actor.person, tx.now
    fact = rules.OpeningConfirmed(tender=tender_id, closing=leaf, confirmed_by=tx.actor.person)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _again(tx: Tx, keyholder: Keyholder, tender: Tender, leaf: str, code: str) -> None:
    """Who asked and who confirmed stays as it is recorded; the keyholder itself asks for two different persons."""
    await _assert(tx, keyholder, tender, leaf, code)
    fact = rules.OpeningAskedAgain(tender=tender.id, closing=leaf, asked_by=tx.actor.person)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _assert(tx: Tx, keyholder: Keyholder, tender: Tender, leaf: str, code: str) -> None:
    """Pass the code on. Refused("bound-later") where the keyholder is bound to a later time than the notice: that is
    done before a later deadline is recorded, which may fail."""
    try:
        await keyholder.assert_opening(tx.actor.person, code, first_opening(tender), leaf)
    except Refused as no:
        if no.code != "too-early" or tender.opening_at is None or tx.now < tender.opening_at + ASTRAY:
            raise
        said = "A later deadline was begun and not recorded, so the key service waits longer than the notice says."
        raise Refused("bound-later", f"{said} {no.detail} No bid is lost. Ask again then.") from None


async def _locked(tx: Tx, tender_id: str) -> OpeningRow | None:
    """The opening's row, one writer at a time. The tender's own lock keeps two first requests apart."""
    await tenders.lock_exclusive(tx, tender_id)
    row = await tx.session.scalar(select(OpeningRow).where(OpeningRow.tender_id == tender_id).with_for_update())
    await tx.clock()
    return row


async def _due_closing(tx: Tx, tender: Tender) -> str:
    """The closing's leaf hash, once the opening is due."""
    closing = await bids.closing_of(tx, tender.id)
    rules.must_be_due(tender.opening_at, tender.cancelled_at is not None, closing is not None, tx.now)
    if closing is None:
        raise Refused("not-closed", "Bidding is not closed yet.")
    return await closing_leaf(tx, closing)
