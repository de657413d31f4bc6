"""Tables to take away as CSV, which no spreadsheet runs as formulas (ASVS 5.0: 1.2.10)."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what makes a spreadsheet calculate


def safe(cell: str) -> str:
    """The same text; with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180, with every cell quoted."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return csv_lines([header]) + csv_lines(rows)


def csv_headers(name: str) -> dict[str, str]:
    """Of a file to be saved. `name` is ASCII, without quotes."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response[bytes]:
    """A file to be saved, in UTF-8 with the mark by which spreadsheets know it."""
    content = csv_text(header, rows).encode("utf-8-sig")
    return Response(content, media_type="text/csv; charset=utf-8", headers=csv_headers(name))
