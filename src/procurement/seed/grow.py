"""Growing the archive to a number of procurements: written to a file, and imported as any publisher's would be."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.publication import service as publication
from procurement.publication.importer.run import Report, import_files
from procurement.publication.ocds.package import encoder
from procurement.seed.make import releases
from procurement.seed.words import Words, words
from procurement.settings import Settings


class NotASandbox(Exception):
    """A real installation never shows an invented procurement."""


async def grow(settings: Settings, total: int, seed: int, echo: Callable[[str], None]) -> Report:
    """Bring the archive of `seed` to `total` procurements; larger than that it stays. Raises NotASandbox."""
    named = words()
    source = f"{named.source} {seed}"
    there, today = await _standing(settings, source)
    if there >= total:
        return Report()
    file = Path(settings.data) / "seed" / f"{source.replace(' ', '-').lower()}-{there}-{total}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    write(file, named, seed, range(there, total), today)
    try:
        return await import_files(settings, [file], echo, source)
    finally:
        file.unlink()


def write(file: Path, named: Words, seed: int, numbers: range, today: date) -> None:
    """OCDS releases, one a line: the same bytes for the same arguments."""
    with file.open("wb") as lines:
        for number in numbers:
            lines.writelines(encoder.encode(release) + b"\n" for release in releases(named, seed, number, today))


async def _standing(settings: Settings, source: str) -> tuple[int, date]:
    """How many procurements the archive has, and the legal day."""
    database = Database(settings.database_url, Handlers())
    try:
        if not await database.is_sandbox():
            raise NotASandbox("Invented procurements are for a sandbox only: start one with `procurement up --demo`.")
        async with database.begin(NOBODY) as tx:
            return await publication.how_many(tx, source), tx.now.date()
    finally:
        await database.dispose()
