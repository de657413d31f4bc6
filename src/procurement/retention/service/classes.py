"""Every class of records that ends, as the stages offer them, and every row that names a stored file."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, func, literal, select, union_all

from procurement.awards.service import kept as awards
from procurement.bids.service import kept as bids
from procurement.contracts.service import kept as contracts
from procurement.evaluation.service import kept as evaluation
from procurement.feedback.service import kept as feedback
from procurement.holders.service import kept as holders
from procurement.identity.service import kept as identity
from procurement.infra import retained
from procurement.infra.retained import NamedFile, Rows, still_named
from procurement.infra.status import kept as status
from procurement.infra.tx import Tx
from procurement.notices.service import kept as notices
from procurement.opening.service import kept as opening
from procurement.opening.service.ending import end_keys
from procurement.payments.service import kept as payments
from procurement.retention import rules
from procurement.settings import asset
from procurement.tenders.service import kept as tenders

NAMED: tuple[Rows, ...] = (
    *tenders.NAMED,
    *bids.NAMED,
    *opening.NAMED,
    *evaluation.NAMED,
    *contracts.NAMED,
    *payments.NAMED,
)
"""Selects (kind, sha256, owner, tender). Backup and drill follow them; a file that none names may go."""

CONFIDENTIAL = (*bids.NAMED, *opening.NAMED)
"""Files of a procurement that end with its retention; the others were published, or are the record itself."""


def _files_due(cutoff: datetime) -> Rows:
    """Tenders that ended before, and still keep a bid's file."""
    files = union_all(*(still_named(named) for named in CONFIDENTIAL)).subquery()
    return _ended(cutoff, lambda tender: tender.in_(select(files.c.tender)))


def _keys_due(cutoff: datetime) -> Rows:
    """Tenders that ended before, and whose sealing key was not declared to be at its end."""
    return _ended(cutoff, lambda tender: tender.not_in(opening.keys_ended()))


def _ended(cutoff: datetime, which: Callable[[ColumnElement[str]], ColumnElement[bool]]) -> Rows:
    """The tenders whose last award, last day of a contract or cancellation was before, those of them."""
    over, announced, days = tenders.moments(), awards.last_announced(), contracts.last_days()
    ended = func.greatest(over.c.cancelled_at, announced.c.at, days.c.day)
    return (
        select(
            over.c.id,
            over.c.id.label("process"),
            over.c.buyer.label("organisation"),
            literal("").label("person"),
        )
        .outerjoin(announced, announced.c.tender == over.c.id)
        .outerjoin(days, days.c.tender == over.c.id)
        .where(ended < cutoff, which(over.c.id))
    )


async def _erase_files(tx: Tx, ids: Sequence[str]) -> list[NamedFile]:
    files = union_all(*(still_named(named) for named in CONFIDENTIAL)).subquery()
    rows = await tx.session.execute(select(files).where(files.c.tender.in_(ids)))
    return [NamedFile(row.kind, row.sha256, row.owner) for row in rows]


CLASSES = {
    one.name: one
    for one in (
        *retained.RETAINED,
        *status.RETAINED,
        *identity.RETAINED,
        *feedback.RETAINED,
        *payments.RETAINED,
        *holders.RETAINED,
        *bids.RETAINED,
        *notices.RETAINED,
        retained.RecordClass("seal-keys", _keys_due, end_keys, legal=True),
        retained.RecordClass("bid-files", _files_due, _erase_files, legal=True),
    )
}
"""What the job can end, by the name under which the table says how long it is kept."""


@cache
def table() -> tuple[rules.RecordClass, ...]:
    """The table of record classes that the service ships with."""
    return rules.read((asset("fixtures") / "retention.toml").read_text())
