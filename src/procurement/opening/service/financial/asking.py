"""Two people ask for the prices of those who passed, each with a key code, as for the first opening."""

from sqlalchemy import select

from procurement.identity import service as identity
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.keyholder.protocol import FINANCIAL
from procurement.keyholder.protocol import Opening as Asked
from procurement.keyholder.rules import leaf_of
from procurement.opening import rules
from procurement.opening.service.evidence import evidence, first_opening
from procurement.opening.service.financial.reading import as_financial
from procurement.opening.service.releasing import forgot_first
from procurement.opening.tables import FinancialOpeningRow, OpeningRow
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


async def request_prices(tx: Tx, keyholder: Keyholder, tender_id: str, code: str) -> None:
    """The first officer asks; or gives a code once more, for an opening that waits. Refused as `rules.must_open_prices`
    and `rules.must_take_request` say, and as `request` of the first opening."""
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_REQUEST, of=tender.buyer)
    tx.actor.must_be_stepped_up(tx.real_now)
    row, leaf = await _due(tx, tender)
    if as_financial(row).takes_codes:
        return await _again(tx, keyholder, tender, leaf, code)
    rules.must_take_request(_asked(row, leaf), tx.actor.person, tx.now)
    await keyholder.assert_opening(tx.actor.person, code, Asked(tender_id, kind=FINANCIAL), leaf)
    row.requested_by, row.requested_at = tx.actor.person, tx.now
    fact = rules.PricesRequested(tender=tender_id, decision=leaf, requested_by=tx.actor.person)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def confirm_prices(tx: Tx, keyholder: Keyholder, tender_id: str, code: str) -> None:
    """A second person confirms. With the commit the intent is recorded; the worker goes on from there. Or they give a
    code once more. Refused as `request_prices`, and as `rules.must_take_confirmation` says."""
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    tx.actor.must_be_stepped_up(tx.real_now)
    row, leaf = await _due(tx, tender)
    if as_financial(row).takes_codes:
        return await _again(tx, keyholder, tender, leaf, code)
    held = rules.must_take_confirmation(_asked(row, leaf), tx.actor.person, tx.now)
    asked = held.requested_by, held.requested_at
    await identity.must_be_two_people(tx, tender.buyer, *asked, did=P.OPENING_REQUEST, does=P.OPENING_CONFIRM)
    await keyholder.assert_opening(tx.actor.person, code, Asked(tender_id, kind=FINANCIAL), leaf)
    row.confirmed_by, row.confirmed_at = tx.actor.person, tx.now
    fact = rules.PricesConfirmed(tender=tender_id, decision=leaf, confirmed_by=tx.actor.person)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _again(tx: Tx, keyholder: Keyholder, tender: Tender, leaf: str, code: str) -> None:
    """Who asked and who confirmed stays as it is recorded. A keyholder that forgot the first opening, because it came
    back from a copy made before that, takes two codes for it first."""
    asked, of = Asked(tender.id, kind=FINANCIAL), leaf
    if await forgot_first(tx, keyholder, tender):
        asked, of = first_opening(tender), (await tx.session.get_one(OpeningRow, tender.id)).leaf
    await keyholder.assert_opening(tx.actor.person, code, asked, of)
    fact = rules.PricesAskedAgain(tender=tender.id, decision=leaf, asked_by=tx.actor.person)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _due(tx: Tx, tender: Tender) -> tuple[FinancialOpeningRow, str]:
    """The row, one writer at a time, and the decision's leaf hash. Refused as `rules.must_open_prices`, and
    ("not-yet-proven", 404) in the second before the decision stands in a signed checkpoint."""
    await tenders.lock_exclusive(tx, tender.id)
    query = select(FinancialOpeningRow).where(FinancialOpeningRow.tender_id == tender.id).with_for_update()
    row = await tx.session.scalar(query)
    await tx.clock()
    rules.must_open_prices(
        as_financial(row) if row else rules.Financial(tender=tender.id), tender.cancelled_at is not None
    )
    assert row is not None
    return row, leaf_of(await evidence(tx, row.record_id))


def _asked(row: FinancialOpeningRow, leaf: str) -> rules.Opening | None:
    """As the rules of two persons look at any opening."""
    if row.requested_by is None or row.requested_at is None:
        return None
    return rules.Opening(
        tender=row.tender_id,
        closing=leaf,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        confirmed_at=row.confirmed_at,
    )
