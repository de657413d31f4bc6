"""Where the documents of each collection come from: public rows, read as pages read them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from sqlalchemy import func, select

from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.publication import service
from procurement.publication.search.documents import Document, Item, document
from procurement.publication.tables import NoticeRow

Row = type[NoticeRow]


class Source:
    """The rows of one collection, and how they are read as items. A list's row has no text; here it is added."""

    def __init__(self, row: Row, read: Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, Item]]]) -> None:
        self.row, self.read = row, read

    async def documents(self, tx: Tx, ids: Sequence[str]) -> dict[str, Document]:
        """By id; an id that is no longer there has none."""
        items = await self.read(tx, ids)
        texts = select(self.row.id, self.row.told, self.row.labels, self.row.broader).where(self.row.id.in_(ids))
        found = {}
        for id_, told, *labels in await tx.session.execute(texts):
            if id_ in items:
                item = msgspec.structs.replace(items[id_], text=told)
                found[id_] = document(item, "\n".join(filter(None, labels)))
        return found

    async def after(self, tx: Tx, last: str, most: int) -> list[str]:
        """The next ids in their order; "" begins."""
        ids = select(self.row.id).where(self.row.id > last).order_by(self.row.id).limit(most)
        return list(await tx.session.scalars(ids))

    async def count(self, tx: Tx) -> int:
        return await tx.session.scalar(select(func.count()).select_from(self.row)) or 0


SOURCES: dict[Collection, Source] = {
    Collection.NOTICES: Source(NoticeRow, service.notices),
}
