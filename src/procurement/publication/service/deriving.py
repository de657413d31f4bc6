"""What follows from releases: notices, awards and organisations, always together and in the transaction that changes
them."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import delete, select

from procurement.infra.freshness import PUBLISHED, changed
from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.derived import Derived
from procurement.publication.rules.organisation_line import Named
from procurement.publication.search import waiting
from procurement.publication.search.postgres import organisations, rows
from procurement.publication.tables import AwardRow, NoticeRow


class Before(msgspec.Struct):
    """What stood in the rows that are written anew: ids of awards, and of the organisations that they named."""

    awards: set[str]
    organisations: set[str]


async def keep(tx: Tx, found: Sequence[Derived]) -> None:
    """Write everything that is searched of some procurements, or write it anew. Do it last: rows stay locked."""
    if not found:
        return
    notices = [one.notice for one in found]
    before = await _before(tx, [notice.id for notice in notices])
    await rows.put_notices(tx, notices)
    awards = _distinct(award for one in found for award in one.awards)
    await _put_awards(tx, awards, before.awards)
    named = [organisation for one in found for organisation in one.organisations]
    await _put_organisations(tx, named, before.organisations)
    await waiting.mark(tx, Collection.NOTICES, (notice.id for notice in notices))
    await waiting.mark(tx, Collection.AWARDS, before.awards | {award.id for award in awards})
    await waiting.mark(tx, Collection.ORGANISATIONS, before.organisations | {one.id for one in named})
    await changed(tx, PUBLISHED)


def _distinct(awards: Iterable[AwardLine]) -> list[AwardLine]:
    return list({award.id: award for award in awards}.values())


async def _before(tx: Tx, ids: Sequence[str]) -> Before:
    """Who was a side of these procurements, and is perhaps no longer."""
    before = Before(set(), set())
    buyers = await tx.session.scalars(select(NoticeRow.buyer_id).where(NoticeRow.id.in_(ids)))
    before.organisations.update(filter(None, buyers))
    awards = select(AwardRow.id, AwardRow.supplier_ids).where(AwardRow.notice_id.in_(ids))
    for row in await tx.session.execute(awards):
        before.awards.add(row.id)
        before.organisations.update(row.supplier_ids)
    return before


async def _put_awards(tx: Tx, awards: Sequence[AwardLine], before: set[str]) -> None:
    """An award that is no longer in force goes."""
    if gone := before - {award.id for award in awards}:
        await tx.session.execute(delete(AwardRow).where(AwardRow.id.in_(gone)))
    await rows.put_awards(tx, awards)


async def _put_organisations(tx: Tx, named: Sequence[Named], before: set[str]) -> None:
    everybody = before | {one.id for one in named}
    await organisations.lock(tx, everybody)
    await organisations.put(tx, named)
    await organisations.count(tx, everybody)
