"""The command `procurement classification`: words for the codes by which things are classified."""

import asyncio
import csv
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from procurement.infra.outbox import Handlers
from procurement.infra.services.up import running
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.publication.rules.classification import Defect, Label, read
from procurement.publication.service.classification import Loaded, load
from procurement.settings import Settings

SHOWN = 10  # defects that are told one by one


@click.group()
def classification() -> None:
    """Look after the codes by which things are classified."""


@classification.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--scheme", required=True, help="As OCDS names it: CPV, UNSPSC, …")
@click.option("--language", default="en", show_default=True, help="Of the labels.")
@click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")
def load_(file: Path, scheme: str, language: str, data: str | None) -> None:
    """Take in a FILE of codes (CSV, UTF-8, with the columns code and label), so that words find them.

    One damaged row refuses the file. Doing it again changes nothing.
    """
    settings = running(Settings.read({"data": data} if data else None))
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    labels = _labels(file)
    try:
        loaded = asyncio.run(_store(settings, scheme, language, labels))
    except (OSError, SQLAlchemyError) as lost:
        raise click.ClickException(f"The database does not answer as it should: {type(lost).__name__}.") from None
    click.echo(f"{scheme}: {len(labels)} codes, {loaded.added} of them new, {loaded.renamed} under another label")
    if loaded.added or loaded.renamed:
        click.echo("The worker now reads every notice again, so that these words find it.")


def _labels(file: Path) -> list[Label]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            if not {"code", "label"} <= set(table.fieldnames or ()):
                raise click.ClickException(f"{file.name} needs a heading with the columns code and label.")
            found = list(read(table))
    except (UnicodeDecodeError, csv.Error) as damaged:
        raise click.ClickException(f"{file.name} is no CSV in UTF-8: {damaged}.") from None
    if defects := [one for one in found if isinstance(one, Defect)]:
        told = "\n".join(f"  line {one.line}: {one.reason}" for one in defects[:SHOWN])
        raise click.ClickException(f"{len(defects)} rows cannot be taken, and so nothing was:\n{told}")
    return [one for one in found if isinstance(one, Label)]


async def _store(settings: Settings, scheme: str, language: str, labels: list[Label]) -> Loaded:
    database = Database(settings.database_url, Handlers(()))
    try:
        async with database.begin(system("installation")) as tx:
            return await load(tx, scheme, language, labels)
    finally:
        await database.dispose()
