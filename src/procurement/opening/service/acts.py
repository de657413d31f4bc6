"""The two openings of a tender, by what each goes through: of bids, or of their technical envelopes; then of prices."""

from collections.abc import Awaitable, Callable

import msgspec

from procurement.bids import service as bids
from procurement.bids.service import FinalEnvelope
from procurement.infra.tx import Tx
from procurement.keyholder.protocol import Evidence
from procurement.keyholder.rules import leaf_of
from procurement.opening import tables
from procurement.opening.service.evidence import evidence
from procurement.opening.service.financial.reading import passed_envelopes
from procurement.opening.service.financial.staging import stage_price
from procurement.opening.service.staging import Opened, stage
from procurement.tenders.rules.model import Tender


class Act(msgspec.Struct, frozen=True):
    """The tables in which an opening stands, what it opens, and how it keeps what it found; all by the tender's id."""

    row: type[tables.GoingRow]
    shares: type[tables.ShareRow]
    given: type[tables.GivenRow]
    kits: type[tables.KitRow]
    opened: type[tables.OpenedBidRow | tables.OpenedPriceRow]
    envelopes: Callable[[Tx, str], Awaitable[list[FinalEnvelope]]]
    stage: Callable[[Tx, Tender, FinalEnvelope, Opened], Awaitable[bool]]


FIRST = Act(
    tables.OpeningRow,
    tables.ReleasedShareRow,
    tables.SharesGivenRow,
    tables.RecoveryRow,
    tables.OpenedBidRow,
    bids.final_envelopes,
    stage,
)
PRICES = Act(
    tables.FinancialOpeningRow,
    tables.PriceShareRow,
    tables.PriceSharesGivenRow,
    tables.PriceRecoveryRow,
    tables.OpenedPriceRow,
    passed_envelopes,
    stage_price,
)


async def current(tx: Tx, tender_id: str) -> Act:
    """The opening in which key holders and bidders are asked for something: of prices once it is decided who passed."""
    return PRICES if await tx.session.get(tables.FinancialOpeningRow, tender_id) else FIRST


async def named(tx: Tx, tender_id: str, act: Act) -> dict[str, str]:
    """How facts name an opening that was asked for: by the leaf of the closing, and of the technical decision."""
    closing = (await tx.session.get_one(tables.OpeningRow, tender_id)).leaf
    names = {"tender": tender_id, "closing": closing}
    if act is PRICES:
        names["decision"] = leaf_of(await decision_evidence(tx, tender_id))
    return names


async def decision_evidence(tx: Tx, tender_id: str) -> Evidence:
    """That it was decided who passed, which is. Refused as `evidence`."""
    row = await tx.session.get_one(tables.FinancialOpeningRow, tender_id)
    return await evidence(tx, row.record_id)
