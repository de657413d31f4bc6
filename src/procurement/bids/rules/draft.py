"""A bid being prepared without scripts: what it holds, and what it still lacks."""

from typing import Literal

import msgspec

from procurement.bids.rules import limits
from procurement.bids.rules.declarations import statements
from procurement.bids.rules.prices import price_schedule
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Blob, SealedFile
from procurement.kernel.sealing.names import check_name
from procurement.tenders.rules import Tender

Step = Literal["declarations", "prices", "documents"]


class DraftFile(msgspec.Struct, frozen=True):
    """A document already sealed and stored: `id` for its links, what the manifest and the envelope will say."""

    id: str
    file: SealedFile
    blobs: tuple[Blob, ...]


class Contents(msgspec.Struct, frozen=True):
    """What only the bidder's browser can make readable. `prices` is item id -> unit price as typed."""

    declared: tuple[str, ...] = ()
    prices: dict[str, str] = {}
    files: tuple[DraftFile, ...] = ()


def add_file(contents: Contents, added: DraftFile) -> Contents:
    """With one more document; one of the same name is replaced. Refused for too many, or a reserved name."""
    check_name(added.file.name)
    kept = tuple(held for held in contents.files if held.file.name != added.file.name)
    if len(kept) >= limits.FILES:
        raise Refused("too-many-files", f"A bid may hold at most {limits.FILES} documents.", status=422)
    return msgspec.structs.replace(contents, files=(*kept, added))


def remove_file(contents: Contents, file_id: str) -> Contents:
    """Without that document; removing one twice changes nothing."""
    return msgspec.structs.replace(contents, files=tuple(held for held in contents.files if held.id != file_id))


def for_replacement(contents: Contents) -> Contents:
    """What a new version may start from: every envelope has its own key, so documents are sealed again."""
    return msgspec.structs.replace(contents, files=())


def missing(tender: Tender, contents: Contents) -> dict[Step, str]:
    """What keeps the draft from being sealed, by step; empty when nothing does."""
    lacks: dict[Step, str] = {}
    if set(contents.declared) < {statement.code for statement in statements(tender)}:
        lacks["declarations"] = "Not every declaration is confirmed."
    try:
        price_schedule(tender, contents.prices)
    except Refused:
        lacks["prices"] = "The price schedule is not complete."
    if needs_documents(tender) and not contents.files:
        lacks["documents"] = "Add at least one document: quality is scored on what you write."
    return lacks


def needs_documents(tender: Tender) -> bool:
    """Whether some criterion can only be scored on documents."""
    return any(criterion.kind == "quality" for criterion in tender.criteria)
