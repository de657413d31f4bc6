"""The `procurement` command. Each command imports what it needs, so that all start quickly."""

import asyncio
import os
import signal
import time
import tomllib
from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import msgspec

from procurement.settings import OF_THE_STORE, Settings, asset, from_files

ELSEWHERE = {
    "admin": "procurement.identity.command:admin",
    "backup": "procurement.backup.command:backup",
    "backup-key": "procurement.backup.command:backup_key",
    "classification": "procurement.publication.command:classification",
    "drill": "procurement.backup.command:drill",
    "holder": "procurement.holders.command:holder",
    "keyholder-backup": "procurement.keyholder.command:backup",
    "keyholder-restore": "procurement.keyholder.command:restore",
    "restore": "procurement.backup.command:restore",
    "mail": "procurement.notices.command:mail",
    "monitor": "procurement.verifier.monitor.command:monitor",
    "new-origin": "procurement.infra.ledger.command:new_origin",
    "probe": "procurement.infra.status.command:probe",
    "reindex": "procurement.publication.search.command:reindex",
    "rulebook": "procurement.rulebooks.command:rulebook",
    "seal": "procurement.client.offline.command:seal",
    "search-keys": "procurement.publication.search.command:search_keys",
    "tour": "procurement.tour.command:tour",
    "verify": "procurement.verifier.command:verify",
    "witness": "procurement.witness.command:witness",
}
"""Commands that live beside what they command; loaded when asked for."""


