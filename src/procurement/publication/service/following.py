"""What later stages ask to tell people: whether a step is published, which searches it concerns, when it was."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, literal, select, union_all

from procurement.infra.search import Collection, Question
from procurement.infra.tx import Tx
from procurement.publication.search import limits
from procurement.publication.tables import AwardRow, ImportedRelease, NoticeRow, ReleaseRow


async def is_published(tx: Tx, record_id: int) -> bool:
    """Whether the release of a recorded fact stands, and with it the notice as that fact left it."""
    return bool(await tx.session.scalar(select(exists().where(ReleaseRow.record_id == record_id))))


async def matching(tx: Tx, notice: str, questions: Mapping[str, Question]) -> set[str]:
    """The keys of those questions that find this notice or an award of it, in one statement; their pages and sorting
    do not matter."""
    if not questions:
        return set()
    asked = [
        select(literal(key).label("key")).where(exists().where(_of(notice, question), *limits(question, tx.now)))
        for key, question in questions.items()
    ]
    return set(await tx.session.scalars(union_all(*asked)))


def _of(notice: str, question: Question) -> ColumnElement[bool]:
    return AwardRow.notice_id == notice if question.collection is Collection.AWARDS else NoticeRow.id == notice


async def last_published(tx: Tx, ocids: Iterable[str]) -> dict[str, datetime]:
    """When the newest release of each procurement was published, by OCID; others' by the date that they gave it."""
    wanted = set(ocids)
    dates = [
        select(table.ocid, func.max(table.date).label("date")).where(table.ocid.in_(wanted)).group_by(table.ocid)
        for table in (ReleaseRow, ImportedRelease)
    ]
    both = union_all(*dates).subquery()
    rows = await tx.session.execute(select(both.c.ocid, func.max(both.c.date).label("date")).group_by(both.c.ocid))
    return {row.ocid: row.date for row in rows}
