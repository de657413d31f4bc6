"""The tender's public files: stored first, then listed, published with the tender."""

from collections.abc import AsyncIterable, AsyncIterator

import msgspec
from sqlalchemy import delete, func, select

from procurement.infra.files import Files
from procurement.infra.quota import Room
from procurement.infra.quota import reserve as reserve_room
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.tenders.rules import documents as rules
from procurement.tenders.rules import life
from procurement.tenders.rules.model import Document
from procurement.tenders.service.drafting import editable
from procurement.tenders.service.reading import tender
from procurement.tenders.tables import DocumentRow, TenderRow


class Upload(msgspec.Struct, frozen=True):
    """A durable file that no tender lists yet. `size` in bytes."""

    name: str
    media_type: str
    sha256: str
    size: int


async def reserve(tx: Tx, tender_id: str, size: int, quota: int) -> str:
    """Promise room for a file of `size` bytes, before the first one is taken; returns the promise (infra.quota).

    `quota` is what one organisation may store in all. Refused unless this person may add a file to this draft now,
    and "quota-exceeded" (413).
    """
    draft = await tender(tx, tender_id)
    tx.actor.must(P.TENDER_DRAFT, of=draft.buyer)
    life.must_be_draft(draft)
    rules.must_have_room(draft)
    stored = (
        select(func.sum(DocumentRow.size))
        .join(TenderRow, TenderRow.id == DocumentRow.tender_id)
        .where(TenderRow.buyer_id == draft.buyer)
    )
    return await reserve_room(tx, draft.buyer, size, Room(quota, stored, "Your organisation may store"))


async def store(files: Files, filename: str, chunks: AsyncIterable[bytes]) -> Upload:
    """Stream a file to durable storage. Refused("file-name"), ("file-kind", 422), ("file-too-large", 413)."""
    checked = _Checked(rules.safe_name(filename), chunks)
    stored = await files.put_stream("documents", checked.read(), limit=rules.FILE_LIMIT)
    return Upload(checked.name, checked.media_type, stored.sha256, stored.size)


async def add_document(tx: Tx, tender_id: str, upload: Upload) -> Document:
    """List a stored file; a name that is there already gets its next version. Refused("too-many-files", 413).

    The same bytes under the same name again change nothing.
    """
    draft = await editable(tx, tender_id)
    for there in draft.documents:
        if (there.name, there.sha256) == (upload.name, upload.sha256):
            return there
    rules.must_have_room(draft, upload.size)
    document = Document(
        id=new_id(),
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        sha256=upload.sha256,
        version=rules.next_version(draft, upload.name),
    )
    tx.session.add(
        DocumentRow(**msgspec.structs.asdict(document), tender_id=tender_id, added_by=tx.actor.person, added_at=tx.now)
    )
    await tx.session.flush()
    return document


async def remove_document(tx: Tx, tender_id: str, document_id: str) -> None:
    """From a draft only. Refused("document-unknown", 404)."""
    await editable(tx, tender_id)
    removed = await tx.session.scalar(
        delete(DocumentRow)
        .where(DocumentRow.id == document_id, DocumentRow.tender_id == tender_id)
        .returning(DocumentRow.id)
    )
    if removed is None:
        raise unknown("document")


async def document(tx: Tx, tender_id: str, document_id: str) -> Document:
    """A file for reading: anybody's once published, the buyer's own before. Refused("document-unknown", 404)."""
    found = await tender(tx, tender_id)
    if not found.is_public:
        tx.actor.must(P.TENDER_READ_DRAFT, of=found.buyer)
    for one in found.documents:
        if one.id == document_id:
            return one
    raise unknown("document")


class _Checked:
    """A file on its way: its kind is told from its first bytes before anything is passed on."""

    def __init__(self, name: str, chunks: AsyncIterable[bytes]) -> None:
        self.name, self.media_type, self._chunks = name, "", chunks

    async def read(self) -> AsyncIterator[bytes]:
        head = b""
        async for chunk in self._chunks:
            if self.media_type:
                yield chunk
                continue
            head += chunk
            if len(head) >= rules.HEAD:
                self.media_type = rules.media_type(self.name, head)
                yield head
        if not self.media_type:
            self.media_type = rules.media_type(self.name, head)
            yield head
