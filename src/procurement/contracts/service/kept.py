"""What contracts keep: their documents; and the day from which a procurement's files are kept."""

from sqlalchemy import Subquery, func, literal, select

from procurement.contracts.tables import ContractRow
from procurement.infra.retained import Rows

NAMED: tuple[Rows, ...] = (
    select(
        literal("documents").label("kind"),
        ContractRow.document_sha256.label("sha256"),
        ContractRow.id.label("owner"),
        ContractRow.tender_id.label("tender"),
    ),
)


def last_days() -> Subquery:
    """Of every tender with contracts, the last day of the one that ends last: `tender`, `day`."""
    ends = func.max(ContractRow.ends_on).label("day")
    return select(ContractRow.tender_id.label("tender"), ends).group_by(ContractRow.tender_id).subquery()
