"""Awards and organisations in a row of a list, by id."""

from collections.abc import Iterable

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.tables import AwardRow, OrganisationRow


async def award_lines(tx: Tx, ids: Iterable[str]) -> dict[str, AwardLine]:
    """Those that exist, without what is only searched."""
    rows = await tx.session.scalars(select(AwardRow).where(AwardRow.id.in_(list(ids))))
    return {row.id: _award(row) for row in rows}


async def organisation_lines(tx: Tx, ids: Iterable[str]) -> dict[str, OrganisationLine]:
    """Those that exist."""
    rows = await tx.session.scalars(select(OrganisationRow).where(OrganisationRow.id.in_(list(ids))))
    same = ("id", "source", "name", "place", "bought", "won", "seen_at")
    return {
        row.id: OrganisationLine(**{name: getattr(row, name) for name in same}, roles=tuple(row.roles)) for row in rows
    }


def _award(row: AwardRow) -> AwardLine:
    same = ("id", "notice_id", "source", "ocid", "title", "kind", "buyer_id", "buyer", "status", "awarded_at",
            "signed_at", "contract_id", "bids")  # fmt: skip
    return AwardLine(
        **{name: getattr(row, name) for name in same},
        supplier_ids=tuple(row.supplier_ids),
        suppliers=tuple(row.suppliers),
        categories=tuple(row.categories),
        value=_money(row.amount, row.currency),
        estimate=_money(row.estimate, row.currency),
        text="",
    )


def _money(amount: int | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money(amount, currency)
