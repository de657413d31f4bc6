"""The command `procurement admin`: the first administrators of an installation, and its read-only switch."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import SQLAlchemyError

from procurement.identity.service.founding import first_administrator
from procurement.infra import mode
from procurement.infra.outbox import Handlers
from procurement.infra.services.up import running
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

Done = TypeVar("Done")

_data = click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")


@click.group()
def admin() -> None:
    """Look after an installation from its own machine."""


@admin.command()
@click.option("--name", required=True, help="The administrator's name.")
@click.option("--email", required=True, help="Their e-mail address; they sign in with it.")
@click.option("--organisation", required=True, help="The oversight body they work for. Registered if it is new.")
@click.option("--country", required=True, help="Its country, in two letters.")
@click.option("--another", is_flag=True, help="Although there are administrators already.")
@_data
def create(name: str, email: str, organisation: str, country: str, another: bool, data: str | None) -> None:
    """Invite an administrator, and print the link: it works once, for seven days."""
    settings = _settings(data)

    async def invite(tx: Tx) -> str:
        asked = {"name": name, "email": email, "organisation": organisation, "country": country}
        return await first_administrator(tx, **asked, another=another)

    token = _in_one_transaction(settings, invite)
    click.echo(f"{settings.base_url}/invitations/{token}")


@admin.group("read-only")
def read_only() -> None:
    """Take no changes for a while: everything can still be read."""


@read_only.command("on")
@click.option("--reason", required=True, help="For everybody to read, in a short sentence.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When it will be over, in official time; it does not end by itself.",
)
@_data
def read_only_on(reason: str, until: datetime | None, data: str | None) -> None:
    """Refuse every change from now on, in all processes."""
    settings = _settings(data)
    end = until.replace(tzinfo=ZoneInfo(settings.official_timezone)) if until else None
    _in_one_transaction(settings, lambda tx: mode.switch_on(tx, reason, end))
    click.echo("Read-only from now on. `procurement admin read-only off` ends it.")


@read_only.command("off")
@_data
def read_only_off(data: str | None) -> None:
    """Take changes again."""
    _in_one_transaction(_settings(data), mode.switch_off)
    click.echo("Changes are taken again. Deadlines that fell into it stand on the administrators' desks.")


def _settings(data: str | None) -> Settings:
    settings = running(Settings.read({"data": data} if data else None))
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    return settings


def _in_one_transaction(settings: Settings, work: Callable[[Tx], Awaitable[Done]]) -> Done:
    """As the installation itself. Handlers of facts are left out: no letter follows from what is done by hand."""

    async def run() -> Done:
        database = Database(settings.database_url, Handlers(()))
        try:
            async with database.begin(system("installation")) as tx:
                return await work(tx)
        finally:
            await database.dispose()

    try:
        return asyncio.run(run())
    except Refused as no:
        raise click.ClickException(" ".join([no.detail, *no.fields.values()])) from None
    except (OSError, SQLAlchemyError) as lost:
        raise click.ClickException(f"The database does not answer as it should: {type(lost).__name__}.") from None
