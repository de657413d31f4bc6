"""What follows from releases: notices, awards and organisations, always together and in the transaction that changes
them."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, select

from procurement.infra.freshness import PUBLISHED, changed
from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.derived import Derived
from procurement.publication.rules.notice import Notice
from procurement.publication.search import waiting
from procurement.publication.search.postgres import organisations, rows
from procurement.publication.search.postgres.organisations import Change
from procurement.publication.tables import AwardRow, NoticeRow


class Before(msgspec.Struct):
    """What stands in the rows that are written anew: ids of awards, and how often each organisation is named."""

    awards: set[str]
    bought: Counter[str]
    won: Counter[str]


async def keep(tx: Tx, found: Sequence[Derived]) -> None:
    """Write everything that is searched of some procurements, or write it anew. Do it last: rows stay locked.

    Nobody else may be at the same procurements: what organisations bought and won is added up from the difference.
    """
    if not found:
        return
    notices = [one.notice for one in found]
    awards = list({award.id: award for one in found for award in one.awards}.values())
    before = await _before(tx, [notice.id for notice in notices])
    changes = _changes(before, notices, awards)
    await rows.put_notices(tx, notices)
    if gone := before.awards - {award.id for award in awards}:
        await tx.session.execute(delete(AwardRow).where(AwardRow.id.in_(gone)))
    await rows.put_awards(tx, awards)
    await organisations.put(tx, [named for one in found for named in one.organisations], changes)
    await waiting.mark(tx, Collection.NOTICES, (notice.id for notice in notices))
    await waiting.mark(tx, Collection.AWARDS, before.awards | {award.id for award in awards})
    await waiting.mark(tx, Collection.ORGANISATIONS, changes)
    await changed(tx, PUBLISHED)


async def _before(tx: Tx, ids: Sequence[str]) -> Before:
    before = Before(set(), Counter(), Counter())
    before.bought.update(await tx.session.scalars(select(NoticeRow.buyer_id).where(NoticeRow.id.in_(ids))))
    awards = select(AwardRow.id, AwardRow.supplier_ids).where(AwardRow.notice_id.in_(ids))
    for row in await tx.session.execute(awards):
        before.awards.add(row.id)
        before.won.update(row.supplier_ids)
    return before


def _changes(before: Before, notices: Sequence[Notice], awards: Sequence[AwardLine]) -> dict[str, Change]:
    """By organisation, everybody who is named now or was before."""
    changes = defaultdict[str, Change](Change)
    for notice in notices:
        changes[notice.buyer_id].bought += 1
        changes[notice.buyer_id].seen(notice.published_at)
    for award in awards:
        for supplier in award.supplier_ids:
            changes[supplier].won += 1
            changes[supplier].seen(award.awarded_at)
    for buyer, number in before.bought.items():
        changes[buyer].bought -= number
    for supplier, number in before.won.items():
        changes[supplier].won -= number
    return {id_: change for id_, change in changes.items() if id_}
