"""The command `procurement rulebook`: brings a rulebook's file into the store, where two administrators activate it."""

import asyncio
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from procurement.infra.outbox import Handlers
from procurement.infra.services.up import running
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.rulebooks import service
from procurement.settings import Settings, asset


@click.group()
def rulebook() -> None:
    """Look after the rules of an installation from its own machine."""


@rulebook.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")
def load(file: Path | None, data: str | None) -> None:
    """Store a rulebook FILE (TOML); without one, the generic rules that come with the program.

    Nothing is in force until two administrators have activated it on /rulebooks.
    """
    settings = running(Settings.read({"data": data} if data else None))
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    source = file or next((asset("fixtures") / "rulebooks").glob("*.toml"))
    try:
        stored = asyncio.run(_store(settings, source.read_bytes()))
    except Refused as no:
        raise click.ClickException(no.detail) from None
    except (OSError, SQLAlchemyError) as lost:
        raise click.ClickException(f"The database does not answer as it should: {type(lost).__name__}.") from None
    click.echo(f"stored {stored}: two administrators put it in force on {settings.base_url}/rulebooks")


async def _store(settings: Settings, text: bytes) -> str:
    database = Database(settings.database_url, Handlers(()))
    try:
        async with database.begin(system("installation")) as tx:
            return (await service.load(tx, text)).id
    finally:
        await database.dispose()
