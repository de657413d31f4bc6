"""Where the documents of each collection come from: public rows, read as pages read them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from sqlalchemy import func, select

from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.publication import service
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.search.documents import Document, Item, document
from procurement.publication.service import lines
from procurement.publication.tables import AwardRow, NoticeRow, OrganisationRow

Read = Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, Item]]]
Searched = tuple[str, str, str]
"""What else an item says, the labels of its codes, and of what these belong to."""


class Source:
    """The rows of one collection, and how they are read as items of a list."""

    def __init__(self, row: type[NoticeRow | AwardRow | OrganisationRow], read: Read) -> None:
        self.row, self.read = row, read

    async def documents(self, tx: Tx, ids: Sequence[str]) -> dict[str, Document]:
        """By id; one that is no longer there has none."""
        items = await self.read(tx, ids)
        searched = await self._searched(tx, ids)
        return {id_: _document(item, searched.get(id_)) for id_, item in items.items()}

    async def after(self, tx: Tx, last: str, most: int) -> list[str]:
        """The next ids in their order; "" begins."""
        ids = select(self.row.id).where(self.row.id > last).order_by(self.row.id).limit(most)
        return list(await tx.session.scalars(ids))

    async def count(self, tx: Tx) -> int:
        return await tx.session.scalar(select(func.count()).select_from(self.row)) or 0

    async def _searched(self, tx: Tx, ids: Sequence[str]) -> dict[str, Searched]:
        """What is searched of each and never shown: its text, and the labels of its codes and of what these belong
        to. An organisation has neither."""
        if self.row is OrganisationRow:
            return {}
        row = AwardRow if self.row is AwardRow else NoticeRow
        texts = select(row.id, row.told, row.labels, row.broader).where(row.id.in_(ids))
        return {row.id: (row.told, row.labels, row.broader) for row in await tx.session.execute(texts)}


def _document(item: Item, searched: Searched | None) -> Document:
    if searched is None or isinstance(item, OrganisationLine):
        return document(item)
    told, labels, broader = searched
    return document(msgspec.structs.replace(item, text=told), labels, broader)


SOURCES: dict[Collection, Source] = {
    Collection.NOTICES: Source(NoticeRow, service.notices),
    Collection.AWARDS: Source(AwardRow, lines.award_lines),
    Collection.ORGANISATIONS: Source(OrganisationRow, lines.organisation_lines),
}
