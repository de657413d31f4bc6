"""Cut a stream of JSON into releases without reading it whole and without trusting it.

A package may be larger than memory and one of its releases may be no JSON at all (`NaN`, a stray comma). So brackets
and strings are followed, nothing else: each release is cut out as the bytes it was published as, and a bad one costs
only itself.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 16 * 2**20  # bytes of one release; more is refused, and not kept while it passes
LISTS = {b'"releases"': "releases", b'"records"': "records"}

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\]]', re.DOTALL)
_BETWEEN = b" \t\r\n,"  # what may stand between the members of an array


@dataclass(frozen=True, slots=True)
class Piece:
    """Something cut out. `kind`: "releases" or "records" (a member of that list), "whole" (an object without them)."""

    kind: str
    place: str  # where it stood, for a person: "releases/12"
    raw: bytes
    head: bytes = b""  # of its package, as far as it has been read, closed so that it is JSON


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that could not be cut out."""

    place: str
    reason: str


class _Cut:
    """What is being cut out: its bytes, or only the knowledge that they were too many."""

    def __init__(self) -> None:
        self.data, self.too_long = bytearray(), False

    def add(self, piece: bytes) -> None:
        self.too_long = self.too_long or len(self.data) + len(piece) > LONGEST
        if self.too_long:
            self.data.clear()
        else:
            self.data += piece


class _Scanner:
    def __init__(self, place: str) -> None:
        self.place, self.depth, self.base = place, 0, 0  # base: the depth at which packages and bare releases stand
        self.documents = self.members = 0
        self.listing = ""  # the list whose members pass by
        self.name = b""  # the last string seen directly inside the document
        self.shell, self.member = _Cut(), _Cut()
        self.kept = 0  # up to where the present buffer has been assigned

    def read(self, chunks: Iterable[bytes]) -> Iterator[Piece | Lost]:
        buffer = b""
        for chunk in chunks:
            buffer = buffer[self.kept :] + chunk if self.kept else buffer + chunk
            self.kept = 0
            yield from self._tokens(buffer)
            if len(buffer) - self.kept > LONGEST:
                yield Lost(self._where(), f"a text of more than {LONGEST // 2**20} MB")
                return
        if self.depth:
            yield Lost(self._where(), "the file is cut off here")
        elif rest := buffer[self.kept :].strip(_BETWEEN):
            yield Lost(self.place or "file", f"no JSON object: {rest[:40].decode(errors='replace')!r}")

    def _tokens(self, buffer: bytes) -> Iterator[Piece | Lost]:
        end = len(buffer)
        for token in _TOKEN.finditer(buffer):
            mark = token[0]
            if mark == b'"':  # a string that ends in a later chunk
                end = token.start()
                break
            if len(mark) > 1:
                if self.depth == self.base + 1 and not self.listing:
                    self.name = mark
            elif mark in b"{[":
                yield from self._opens(buffer, token.start(), mark)
            else:
                yield from self._closes(buffer, token.end())
        if self.depth > self.base and (not self.listing or self.depth > self.base + 2):
            yield from self._keep(buffer, end)

    def _opens(self, buffer: bytes, at: int, mark: bytes) -> Iterator[Piece | Lost]:
        if self.depth == 0:
            yield from self._keep(buffer, at)
            if mark == b"[":
                self.base, self.kept = 1, at + 1
        elif self.depth == self.base:
            yield from self._keep(buffer, at)
        elif self.depth == self.base + 1 and mark == b"[" and self.name in LISTS and not self.listing:
            yield from self._keep(buffer, at + 1)
            self.listing, self.members = LISTS[self.name], 0
        elif self.depth == self.base + 2 and self.listing:
            yield from self._keep(buffer, at)
        self.depth += 1

    def _closes(self, buffer: bytes, end: int) -> Iterator[Piece | Lost]:
        if self.depth == 0:
            return  # a bracket too many
        if self.listing and self.depth == self.base + 2:
            yield from self._keep(buffer, end - 1)
            self.listing = ""
        elif self.listing and self.depth == self.base + 3:
            yield from self._keep(buffer, end)
            member, self.member = self.member, _Cut()
            yield self._taken(self.listing, member, bytes(self.shell.data) + b"]}")
            self.members += 1
        elif self.depth == self.base + 1:
            yield from self._keep(buffer, end)
            shell, self.shell = self.shell, _Cut()
            yield self._taken("whole", shell)
            self.documents, self.name = self.documents + 1, b""
        elif self.base and self.depth == 1:
            yield from self._keep(buffer, end - 1)
            self.base, self.kept = 0, end
        self.depth -= 1

    def _keep(self, buffer: bytes, until: int) -> Iterator[Lost]:
        """Assign the bytes since the last time to what they belong to."""
        piece, self.kept = buffer[self.kept : until], max(until, self.kept)
        if self.depth > self.base + 2 and self.listing:
            self.member.add(piece)
        elif self.depth > self.base and not self.listing:
            self.shell.add(piece)
        elif stray := piece.strip(_BETWEEN):
            yield Lost(self._where(), f"not an object: {stray[:40].decode(errors='replace')!r}")

    def _taken(self, kind: str, cut: _Cut, head: bytes = b"") -> Piece | Lost:
        if cut.too_long:
            return Lost(self._where(), f"more than {LONGEST // 2**20} MB")
        return Piece(kind, self._where(), bytes(cut.data), head)

    def _where(self) -> str:
        document = [str(self.documents)] if self.base or self.documents else []
        member = [self.listing, str(self.members)] if self.listing else []
        return " ".join(filter(None, (self.place, "/".join(document + member)))) or "file"


def scan(chunks: Iterable[bytes], place: str = "") -> Iterator[Piece | Lost]:
    """The releases, records and bare objects of UTF-8 JSON: one document, an array of them, or several in a row."""
    return _Scanner(place).read(chunks)
