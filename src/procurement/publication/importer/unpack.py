"""From a file to the releases in it, whatever it is: packages, records, bare releases, JSON lines; plain or gzip."""

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from procurement.publication.importer.mend import Notes
from procurement.publication.importer.scan import LONGEST, Lost, Piece, scan

CHUNK = 256 * 2**10
_BOM = b"\xef\xbb\xbf"
_LINES = {".jsonl", ".ndjson"}
NUL = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")  # bare, or written behind an odd number of backslashes
_exact = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class Published:
    """One release as its publisher wrote it. `package`: what the package says of itself, as far as it was read."""

    place: str
    release: Any
    package: dict[str, Any]
    notes: Notes = field(default_factory=Notes)


class Progress:
    """How many bytes of a file have been read, as it stands on the disk."""

    read = 0


def unpack(path: Path, progress: Progress | None = None) -> Iterator[Published | Lost]:
    """Every release in the file, in its order. Memory does not grow with the file.

    Raises: OSError when the file cannot be read at all.
    """
    progress = progress or Progress()
    with _opened(path) as (file, raw):
        pieces = _lines(file) if _holds_lines(path, file) else scan(iter(lambda: file.read(CHUNK), b""))
        linked = False  # a record whose releases are elsewhere: what it compiled from them is what we get
        for piece in _survivable(pieces):
            progress.read = raw.tell()
            if isinstance(piece, Lost):
                yield piece
                continue
            found = _read(piece)
            if isinstance(found, Lost):
                yield found
            elif piece.kind == "releases":
                linked = linked or _is_link(found.release)
                if not _is_link(found.release):
                    yield found
            elif piece.kind == "records" or "releases" in found.release or "records" in found.release:
                yield from _of_record(found, linked)
                linked = False
            else:
                yield found


def _of_record(found: Published, linked: bool = False) -> Iterator[Published | Lost]:
    """A record's releases; the compiled one when the others are only linked, because we compile ourselves."""
    record = found.release
    if not isinstance(record, dict):
        yield Lost(found.place, "not an object")
        return
    releases = record.get("releases")
    releases = releases if isinstance(releases, list) else []
    embedded = [release for release in releases if not _is_link(release)]
    for place, release in enumerate(embedded):
        yield Published(f"{found.place}/releases/{place}", release, found.package, found.notes)
    compiled = record.get("compiledRelease")
    if not embedded and isinstance(compiled, dict) and (linked or releases or "ocid" in record):
        yield Published(f"{found.place}/compiledRelease", compiled, found.package, found.notes)


def _is_link(release: Any) -> bool:
    return isinstance(release, dict) and "url" in release and "ocid" not in release


def _read(piece: Piece) -> Published | Lost:
    notes = Notes()
    if NUL.search(piece.raw):
        return Lost(piece.place, "it has a NUL in a text, which no database takes")
    try:
        release = _exact.decode(piece.raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        try:
            release = json.loads(piece.raw, parse_float=Decimal, parse_constant=_no_number(notes), strict=False)
            json.dumps(release, default=str, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            return Lost(piece.place, f"not JSON: {wrong}")
    package = _exact.decode(piece.head) if piece.head and _parses(piece.head) else {}
    return Published(piece.place, release, package, notes)


def _no_number(notes: Notes) -> Any:
    def nothing(constant: str) -> None:
        notes.note(constant, "no number of JSON: read as no value")

    return nothing


def _parses(raw: bytes) -> bool:
    try:
        return not NUL.search(raw) and isinstance(_exact.decode(raw), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The text as bytes without its byte-order mark, and the file on the disk behind it."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        file = cast(BinaryIO, gzip.GzipFile(fileobj=raw) if packed else raw)
        try:
            start = file.read(len(_BOM))
            file.seek(len(_BOM) if start == _BOM else 0)
        except (EOFError, gzip.BadGzipFile) as wrong:
            raise OSError(f"{path.name}: {wrong}") from None
        yield file, raw


def _survivable(pieces: Iterator[Piece | Lost]) -> Iterator[Piece | Lost]:
    """A packed file that is damaged half-way still gives its first half."""
    try:
        yield from pieces
    except (EOFError, gzip.BadGzipFile) as wrong:
        yield Lost("file", f"the file is damaged from here: {wrong}")


def _holds_lines(path: Path, file: BinaryIO) -> bool:
    """JSON lines: the name says so, or one of the first two lines is an object of its own."""
    here = file.tell()
    lines = [file.readline(CHUNK), file.readline(CHUNK)]
    file.seek(here)
    if _LINES & set(path.suffixes):
        return True
    return all(line.lstrip().startswith(b"{") for line in lines) and any(_parses(line) for line in lines)


def _lines(file: BinaryIO) -> Iterator[Piece | Lost]:
    """Each line by itself, so that a line cut short costs only that line."""
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if not line.endswith(b"\n") and len(line) == LONGEST:
            yield Lost(f"line {number}", f"more than {LONGEST // 2**20} MB")
            while line and not line.endswith(b"\n"):
                line = file.readline(CHUNK)
        elif line.strip():
            yield from scan([line], f"line {number}")


def prefix(ocid: str) -> str:
    """Who gave the OCID out, as OCDS registers publishers: `ocds-b5fd17`; "" where the OCID has no such prefix."""
    match = re.match(r"ocds-[a-z0-9]{6}(?=-)", ocid)
    return match[0] if match else ""
