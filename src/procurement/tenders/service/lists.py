"""Tenders by what may be due next, for desks: short lists in a bounded number of queries, without contents."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, tuple_

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.rulebooks import service as rulebooks
from procurement.rulebooks.rules import Rulebook
from procurement.tenders.rules.model import Extension, Tender
from procurement.tenders.service.life import as_extension
from procurement.tenders.service.reading import bare
from procurement.tenders.tables import CriterionRow, ExtensionRow, LotRow, TenderRow

MOST = 50  # tenders in each list
AT_ONCE = 500  # tenders that a job looks at in one statement
LATELY = timedelta(days=90)


async def unpublished(tx: Tx, buyer: str) -> list[Tender]:
    """Drafts and what waits for a second person, newest first."""
    tx.actor.must(P.TENDER_READ_DRAFT, of=buyer)
    query = select(TenderRow).where(TenderRow.buyer_id == buyer, TenderRow.state.in_(("draft", "submitted")))
    return [bare(row) for row in await tx.session.scalars(query.order_by(TenderRow.id.desc()).limit(MOST))]


async def taking_bids(tx: Tx, buyer: str) -> list[Tender]:
    """Published, and the deadline is to come: the nearest first."""
    tx.actor.must(P.TENDER_READ_DRAFT, of=buyer)
    query = select(TenderRow).where(*_undecided(buyer), TenderRow.deadline > tx.now)
    return [bare(row) for row in await tx.session.scalars(query.order_by(TenderRow.deadline).limit(MOST))]


async def undecided(tx: Tx, buyer: str) -> list[Tender]:
    """The deadline has passed and no award has led to a contract yet: the latest deadline first."""
    tx.actor.must(P.TENDER_READ_DRAFT, of=buyer)
    query = select(TenderRow).where(*_undecided(buyer), TenderRow.deadline <= tx.now)
    return [bare(row) for row in await tx.session.scalars(query.order_by(TenderRow.deadline.desc()).limit(MOST))]


async def lately_settled(tx: Tx, buyer: str) -> list[Tender]:
    """A contract was drawn up in the last three months; other lots may still wait for theirs. The latest first."""
    tx.actor.must(P.TENDER_READ_DRAFT, of=buyer)
    query = select(TenderRow).where(TenderRow.buyer_id == buyer, TenderRow.settled_at > tx.now - LATELY)
    return [bare(row) for row in await tx.session.scalars(query.order_by(TenderRow.settled_at.desc()).limit(MOST))]


async def public(tx: Tx, ids: Iterable[str]) -> dict[str, Tender]:
    """Those of the tenders that anybody may read, by id."""
    query = select(TenderRow).where(TenderRow.id.in_(set(ids)), TenderRow.published_at.is_not(None))
    return {row.id: bare(row) for row in await tx.session.scalars(query)}


async def due_between(tx: Tx, begin: datetime, end: datetime) -> list[Tender]:
    """Published tenders whose deadline fell into that time, the earliest first. Public."""
    fell = TenderRow.published_at.is_not(None), TenderRow.deadline >= begin, TenderRow.deadline <= end
    query = select(TenderRow).where(*fell, TenderRow.state != "cancelled").order_by(TenderRow.deadline).limit(MOST)
    return [bare(row) for row in await tx.session.scalars(query)]


async def closing_soon(tx: Tx, most: int) -> list[Tender]:
    """Everybody's open tenders, the nearest deadline first. Public."""
    open_ = TenderRow.state == "open", TenderRow.closed_at.is_(None), TenderRow.deadline > tx.now
    query = select(TenderRow).where(*open_).order_by(TenderRow.deadline, TenderRow.id).limit(most)
    return [bare(row) for row in await tx.session.scalars(query)]


async def closing_by(tx: Tx, until: datetime) -> AsyncIterator[list[Tender]]:
    """Every open tender whose deadline is to come by then, the nearest first, some at a time: for jobs."""
    open_ = TenderRow.state == "open", TenderRow.closed_at.is_(None)
    query = select(TenderRow).where(*open_, TenderRow.deadline > tx.now, TenderRow.deadline <= until)
    query = query.order_by(TenderRow.deadline, TenderRow.id).limit(AT_ONCE)
    rows = list(await tx.session.scalars(query))
    while rows:
        yield [bare(row) for row in rows]
        last = rows[-1].deadline, rows[-1].id
        rows = list(await tx.session.scalars(query.where(tuple_(TenderRow.deadline, TenderRow.id) > last)))


async def rulebooks_of(tx: Tx, found: Iterable[Tender]) -> dict[str, Rulebook]:
    """The rulebooks frozen into published tenders, by tender, in one statement."""
    frozen = {one.id: one.rulebook for one in found if one.is_public}
    known = await rulebooks.of_ids(tx, frozen.values())
    return {tender: known[rulebook] for tender, rulebook in frozen.items()}


async def unsettled(tx: Tx) -> list[Tender]:
    """Every published tender that was neither cancelled nor led to a contract: for jobs, so without a limit."""
    query = select(TenderRow).where(TenderRow.state == "open", TenderRow.settled_at.is_(None))
    return [bare(row) for row in await tx.session.scalars(query.order_by(TenderRow.id))]


async def waiting_extensions(tx: Tx, ids: Iterable[str]) -> dict[str, Extension]:
    """The later deadlines that wait for a second person, by tender."""
    query = select(ExtensionRow).where(ExtensionRow.tender_id.in_(set(ids)), ExtensionRow.decided_at.is_(None))
    return {row.tender_id: as_extension(row) for row in await tx.session.scalars(query)}


async def lots(tx: Tx, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """By tender: the titles of its lots by their ids, in order."""
    columns = LotRow.tender_id, LotRow.id, LotRow.title
    query = select(*columns).where(LotRow.tender_id.in_(set(ids))).order_by(LotRow.number)
    found: dict[str, dict[str, str]] = {}
    for tender, lot, title in await tx.session.execute(query):
        found.setdefault(tender, {})[lot] = title
    return found


async def titles(tx: Tx, ocids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """By OCID: title and the page of those procurements that this reader may see, drafts of their own included."""
    columns = TenderRow.ocid, TenderRow.id, TenderRow.title, TenderRow.buyer_id, TenderRow.published_at
    found: dict[str, tuple[str, str]] = {}
    for ocid, id_, title, buyer, published_at in await tx.session.execute(
        select(*columns).where(TenderRow.ocid.in_(set(ocids)))
    ):
        if published_at is not None:
            found[ocid] = (title, f"/tenders/{id_}")
        elif tx.actor.may(P.TENDER_READ_DRAFT, of=buyer):
            found[ocid] = (title, f"/tenders/{id_}/draft")
    return found


async def scored(tx: Tx, ids: Iterable[str]) -> frozenset[str]:
    """Those of the tenders in which people give scores: in the others the price alone decides."""
    query = select(CriterionRow.tender_id).where(CriterionRow.tender_id.in_(set(ids)), CriterionRow.kind == "quality")
    return frozenset(await tx.session.scalars(query.distinct()))


def _undecided(buyer: str) -> tuple[ColumnElement[bool], ...]:
    return (TenderRow.buyer_id == buyer, TenderRow.state == "open", TenderRow.settled_at.is_(None))
