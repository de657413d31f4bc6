"""Which public documents are taken: their names, kinds and sizes."""

import re
import unicodedata

from procurement.kernel.refusal import Refused
from procurement.tenders.rules.model import Tender

MIB = 1 << 20
FILE_LIMIT = 50 * MIB  # bytes of one document
TENDER_LIMIT = 500 * MIB  # bytes of all documents of a tender
MOST_FILES = 100
HEAD = 512  # bytes from which a kind is told
LONGEST_NAME = 120  # characters

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
TEXT: tuple[bytes, ...] = ()  # told by being readable, not by a beginning
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "csv": ("text/csv", TEXT),
    "docx": (OFFICE + "wordprocessingml.document", ZIP),
    "dwg": ("image/vnd.dwg", (b"AC10",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "json": ("application/json", TEXT),
    "ods": (OPEN + "spreadsheet", ZIP),
    "odt": (OPEN + "text", ZIP),
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "txt": ("text/plain", TEXT),
    "xlsx": (OFFICE + "spreadsheetml.sheet", ZIP),
    "xml": ("application/xml", TEXT),
    "zip": ("application/zip", ZIP),
}


def safe_name(name: str) -> str:
    """A file's name as it is shown and saved: no folder, no control or direction characters, at most 120 characters.

    Refused("file-name", 422) when nothing is left, or the ending is none of KINDS.
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(character for character in base if unicodedata.category(character)[0] != "C")
    shown = re.sub(r'[<>:"|?*]', "_", " ".join(shown.split())).strip(" .")
    stem, _, ending = shown.rpartition(".")
    if not stem or ending.lower() not in KINDS:
        raise Refused(
            "file-name",
            f"The file needs a name that ends in one of: {', '.join(KINDS)}.",
            status=422,
            fields={"file": f"Choose a file that ends in one of: {', '.join(KINDS)}."},
        )
    return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip()}.{ending.lower()}"


def media_type(name: str, head: bytes) -> str:
    """The media type of a file by its ending, checked against its first bytes. Refused("file-kind", 422)."""
    ending = name.rpartition(".")[2]
    kind, beginnings = KINDS[ending]
    fits = head.startswith(beginnings) if beginnings else _is_text(head)
    if not head or not fits:
        problem = "The file is empty." if not head else f"The file is named .{ending}, but what it holds is not."
        raise Refused("file-kind", problem, status=422, fields={"file": problem})
    return kind


def must_have_room(tender: Tender, size: int = 0) -> None:
    """Refused("too-many-files") beyond 100 documents or 500 MiB of them all."""
    if len(tender.documents) >= MOST_FILES or sum(document.size for document in tender.documents) + size > TENDER_LIMIT:
        raise Refused(
            "too-many-files",
            f"A tender may have {MOST_FILES} documents and {TENDER_LIMIT // MIB} MiB in all. Remove one first.",
            status=413,
        )


def next_version(tender: Tender, name: str) -> int:
    """The version a document of that name gets: 1 for a new one."""
    return max((document.version for document in tender.documents if document.name == name), default=0) + 1


def _is_text(head: bytes) -> bool:
    """Whether the bytes begin a UTF-8 or single-byte text: nothing that only binary files hold."""
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
