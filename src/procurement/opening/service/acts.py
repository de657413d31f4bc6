"""The two openings of a tender, by what each goes through: of bids, or of their technical envelopes; then of prices."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, select, tuple_

from procurement.bids import service as bids
from procurement.bids.service import FinalEnvelope
from procurement.infra.tx import Tx
from procurement.keyholder.protocol import Evidence
from procurement.keyholder.rules import leaf_of
from procurement.opening import tables
from procurement.opening.service.evidence import evidence, own_evidence
from procurement.opening.service.financial.reading import passed_envelopes
from procurement.opening.service.financial.staging import stage_price
from procurement.opening.service.staging import Opened, stage
from procurement.tenders.rules.model import Tender


class Act(msgspec.Struct, frozen=True):
    """The tables in which an opening stands, what it opens, and how it keeps what it found; all by the tender's id. An
    envelope is named by its bid and its lot."""

    row: type[tables.GoingRow]
    shares: type[tables.ShareRow]
    given: type[tables.GivenRow]
    kits: type[tables.KitRow]
    opened: type[tables.OpenedBidRow | tables.OpenedPriceRow]
    envelopes: Callable[[Tx, str], Awaitable[list[FinalEnvelope]]]
    stage: Callable[[Tx, Tender, FinalEnvelope, Opened], Awaitable[bool]]

    @property
    def dealt(self) -> ColumnElement[Any]:
        """The envelopes of rows of shares."""
        return tuple_(self.shares.bid_id, self.shares.lot)

    @property
    def rescued(self) -> ColumnElement[Any]:
        """The envelopes of rows of kits."""
        return tuple_(self.kits.bid_id, self.kits.lot)

    def staged(self, tender_id: str) -> Select[str, str]:
        """The envelopes of a tender that are staged so far."""
        return select(self.opened.bid_id, self.opened.lot).where(self.opened.tender_id == tender_id)

    async def kit(self, tx: Tx, one: FinalEnvelope) -> tables.KitRow | None:
        """Where the bidder of this envelope was asked for its kit, as it is now."""
        mine = self.rescued == tuple_(one.bid_id, one.lot)
        fresh = select(self.kits).where(mine).execution_options(populate_existing=True)
        return await tx.session.scalar(fresh)


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
        names["decision"] = await decision_leaf(tx, await tx.session.get_one(tables.FinancialOpeningRow, tender_id))
    return names


async def decision_leaf(tx: Tx, row: tables.FinancialOpeningRow) -> str:
    """The leaf hash by which the prices were released, or will be. It stays when the decision is repeated in another
    entry; a release that kept no leaf had released by the decision's own entry."""
    if row.leaf:
        return row.leaf
    return leaf_of(await (own_evidence if row.released_at else evidence)(tx, row.record_id))


async def decision_evidence(tx: Tx, tender_id: str) -> Evidence:
    """That it was decided who passed, which is. Refused as `evidence`."""
    row = await tx.session.get_one(tables.FinancialOpeningRow, tender_id)
    return await evidence(tx, row.record_id)
