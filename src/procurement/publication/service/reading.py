"""Reading the public record. Nothing here asks who reads: everything in it is public."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import ScalarSelect, func, literal, select, tuple_

from procurement.infra.search import COUNTED, Hits, Question
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.publication.importer.mend import Mend
from procurement.publication.rules.notice import Notice
from procurement.publication.search import PostgresSearch, engine, has_status
from procurement.publication.tables import ImportedRelease, NoticeRow, ReleaseRow, Spending

SHOWN = 5  # rows of a list on the home page
STREAMED = 200  # releases read at once for a bulk file


class Sum(msgspec.Struct, frozen=True):
    """Awards of ours added up under one name: a kind, a buyer or a month."""

    name: str
    awards: int
    single: int
    amount: Money
    estimate: Money


class Home(msgspec.Struct, frozen=True):
    """What the front page shows. Counts above `COUNTED` are given as `COUNTED + 1`."""

    open: int
    awarded: int
    closing: tuple[Notice, ...]
    decided: tuple[Notice, ...]


async def search(tx: Tx, question: Question) -> tuple[Hits, tuple[Notice, ...]]:
    """The hits, and their notices in the same order."""
    hits = await engine.search(tx, question)
    found = await notices(tx, hits.found)
    return hits, tuple(found[id_] for id_ in hits.found if id_ in found)


async def notices(tx: Tx, ids: Iterable[str]) -> dict[str, Notice]:
    rows = await tx.session.scalars(select(NoticeRow).where(NoticeRow.id.in_(list(ids))))
    return {row.id: _notice(row) for row in rows}


async def notice(tx: Tx, reference: str) -> Notice | None:
    """By its id, or by its OCID; of several publishers of one OCID ours comes first."""
    rows = select(NoticeRow).where((NoticeRow.id == reference) | (NoticeRow.ocid == reference))
    row = await tx.session.scalar(rows.order_by(NoticeRow.id != reference, NoticeRow.source).limit(1))
    return _notice(row) if row else None


async def how_many(tx: Tx, source: str) -> int:
    """Procurements of one publisher, exactly: it reads them all, so pages do without."""
    return await tx.session.scalar(select(func.count()).select_from(NoticeRow).where(NoticeRow.source == source)) or 0


async def home(tx: Tx) -> Home:
    soon = Question(statuses=("open",), sort="closes", size=SHOWN)
    late = Question(statuses=("awarded",), sources=("",), sort="awarded", size=SHOWN)
    closing, decided = [(await PostgresSearch().page(tx, question))[:SHOWN] for question in (soon, late)]
    found = await notices(tx, [*closing, *decided])
    counts = (await tx.session.execute(select(_count(tx, "open"), _count(tx, "awarded")))).one()
    return Home(*counts, tuple(found[id_] for id_ in closing), tuple(found[id_] for id_ in decided))


async def bodies_of(tx: Tx, ocid: str) -> list[bytes]:
    """Our releases of a procurement as they were published, in that order."""
    rows = select(ReleaseRow.body).where(ReleaseRow.ocid == ocid).order_by(ReleaseRow.record_id)
    return list((await tx.session.execute(rows)).scalars())


Place = tuple[datetime, str]
"""Where a release stands in its year: date and id."""


async def bodies_of_year(tx: Tx, year: int, after: Place | None) -> list[tuple[Place, bytes]]:
    """The next releases of ours of a year (UTC), by date; those before them ended with `after`."""
    bounds = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    place = tuple_(ReleaseRow.date, ReleaseRow.id)
    rows = select(ReleaseRow).where(ReleaseRow.date >= bounds[0], ReleaseRow.date < bounds[1])
    if after is not None:
        rows = rows.where(place > tuple_(*(literal(value) for value in after)))
    found = await tx.session.scalars(rows.order_by(ReleaseRow.date, ReleaseRow.id).limit(STREAMED))
    return [((row.date, row.id), row.body) for row in found]


class Imported(msgspec.Struct, frozen=True):
    """A release of another publisher, with what had to be mended."""

    date: datetime
    taken_at: datetime
    body: dict[str, Any]
    mends: tuple[Mend, ...]


async def imported(tx: Tx, source: str, ocid: str) -> tuple[Imported, ...]:
    """Another publisher's releases of a procurement, in the order in which they count."""
    rows = await tx.session.scalars(
        select(ImportedRelease)
        .where(ImportedRelease.source == source, ImportedRelease.ocid == ocid)
        .order_by(ImportedRelease.date, ImportedRelease.id)
    )
    return tuple(
        Imported(row.date, row.at, msgspec.json.decode(row.body), msgspec.convert(row.mends, tuple[Mend, ...]))
        for row in rows
    )


async def spending(tx: Tx, by: str, since: date, currency: str, buyer: str = "") -> tuple[Sum, ...]:
    """Our awards since a month, added up by "kind", "buyer_id" or "month", the largest first (months in order)."""
    name = Spending.__table__.c[by]
    totals = [func.sum(Spending.__table__.c[one]).label(one) for one in ("awards", "single", "amount", "estimate")]
    rows = select(name.label("name"), *totals).where(Spending.month >= since, Spending.currency == currency)
    if buyer:
        rows = rows.where(Spending.buyer_id == buyer)
    rows = rows.group_by(name).having(totals[0].element > 0)
    rows = rows.order_by(name if by == "month" else totals[2].desc())
    return tuple(
        Sum(
            str(row.name),
            int(row.awards),
            int(row.single),
            Money(int(row.amount), currency),
            Money(int(row.estimate), currency),
        )
        for row in await tx.session.execute(rows)
    )


async def usual_currency(tx: Tx, since: date, buyer: str = "") -> str:
    """The currency of most awards since a month; "" where there are none."""
    rows = select(Spending.currency).where(Spending.month >= since)
    if buyer:
        rows = rows.where(Spending.buyer_id == buyer)
    rows = rows.group_by(Spending.currency).having(func.sum(Spending.awards) > 0)
    return await tx.session.scalar(rows.order_by(func.sum(Spending.awards).desc(), Spending.currency).limit(1)) or ""


def _count(tx: Tx, status: str) -> ScalarSelect[int]:
    """Exact up to COUNTED, so that the front page costs the same with a million tenders."""
    bounded = select(NoticeRow.id).where(has_status(status, tx.now)).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(bounded).scalar_subquery()


def _notice(row: NoticeRow) -> Notice:
    same = ("id", "source", "ocid", "title", "summary", "kind", "buyer_id", "buyer", "outcome", "published_at",
            "deadline", "awarded_at", "bids")  # fmt: skip
    return Notice(
        **{name: getattr(row, name) for name in same},
        supplier_ids=tuple(row.supplier_ids),
        suppliers=tuple(row.suppliers),
        categories=tuple(row.categories),
        value=_money(row.amount, row.currency),
        award=_money(row.award_amount, row.award_currency),
        text="",
    )


def _money(amount: int | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money(amount, currency)
