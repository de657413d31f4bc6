"""What may be seen of the second opening: no price before all are shown together."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from procurement.bids import service as bids
from procurement.bids.service import FinalEnvelope
from procurement.infra.tx import Tx
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Prices
from procurement.kernel.sealing.signing import key_id, sign
from procurement.opening.rules import Financial, OpenedBid, OpenedPrices, PriceDisclosed, total_of
from procurement.opening.tables import FinancialOpeningRow, OpenedPriceRow, StagedRemovalRow
from procurement.rulebooks import service as rulebooks
from procurement.tenders.rules.model import Tender


async def financial(tx: Tx, tender: Tender) -> Financial | None:
    """Where the financial envelopes of a tender are; None where bids have one envelope."""
    if not tender.two_envelopes:
        return None
    row = await tx.session.get(FinancialOpeningRow, tender.id)
    return as_financial(row) if row else Financial(tender=tender.id)


async def passed_envelopes(tx: Tx, tender_id: str) -> list[FinalEnvelope]:
    """The financial envelopes of those who passed, by digest: no other is ever asked for. None before the decision."""
    row = await tx.session.get(FinancialOpeningRow, tender_id)
    passed = as_financial(row).passed if row else ()
    return [one for one in await bids.financial_envelopes(tx, tender_id) if one.key in passed]


async def prices_in_progress(tx: Tx) -> list[str]:
    """Tenders whose second opening was confirmed and is not shown, the longest waiting first; none that was cancelled,
    once nothing is left of it."""
    removed = select(StagedRemovalRow.tender_id)
    waiting = (
        FinancialOpeningRow.confirmed_at.is_not(None),
        FinancialOpeningRow.shown_at.is_(None),
        FinancialOpeningRow.tender_id.not_in(removed),
    )
    rows = select(FinancialOpeningRow.tender_id).where(*waiting)
    return list(await tx.session.scalars(rows.order_by(FinancialOpeningRow.confirmed_at)))


async def with_prices(tx: Tx, tender_id: str, opened: Sequence[OpenedBid]) -> tuple[OpenedBid, ...]:
    """The opened bids with what was in their financial envelopes, once these are shown; before as they were."""
    row = await tx.session.get(FinancialOpeningRow, tender_id)
    if row is None or row.shown_at is None:
        return tuple(opened)
    prices = await staged_prices(tx, tender_id)
    return tuple(_priced(bid, prices[bid.bid_id]) if bid.bid_id in prices else bid for bid in opened)


async def staged_prices(tx: Tx, tender_id: str) -> dict[str, list[OpenedPrices]]:
    """What is staged so far, by bid, for the step that shows it."""
    mine = select(OpenedPriceRow).where(OpenedPriceRow.tender_id == tender_id).order_by(OpenedPriceRow.lot)
    found: dict[str, list[OpenedPrices]] = {}
    for row in await tx.session.scalars(mine):
        found.setdefault(row.bid_id, []).append(_prices(row))
    return found


async def prices_read_out(tx: Tx, tender_id: str) -> list[PriceDisclosed]:
    """What was read out of the financial envelopes, in the order of receipt; nothing before all are shown together."""
    row = await tx.session.get(FinancialOpeningRow, tender_id)
    if row is None or row.record is None:
        return []
    said = msgspec.json.decode(row.record)
    return msgspec.convert(said["opened"]["bids"], list[PriceDisclosed])


async def prices_record(tx: Tx, signer: SignerKey, tender_id: str) -> bytes:
    """The signed record of the second opening, as `record` of the first. Refused("not-opened") before it is shown."""
    row = await tx.session.get(FinancialOpeningRow, tender_id)
    if row is None or row.record is None:
        raise Refused("not-opened", "The prices of this tender are not opened yet.")
    key = key_id(signer.private.public_key())
    signed = {"record": msgspec.Raw(row.record), "key": key, "signature": sign(signer.private, row.record)}
    return msgspec.json.encode(signed)


async def aloud(tx: Tx, tender: Tender) -> bool:
    """Whether the rulebook lets everybody hear prices."""
    allowed = (await rulebooks.get(tx, tender.rulebook)).opening
    return allowed.public and bool({"total", "lot-totals"} & set(allowed.read_out))


def as_financial(row: FinancialOpeningRow) -> Financial:
    return Financial(
        tender=row.tender_id,
        decided_at=row.decided_at,
        passed=tuple((one, "") if isinstance(one, str) else (one[0], one[1]) for one in row.passed),
        requested_by=row.requested_by or "",
        requested_at=row.requested_at,
        confirmed_by=row.confirmed_by or "",
        confirmed_at=row.confirmed_at,
        released_at=row.released_at,
        shared_at=row.shared_at,
        shown_at=row.shown_at,
        problem=row.problem,
    )


def _prices(row: OpenedPriceRow) -> OpenedPrices:
    prices = msgspec.convert(row.prices, Prices) if row.prices is not None else None
    totals: dict[str, Money] = prices.lot_totals() if prices else {}
    return OpenedPrices(
        bid_id=row.bid_id,
        lot=row.lot,
        digest=row.digest,
        lot_totals=totals,
        item_prices=prices.items if prices else (),
        problem_code=row.problem_code,
        problem=row.problem,
    )


def _priced(bid: OpenedBid, prices: Sequence[OpenedPrices]) -> OpenedBid:
    """A bid of whose financial envelopes none could be read has no price to compare: it is not valid any more."""
    totals = {lot: total for one in prices for lot, total in one.lot_totals.items()}
    shut = [one for one in prices if one.problem_code]
    priced = msgspec.structs.replace(
        bid,
        lot_totals=totals,
        total=total_of(totals, bid.total.currency),
        item_prices=tuple(price for one in prices for price in one.item_prices),
        shut_lots={one.lot: one.problem for one in shut if one.lot},
    )
    if totals:
        return priced
    return msgspec.structs.replace(priced, valid=False, problem_code=shut[0].problem_code, problem=shut[0].problem)
