"""Every sixteenth item, by a hash of its id: what shows at little cost that a count is beyond COUNTED.

Indexes of its own (`notice_sample`, `public_award_sample`, and two that hold what is counted) serve it, so that nothing
keeps it but PostgreSQL. It decides only what is not worth reading; whatever is told as an exact number was read.
"""

import math
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column

from procurement.publication.search.postgres.collected import Row

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
