"""PDF documents made of data by Typst: PDF/A-2a (for archives) and PDF/UA-1 (for screen readers) in one file.

A template is a `.typ` file beside the page templates; it reads its data from `sys.inputs.data` as JSON, so what people
typed arrives as text and never as markup. Fonts are those that the typst package carries. The same data and moment
give the same bytes.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime

import msgspec
import typst

from procurement.infra.files import Files, Stored
from procurement.kernel.money import Money
from procurement.settings import asset

LIMIT = 20_000_000  # bytes; a document of a thousand pages has a quarter of that


async def pdf(template: str, data: object, at: datetime) -> bytes:
    """The PDF that `template` ("contracts/contract.typ") makes of `data`, dated `at`. Raises typst.TypstError."""
    text = msgspec.json.encode({"at": at.isoformat(), **_mapping(data)}).decode()
    return await asyncio.to_thread(_compile, template, text, int(at.timestamp()))


async def keep(files: Files, document: bytes) -> Stored:
    """Store a document among the public files."""

    async def whole() -> AsyncIterator[bytes]:
        yield document

    return await files.put_stream("documents", whole(), limit=LIMIT)


async def read(files: Files, sha256: str) -> bytes:
    """A stored document, whole. Refused "file-unknown" (404) if there is none."""
    return b"".join([chunk async for chunk in await files.open("documents", sha256)])


def amount(money: Money) -> str:
    """An amount for print, as “1 240 000.00 EUR” with narrow spaces that do not break."""
    return f"{money.decimal():,f} {money.currency}".replace(",", "\u202f")


def day(of: date) -> str:
    """A day for print, as “30 November 2026”."""
    return f"{of.day} {of:%B %Y}"


def _mapping(data: object) -> dict[str, object]:
    return msgspec.convert(msgspec.to_builtins(data), dict[str, object])


def _compile(template: str, text: str, timestamp: int) -> bytes:
    root = asset("frontend") / "templates"
    compiler = typst.Compiler(str(root / template), root=str(root), ignore_system_fonts=True)
    document = compiler.compile(
        format="pdf", sys_inputs={"data": text}, pdf_standards=["a-2a", "ua-1"], timestamp=timestamp
    )
    if not isinstance(document, bytes):
        raise TypeError("a PDF is one file")
    return document
