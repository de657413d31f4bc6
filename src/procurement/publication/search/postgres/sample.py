"""Every sixteenth item, by a hash of its id: what shows at little cost that a count is beyond COUNTED.

Indexes of its own (`notice_sample`, `public_award_sample`, and two that hold what is counted) serve it, so that nothing
keeps it but PostgreSQL. It decides only what is not worth reading; whatever is told as an exact number was read.
"""

import math
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, func, literal_column, select

from procurement.publication.search.postgres.collected import Row
from procurement.publication.tables import OrganisationRow

ONE_OF = 16
DEVIATIONS = 6  # by which a sample lies above what COUNTED would give: by chance once in a thousand million questions


def sampled(table: Row) -> ColumnElement[bool]:
    """Written as the indexes have it, with nothing to be bound."""
    wanted: ColumnElement[Any] = func.hashtext(table.id).op("&")(literal_column(str(ONE_OF - 1)))
    return wanted == literal_column("0")


def enough(counted: int) -> int:
    """A sample with more than this is of more than `counted`."""
    expected = counted / ONE_OF
    return math.ceil(expected + DEVIATIONS * math.sqrt(expected))


def bounded_count(table: Row, most: int, *limits: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows are within the limits, up to `most`; nothing is counted where a sample shows that it is more.
    Organisations are too few to have one."""
    exactly = _count(table, most, *limits)
    if table is OrganisationRow:
        return exactly
    shown = enough(most)
    return case((_count(table, shown + 1, *limits, sampled(table)) > shown, most), else_=exactly)


def _count(table: Row, most: int, *limits: ColumnElement[bool]) -> ScalarSelect[int]:
    bounded = select(table.id).where(*limits).limit(most).subquery()
    return select(func.count()).select_from(bounded).scalar_subquery()
