"""The command `procurement mail`: what mail servers sent back."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import click

from procurement.infra.outbox import Handlers
from procurement.infra.services.up import running
from procurement.infra.tx import Database
from procurement.notices.service.bounces import Taken, take_in
from procurement.notices.service.mailing import MAILER
from procurement.settings import Settings

LARGEST = 10 * 2**20  # bytes; a report is never so large


@click.group()
def mail() -> None:
    """Look after the letters that the service sends."""


@mail.command()
@click.argument("places", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")
def bounces(places: tuple[Path, ...], data: str | None) -> None:
    """Take in returned letters: files, or Maildir folders. Addresses that refuse for good get no more letters.

    Nothing is moved or deleted, and doing it again changes nothing.
    """
    settings = running(Settings.read({"data": data} if data else None))
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    found = asyncio.run(_take_in(settings, [path for place in places for path in _letters(place)]))
    click.echo(
        f"{found.marked} addresses do not take letters; {found.unknown} reports about no letter of ours; "
        f"{found.harmless} other letters"
    )


async def _take_in(settings: Settings, letters: list[Path]) -> Taken:
    """Each letter in a transaction of its own: a damaged one hinders no other."""
    database = Database(settings.database_url, Handlers())
    results = []
    for path in letters:
        async with database.begin(MAILER) as tx:
            results.append(await take_in(tx, _read(path)))
    await database.dispose()
    return Taken(*(sum(getattr(one, name) for one in results) for name in Taken.__struct_fields__))


def _letters(place: Path) -> Iterator[Path]:
    """The letters of a Maildir, or of a plain folder of files; a file is itself."""
    if place.is_file():
        yield place
        return
    folders = [place / name for name in ("new", "cur") if (place / name).is_dir()] or [place]
    yield from (path for folder in folders for path in sorted(folder.iterdir()) if path.is_file())


def _read(path: Path) -> Message:
    """With its headers as they came: the newer parsers of addresses break at some that anybody can send."""
    with path.open("rb") as file:
        return email.message_from_bytes(file.read(LARGEST), policy=email.policy.compat32)
