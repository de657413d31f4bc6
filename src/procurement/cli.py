"""The `procurement` command. Each command imports what it needs, so that all start quickly."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import click
import msgspec

from procurement.settings import Settings


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """A public procurement service, from tender to published contract."""
    try:
        context.obj = Settings.read()
    except msgspec.ValidationError as wrong:
        raise click.ClickException(f"An environment variable is wrong: {wrong}.") from None


@main.command()
@click.option("--demo", is_flag=True, help="Load a small fictional republic.")
@click.option("--port", type=int, help="Where to listen.  [default: 8000]")
@click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")
@click.pass_obj
def up(settings: Settings, /, demo: bool, **given: Any) -> None:
    """Run the whole service in the foreground, until Ctrl-C."""
    from procurement.infra.services.up import up

    chosen = {name: value for name, value in given.items() if value is not None}
    _foreground(up(msgspec.structs.replace(settings, **chosen), demo=demo))


@main.command()
@click.option("--data", type=click.Path(file_okay=False), required=True)
@click.pass_obj
def database(settings: Settings, data: str) -> None:
    """Run only PostgreSQL, for tests."""
    from procurement.infra.services.up import database

    _foreground(database(msgspec.structs.replace(settings, data=data)))


@main.command()
@click.option("--sandbox", is_flag=True, help="Make a sandbox, whose legal clock can be moved. Decided once, for ever.")
@click.pass_obj
def migrate(settings: Settings, sandbox: bool) -> None:
    """Bring the database up to date."""
    from procurement.infra import schema

    try:
        schema.upgrade(settings.owner_database_url or settings.database_url, sandbox)
    except OSError as unreachable:
        raise click.ClickException(f"The database does not answer: {unreachable}.") from None


@main.command()
@click.pass_obj
def web(settings: Settings) -> None:
    """Serve pages and programs."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "procurement.app:create_app", factory=True, interface=Interfaces.ASGI, loop=Loops.uvloop,
        address=settings.host, port=settings.port, log_level=LogLevels.warning,
    ).serve()  # fmt: skip


@main.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """Do what happens later."""
    import uvloop

    from procurement.worker import work

    uvloop.run(work(settings))


@main.command()
@click.pass_obj
def keyholder(settings: Settings) -> None:
    """Guard the keys of sealed bids."""
    from procurement.keyholder import guard

    asyncio.run(guard(settings.keyholder_socket))


def _foreground(work: Coroutine[Any, Any, None]) -> None:
    from procurement.infra.services.supervisor import Failed

    try:
        asyncio.run(work)
    except Failed as failed:
        raise click.ClickException(str(failed)) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        pass  # Ctrl-C is the good end
