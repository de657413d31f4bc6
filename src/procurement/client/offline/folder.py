"""The bidder's folder: the tender file, the prices and declarations to fill in, the documents to send.

tender.json         what is sealed to; not to be changed
prices.csv          a line for each item: write the price of one unit
declarations.csv    a line for each statement: write "yes" to confirm it
confidential.csv    a line for each document that must stay unpublished, with the reason
documents/          the documents, as they are to be sent
"""

import csv
import io
import mimetypes
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path

import msgspec

from procurement.client.offline import Cannot
from procurement.client.offline.tender_file import TenderFile, write
from procurement.client.sealing import Attached
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Prices
from procurement.kernel.sealing.declarations import DECLARATIONS, declarations_bytes
from procurement.kernel.sealing.names import check_name
from procurement.kernel.sealing.schedule import price_schedule

TENDER, PRICES, PRICES_JSON = "tender.json", "prices.csv", "prices.json"
CONFIRMED, CONFIDENTIAL, DOCUMENTS = "declarations.csv", "confidential.csv", "documents"
LARGEST_TABLE = 4 << 20  # bytes
MOST_FILES = 50
YES = frozenset({"yes", "y", "true", "1", "x"})
LONGEST_REASON = 2000  # characters

Rows = list[dict[str, str]]


class Prepared(msgspec.Struct, frozen=True):
    """What is to be sealed: the price schedule, and each document with the declarations first."""

    prices: Prices
    documents: tuple[Attached, ...]


def begin(folder: Path, tender: TenderFile) -> list[Path]:
    """Lay out the folder; what is there already stays, but for the tender file. Returns what is new."""
    (folder / DOCUMENTS).mkdir(parents=True, exist_ok=True)
    write(tender, folder / TENDER)
    lots = {lot.id: lot for lot in tender.lots}
    prices = [
        (item.id, lots[item.lot].number, item.number, _words(item.description), f"{item.quantity:f}", item.unit, "")
        for item in tender.items
    ]
    declared = [(one.code, _words(one.text), "") for one in tender.declarations]
    made = [folder / TENDER]
    for name, head, rows in (
        (PRICES, ("item", "lot", "number", "description", "quantity", "unit", "unit_price"), prices),
        (CONFIRMED, ("code", "statement", "confirmed"), declared),
        (CONFIDENTIAL, ("file", "reason"), []),
    ):
        if not (folder / name).exists():
            _write(folder / name, head, rows)
            made.append(folder / name)
    return made


def read(folder: Path, tender: TenderFile) -> Prepared:
    """Everything of it, checked. Raises Cannot with everything that is wrong, at once."""
    problems: list[str] = []
    prices = _prices(folder, tender, problems)
    documents = _documents(folder, problems)
    if tender.needs_documents and not documents:
        problems.append(f"{DOCUMENTS}: add at least one document, for quality is scored on what you write.")
    _must_be_confirmed(folder, tender, problems)
    if problems or prices is None:
        raise Cannot(*problems)
    declared = Attached(DECLARATIONS, "application/json", declarations_bytes(tender.declarations))
    return Prepared(prices, (declared, *documents))


def _prices(folder: Path, tender: TenderFile, problems: list[str]) -> Prices | None:
    try:
        return price_schedule(tender.lines, _unit_prices(folder), tender.currency)
    except Refused as no:
        names = {item.id: f"lot {_lot(tender, item.lot)}, item {item.number}" for item in tender.items}
        problems += [f"{PRICES}: {names.get(item, item)}: {words}" for item, words in no.fields.items()] or [no.detail]
    except Cannot as no:
        problems += no.problems
    return None


def _lot(tender: TenderFile, lot_id: str) -> int:
    return next(lot.number for lot in tender.lots if lot.id == lot_id)


def _unit_prices(folder: Path) -> dict[str, str]:
    """Item id -> what was written, from prices.json where there is one, else from prices.csv."""
    file = folder / PRICES_JSON
    if not file.exists():
        return {row["item"]: row["unit_price"] for row in _rows(folder / PRICES, ("item", "unit_price"))}
    try:
        return msgspec.json.decode(_bytes(file), type=dict[str, str])
    except msgspec.DecodeError as wrong:
        raise Cannot(f'{PRICES_JSON}: write {{"item id": "12.50", …}}, prices in quotes: {wrong}') from None


def _must_be_confirmed(folder: Path, tender: TenderFile, problems: list[str]) -> None:
    try:
        rows = _rows(folder / CONFIRMED, ("code", "confirmed"))
    except Cannot as no:
        problems += no.problems
        return
    confirmed = {row["code"] for row in rows if row["confirmed"].lower() in YES}
    problems += [
        f"{CONFIRMED}: write “yes” behind “{one.text}”, or you cannot bid."
        for one in tender.declarations
        if one.code not in confirmed
    ]


def _documents(folder: Path, problems: list[str]) -> list[Attached]:
    """The files of the folder `documents` by name. Hidden files, which systems leave behind, are passed over."""
    try:
        held = folder / DOCUMENTS
        files = sorted(one for one in held.iterdir() if not one.name.startswith("."))
        reasons = _reasons(folder)
    except OSError as gone:
        problems.append(f"{DOCUMENTS}: {gone}")
        return []
    except Cannot as no:
        problems += no.problems
        return []
    problems += [f"{CONFIDENTIAL}: there is no document “{name}”." for name in reasons.keys() - {f.name for f in files}]
    if len(files) > MOST_FILES:
        problems.append(f"{DOCUMENTS}: a bid may hold at most {MOST_FILES} documents.")
    return [_document(file, reasons.get(file.name, ""), problems) for file in files]


def _document(file: Path, reason: str, problems: list[str]) -> Attached:
    if not file.is_file():
        problems.append(f"{DOCUMENTS}/{file.name}: only files can be sent. Pack a folder into one file.")
    try:
        check_name(file.name)
    except Refused as no:
        problems.append(f"{DOCUMENTS}/{file.name}: {no.detail}")
    return Attached(file.name, mimetypes.guess_type(file.name)[0] or "application/octet-stream", file, reason)


def _reasons(folder: Path) -> dict[str, str]:
    """Document -> why it must stay unpublished."""
    if not (folder / CONFIDENTIAL).exists():
        return {}
    rows = _rows(folder / CONFIDENTIAL, ("file", "reason"))
    for row in rows:
        if not 1 <= len(row["reason"]) <= LONGEST_REASON:
            raise Cannot(f"{CONFIDENTIAL}: give a reason for “{row['file']}”, in at most {LONGEST_REASON} characters.")
    return {row["file"]: row["reason"] for row in rows}


def _rows(file: Path, columns: Sequence[str]) -> Rows:
    """The lines of a table, however a spreadsheet saved it: with commas, semicolons or tabs."""
    try:
        text = _bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Cannot(f"{file.name}: save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    head = [column.strip() for column in next(lines, [])]
    if missing := [column for column in columns if column not in head]:
        raise Cannot(f"{file.name}: the column {missing[0]} is missing.")
    rows = [dict(zip_longest(head, line[: len(head)], fillvalue="")) for line in lines if any(line)]
    return [{column: row[column].strip() for column in columns} for row in rows]


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_TABLE:
            raise Cannot(f"{file.name} is too large.")
        return file.read_bytes()
    except OSError as gone:
        raise Cannot(f"{file.name}: {gone.strerror}.") from None


def _words(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _write(file: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(head)
        writer.writerows(rows)
