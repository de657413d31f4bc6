"""The command `procurement admin`: the first administrators of an installation."""

import asyncio

import click
from sqlalchemy.exc import SQLAlchemyError

from procurement.identity.service.founding import first_administrator
from procurement.infra.outbox import Handlers
from procurement.infra.services.up import running
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.settings import Settings


@click.group()
def admin() -> None:
    """Look after an installation from its own machine."""


@admin.command()
@click.option("--name", required=True, help="The administrator's name.")
@click.option("--email", required=True, help="Their e-mail address; they sign in with it.")
@click.option("--organisation", required=True, help="The oversight body they work for. Registered if it is new.")
@click.option("--country", required=True, help="Its country, in two letters.")
@click.option("--another", is_flag=True, help="Although there are administrators already.")
@click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")
def create(name: str, email: str, organisation: str, country: str, another: bool, data: str | None) -> None:
    """Invite an administrator, and print the link: it works once, for seven days."""
    settings = running(Settings.read({"data": data} if data else None))
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    asked = {"name": name, "email": email, "organisation": organisation, "country": country}
    try:
        token = asyncio.run(_invite(settings, asked, another))
    except Refused as no:
        raise click.ClickException(" ".join([no.detail, *no.fields.values()])) from None
    except (OSError, SQLAlchemyError) as lost:
        raise click.ClickException(f"The database does not answer as it should: {type(lost).__name__}.") from None
    click.echo(f"{settings.base_url}/invitations/{token}")


async def _invite(settings: Settings, asked: dict[str, str], another: bool) -> str:
    database = Database(settings.database_url, Handlers(()))  # without handlers no letter is sent, only the link shown
    try:
        async with database.begin(system("installation")) as tx:
            return await first_administrator(tx, **asked, another=another)
    finally:
        await database.dispose()
