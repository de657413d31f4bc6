"""`procurement import-ocds`: files of other publishers into the public record, batch by batch."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.publication.facts import OcdsImported
from procurement.publication.importer.admit import Admitted, admit
from procurement.publication.importer.scan import Lost
from procurement.publication.importer.store import take
from procurement.publication.importer.unpack import Progress, unpack
from procurement.settings import Settings

BATCH = 500  # releases in one transaction: all of them or none
LARGEST_BATCH = 8 * 2**20  # bytes, so that large releases make small batches


class Refusal(msgspec.Struct, frozen=True):
    """One line of the report's file: what could not be taken, where it stood, and why."""

    file: str
    place: str
    reason: str


class Report(msgspec.Struct):
    """What an import did. `accepted` were new, `known` taken before; each of `refusals` is a file of reasons."""

    accepted: int = 0
    known: int = 0
    refused: int = 0
    refusals: list[Path] = []

    def __str__(self) -> str:
        return f"{self.accepted} new, {self.known} known, {self.refused} refused"


async def import_files(settings: Settings, paths: list[Path], echo: Callable[[str], None], source: str = "") -> Report:
    """Take the releases of each file into the public record, marked with their source. Doing it again changes nothing.

    `source` names the publisher; without it the package does, or the OCID's prefix. What cannot be taken is written to
    a file of refusals in the data folder, and costs nothing else.
    """
    report = Report()
    database = Database(settings.database_url, Handlers())
    try:
        for path in paths:
            await _Import(database, settings, path, source, report).run(echo)
    finally:
        await database.dispose()
    return report


class _Import:
    """One file on its way in."""

    def __init__(self, database: Database, settings: Settings, path: Path, source: str, report: Report) -> None:
        self.database, self.path, self.source, self.report = database, path, source, report
        self.own_prefix = settings.ocid_prefix
        self.refusals = Path(settings.data) / "imports" / f"{path.name}.refused.jsonl"
        self.progress = Progress()

    async def run(self, echo: Callable[[str], None]) -> None:
        self.refusals.unlink(missing_ok=True)
        try:
            size, digest = self.path.stat().st_size, _digest(self.path)
            for part, batch in enumerate(_batches(self._found())):
                await self._keep(batch, digest, part)
                self._refuse([one for one in batch if isinstance(one, Lost)])
                echo(f"{self.path.name}: {100 * self.progress.read // size} %, {self.report}")
        except OSError as unreadable:
            self._refuse([Lost("file", str(unreadable))])
            echo(f"{self.path.name}: cannot be read: {unreadable}")

    def _found(self) -> Iterator[Admitted | Lost]:
        for found in unpack(self.path, self.progress):
            yield found if isinstance(found, Lost) else admit(found, self.source, self.own_prefix)

    async def _keep(self, batch: list[Admitted | Lost], digest: str, part: int) -> None:
        """One transaction: the releases, their notices, and a fact for each source that brought something new."""
        admitted = [one for one in batch if isinstance(one, Admitted)]
        refused = len(batch) - len(admitted)
        async with self.database.begin(system("import")) as tx:
            new = await take(tx, admitted)
            for source, accepted in sorted(new.items()):
                fact = OcdsImported(source=source, file=digest, part=part, accepted=accepted, refused=refused)
                await tx.record(fact)
                refused = 0  # counted once, with the first source of the batch
        self.report.accepted += sum(new.values())
        self.report.known += len(admitted) - sum(new.values())

    def _refuse(self, lost: list[Lost]) -> None:
        self.report.refused += len(lost)
        if not lost:
            return
        if self.refusals not in self.report.refusals:
            self.report.refusals.append(self.refusals)
        self.refusals.parent.mkdir(parents=True, exist_ok=True)
        with self.refusals.open("ab") as file:
            for one in lost:
                file.write(msgspec.json.encode(Refusal(self.path.name, one.place, one.reason)) + b"\n")


def _batches(found: Iterator[Admitted | Lost]) -> Iterator[list[Admitted | Lost]]:
    batch: list[Admitted | Lost] = []
    size = 0
    for one in found:
        batch.append(one)
        size += len(one.body) if isinstance(one, Admitted) else 0
        if len(batch) == BATCH or size > LARGEST_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
