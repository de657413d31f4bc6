"""Who buys, who won and in which categories most often, in what is found: counted over rows that are read anyway."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, literal, null, select

from procurement.infra.search import LARGEST, TOLD, Collection, Question
from procurement.publication.rules.notice import code_beginning
from procurement.publication.search.postgres.limits import A, Filters, N

Columns = dict[str, ColumnElement[Any]]

CATEGORY = "category"
FEW = 2_000  # items up to which it is counted how many are in each category


def sides(collection: Collection, filters: Filters) -> Columns:
    """The columns that name them. Where one is chosen there is nothing left to choose."""
    if collection is Collection.ORGANISATIONS:
        return {}
    if collection is Collection.NOTICES:
        every: Columns = {"buyer": N.buyer_id.expression}
    else:
        every = {"buyer": A.buyer_id.expression, "supplier": A.supplier_ids.expression}
    return {name: column for name, column in every.items() if name not in filters}


def largest(read: CTE, side: str, width: int, passing: ColumnElement[bool]) -> Select[Any]:
    column = read.c[side]
    each = select(func.unnest(column) if side == "supplier" else column).where(passing).subquery()
    party, number = each.c[0], func.count()
    counted = select(literal(side), party, number, *(null() for _ in range(width))).where(party != "")
    return counted.group_by(party).order_by(number.desc(), party).limit(LARGEST)


def categories(read: CTE, question: Question, width: int, passing: ColumnElement[bool]) -> Select[Any]:
    """How many are in each category below the one that is asked for, the widest first; none where more than FEW are
    found."""
    few = select(func.count()).select_from(read).where(passing).scalar_subquery() <= FEW
    each = select(func.unnest(read.c.categories).label("beginning")).where(passing, few).subquery()
    beginning, number = each.c.beginning, func.count()
    counted = select(literal(CATEGORY), beginning, number, *(null() for _ in range(width))).group_by(beginning)
    if question.category:
        above = code_beginning(question.category)
        counted = counted.where(beginning.startswith(above, autoescape=True), beginning != above)
    return counted.order_by(func.length(beginning), number.desc(), beginning).limit(TOLD)