class Commands(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), *ELSEWHERE])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in ELSEWHERE:
            return super().get_command(context, name)
        module, _, attribute = ELSEWHERE[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A public procurement service, from tender to published contract."""
    os.environ.update(from_files(OF_THE_STORE))


def _settings(**given: Any) -> Settings:
    """The environment's settings, and what `procurement up` runs in the same data folder: its addresses, and where that
    is a practice republic its settings too."""
    from procurement.infra.services.up import is_practice, running

    settings = _read(**given)
    return running(_read(_republic(), **given) if is_practice(settings) else settings)


def _republic() -> dict[str, Any]:
    """The settings of the practice republic, where the environment says nothing else."""
    return dict(tomllib.loads((asset("fixtures") / "republic.toml").read_text())["settings"])


def _reachable(**given: Any) -> Settings:
    settings = _settings(**given)
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    return settings


def _read(otherwise: dict[str, Any] | None = None, **given: Any) -> Settings:
    try:
        return Settings.read({name: value for name, value in given.items() if value is not None}, otherwise)
    except msgspec.ValidationError as wrong:
        raise click.ClickException(f"An environment variable is wrong: {wrong}.") from None


_data = click.option("--data", type=click.Path(file_okay=False), help="The folder for everything.  [default: var]")


@main.command()
@click.option("--demo", is_flag=True, help="Make a sandbox with a small fictional republic.")
@click.option("--port", type=int, help="Where to listen.  [default: 8000]")
@_data
def up(demo: bool, port: int | None, data: str | None) -> None:
    """Run the whole service in the foreground, until Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends it at once, and in an import too, until the supervisor listens
    from procurement.infra.services.up import up

    _foreground(up(_read(_republic() if demo else None, port=port, data=data), demo=demo))


@main.command(hidden=True)
@_data
def database(data: str | None) -> None:
    """Run only PostgreSQL, for tests."""
    from procurement.infra.services.up import database

    _foreground(database(_read(data=data)))


@main.command()
@click.option("--sandbox", is_flag=True, help="Make a sandbox, whose legal clock can be moved. Decided once, for ever.")
def migrate(sandbox: bool) -> None:
    """Bring the database up to date."""
    from sqlalchemy.exc import DBAPIError

    from procurement.infra import schema

    settings = _reachable()
    try:
        schema.upgrade(settings.owner_database_url or settings.database_url, sandbox, settings.ledger_origin)
    except schema.NotASandbox:
        raise click.ClickException("This installation is a real one, for ever: use another --data folder.") from None
    except OSError as unreachable:
        raise click.ClickException(f"The database does not answer: {unreachable}.") from None
    except DBAPIError as wrong:
        click.echo(wrong, err=True)
        whom = "OWNER_DATABASE_URL" if settings.owner_database_url else "DATABASE_URL, for want of OWNER_DATABASE_URL"
        raise click.ClickException(f"A migration could not be made, as the role of {whom}: {wrong.orig}") from None
    click.echo(f"The database is at {schema.head()}.", err=True)


@main.command("load-demo", hidden=True)
def load_demo() -> None:
    """Load the practice republic into an empty sandbox."""
    from procurement.infra.lasting import for_good

    with for_good():
        from procurement.demo import load

    try:
        asyncio.run(load(_settings()))
    except RuntimeError as no:
        raise click.ClickException(str(no)) from None


@main.command()
def web() -> None:
    """Serve pages and programs."""
    from procurement.infra.serving import serve

    settings = _read()
    serve("procurement.web:create_app", settings.host, settings.port)


@main.command()
def worker() -> None:
    """Do what happens later."""
    import uvloop

    from procurement.infra.lasting import for_good

    with for_good():
        from procurement.infra.services import notify
        from procurement.worker import work

    uvloop.run(work(_read(), beat=notify.ready))


@main.command()
def keyholder() -> None:
    """Guard the keys of sealed bids."""
    from procurement.keyholder import main

    main()


@main.command()
def routes() -> None:
    """List every route: method, path, and the permission it asks for."""
    from procurement.app import create_app
    from procurement.infra.web.routes import listed

    nowhere = Settings(
        database_url="postgresql+asyncpg://nowhere", redis_url="unix:///nowhere", keyholder_socket="/nowhere"
    )

    for route in listed(create_app(nowhere)):
        click.echo("\t".join(route))


@main.command()
@click.option("--smoke", is_flag=True, help="Only read a few pages of the running service.")
@click.option("--deep", is_flag=True, help="Also read every sealed part: is each bid as it was acknowledged?")
@_data
@click.pass_context
def doctor(context: click.Context, smoke: bool, deep: bool, data: str | None) -> None:
    """Say what is configured, reachable and out of date, and what to do about it."""
    from procurement.bids.doctor import DEEP
    from procurement.infra import doctor
    from procurement.opening.doctor import CHECKS as OPENING
    from procurement.payments.doctor import CHECKS as PAYMENTS
    from procurement.publication.search.doctor import CHECKS as SEARCH

    settings = _settings(data=data)
    also = PAYMENTS | OPENING | SEARCH
    examined = doctor.smoke(settings) if smoke else doctor.examine(settings, also, DEEP if deep else {})
    findings = asyncio.run(examined)
    for finding in findings:
        click.echo(finding.line())
    context.exit(1 if any(finding.state is doctor.State.BROKEN for finding in findings) else 0)


@main.command("maintenance-page")
def maintenance_page() -> None:
    """Print the page that a reverse proxy shows while nothing here answers: one HTML file."""
    from procurement.infra.web.maintenance import maintenance_page

    click.echo(maintenance_page(_read()))


@main.command("import-ocds")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", default="", help="Who published them.  [default: what the files say]")
@_data
@click.pass_context
def import_ocds(context: click.Context, files: tuple[Path, ...], source: str, data: str | None) -> None:
    """Take other publishers' OCDS 1.1 releases into the public record. Doing it again changes nothing."""
    from procurement.publication.importer.run import import_files

    report = asyncio.run(import_files(_reachable(data=data), list(files), click.echo, source))
    click.echo(str(report))
    for refusals in report.refusals:
        click.echo(f"what was refused, and why: {refusals}")
    context.exit(0 if report.accepted or report.known else 1)


@main.command()
@click.option("--tenders", type=click.IntRange(min=1), required=True, help="How many there are to be in the end.")
@click.option("--seed", "archive", type=click.IntRange(min=0), default=1, show_default=True, help="Others differ.")
@_data
def seed(tenders: int, archive: int, data: str | None) -> None:
    """Fill a sandbox with a fictional neighbour's archive of procurements, for trials and benches."""
    from procurement.seed import NotASandbox, grow

    started = time.monotonic()
    try:
        report = asyncio.run(grow(_reachable(data=data), tenders, archive, click.echo))
    except NotASandbox as no:
        raise click.ClickException(str(no)) from None
    click.echo(f"releases: {report}, in {time.monotonic() - started:.1f} s")


@main.command()
@click.argument("name")
@click.option("--notices", type=click.IntRange(min=100), help="Of `search`: how many it is to have.  [default: 150000]")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Of `search`: where what it made stays.")
@click.option("--seconds", type=click.IntRange(min=1), help="Of `ledger`, `submit`: how long.  [default: 600, 4]")
@click.option("--entries", type=click.IntRange(min=1000), help="Of `ledger`: how many it verifies.  [default: 1000000]")
def bench(name: str, **options: Any) -> None:
    """Measure a job of ours beside the limit of this machine: one JSON object."""
    import uvloop

    from procurement import bench

    if name not in bench.JOBS | bench.APART:
        raise click.BadParameter(f"choose one of: {', '.join(bench.JOBS | bench.APART)}.", param_hint="NAME")
    given = {option: value for option, value in options.items() if value is not None}
    if foreign := given.keys() - bench.TAKES.get(name, set()):
        raise click.BadParameter(f"it takes no --{min(foreign)}.", param_hint="NAME")
    try:
        click.echo(msgspec.json.encode(uvloop.run(bench.run(name, _settings(), **given))))
    except bench.CannotMeasure as missing:
        raise click.ClickException(str(missing)) from None


def _foreground(work: Coroutine[Any, Any, None]) -> None:
    from procurement.infra.services.supervisor import Failed

    try:
        asyncio.run(work)
    except Failed as failed:
        raise click.ClickException(str(failed)) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        pass  # Ctrl-C is the good end
