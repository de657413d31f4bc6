"""A form with one file, read as a stream: its text fields, then the file. Nothing is spooled to disk.

The token has to come before the file, so that no byte of a file is taken from a foreign form.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TypeAlias

import msgspec
from litestar.exceptions import HTTPException
from multipart import (  # type: ignore[import-untyped]  # it ships no types
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from procurement.infra.web import pace
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused

SEGMENTS = 10  # fields and files of a form
FIELD_LIMIT = 8192  # bytes of one text field
DRAINED = 64 << 20  # bytes read and dropped so that the browser comes to see why its file was refused

Event: TypeAlias = MultipartSegment | bytes | bytearray | None


class Fields(msgspec.Struct, frozen=True):
    """What stood before the file: the text fields, the file's own name and its media type as the browser gave them."""

    texts: dict[str, str]
    filename: str
    media_type: str


class FileForm:
    """Read `fields` first, then iterate over `chunks`, then `finish`. Each raises Refused("form-malformed", 400) for a
    form that cannot be read, "upload-broken" (400) when the sender has gone, and "upload-slow" (408)."""

    def __init__(self, request: AnyRequest) -> None:
        self._events = _events(request)

    async def fields(self) -> Fields:
        """Everything up to the file. Refused("form-invalid", 422) when there is none."""
        texts: dict[str, str] = {}
        name, text = "", bytearray()
        async for event in self._events:
            if isinstance(event, MultipartSegment):
                if event.filename is not None:
                    return Fields(texts, event.filename, (event.content_type or "")[:200])
                name, text = event.name, bytearray()
            elif event is None:
                texts[name] = _decoded(text).strip()
            else:
                text += event
                if len(text) > FIELD_LIMIT:
                    raise _malformed()
        words = "Choose a file."
        raise Refused("form-invalid", words, status=422, fields={"file": words})

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the file."""
        async for event in self._events:
            if event is None:
                return
            if isinstance(event, MultipartSegment):
                raise _malformed()
            yield bytes(event)

    async def finish(self) -> None:
        """Nothing may follow the file. Refused("form-malformed", 400)."""
        async for _ in self._events:
            raise _malformed()

    async def drain(self) -> None:
        """Read on without keeping anything, so that the answer to a refused file reaches the browser."""
        dropped = 0
        async with aclosing(self._events):
            try:
                async for event in self._events:
                    dropped += len(event) if isinstance(event, bytes | bytearray) else 0
                    if dropped > DRAINED:
                        return
            except Refused:
                return


async def _events(request: AnyRequest) -> AsyncGenerator[Event, None]:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise _malformed()
    try:
        with PushMultipartParser(boundary, max_segment_count=SEGMENTS, strict=True) as parser:
            async for chunk in pace.stream(request):
                if chunk:
                    for event in parser.parse(chunk):
                        yield event
    except MultipartError:
        raise _malformed() from None
    except HTTPException:
        raise Refused("upload-broken", "The upload ended before the file was complete. Nothing of it was kept.",
                      status=400) from None  # fmt: skip


def _decoded(text: bytearray) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise _malformed() from None


def _malformed() -> Refused:
    return Refused("form-malformed", "The form could not be read. Nothing was kept; reload the page and try again.",
                   status=400)  # fmt: skip
