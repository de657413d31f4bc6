"""The commands `procurement reindex` and `procurement search-keys`."""

import asyncio
import os
from collections.abc import Callable

import click

from procurement.infra.outbox import Handlers
from procurement.infra.search import Collection
from procurement.infra.search.filling import EngineFailed
from procurement.infra.search.keys import scoped
from procurement.infra.services.up import running
from procurement.infra.tx import Database
from procurement.publication.search.filler import Filler
from procurement.publication.search.reindex import rebuild
from procurement.publication.search.sources import SOURCES
from procurement.settings import Settings

TURN = 0.2  # seconds between two tries to be the one who fills
_data = click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")


@click.command()
@click.option("--collection", type=click.Choice([str(one) for one in SOURCES]), help="Only this one.  [default: all]")
@_data
def reindex(collection: str | None, data: str | None) -> None:
    """Make the indexes of Meilisearch anew from the database, while searching goes on."""
    settings = running(Settings.read({"data": data} if data else None))
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    if not settings.meilisearch_url:
        raise click.ClickException("There is no Meilisearch: set MEILISEARCH_URL. PostgreSQL needs no index made.")
    wanted = [Collection(collection)] if collection else list(SOURCES)
    try:
        asyncio.run(make_anew(settings, wanted, click.echo))
    except EngineFailed as failed:
        raise click.ClickException(f"{failed} The index that answers is as it was; try again.") from None


async def make_anew(settings: Settings, collections: list[Collection], say: Callable[[str], None]) -> None:
    """One collection after the other. Waits while another process fills, which is never long unless it makes anew."""
    database = Database(settings.database_url, Handlers())
    try:
        filler = Filler.of(database, settings)
        while not await _alone(filler, collections, say):  # noqa: ASYNC110 (another process can set no event of ours)
            await asyncio.sleep(TURN)
    finally:
        await database.dispose()


async def _alone(filler: Filler, collections: list[Collection], say: Callable[[str], None]) -> bool:
    async with filler.alone() as mine:
        if mine:
            await filler.look()
            for collection in collections:
                await rebuild(filler, collection, say)
        return mine


@click.command("search-keys")
def search_keys() -> None:
    """Make the keys of our processes with MEILISEARCH_MASTER_KEY, which none of them needs, and print them."""
    settings = Settings.read()
    master_key = os.environ.get("MEILISEARCH_MASTER_KEY", "")
    if not settings.meilisearch_url or not master_key:
        raise click.ClickException("Set MEILISEARCH_URL, and MEILISEARCH_MASTER_KEY for this command only.")
    try:
        keys = scoped(settings.meilisearch_url, master_key, settings.meilisearch_prefix)
    except (EngineFailed, ValueError) as no:
        raise click.ClickException(str(no)) from None
    click.echo(f"MEILISEARCH_SEARCH_KEY={keys.search}")
    click.echo(f"MEILISEARCH_INDEX_KEY={keys.index}")
