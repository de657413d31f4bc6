"""`procurement backup`, `restore`, `drill` and `backup-key`."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from pyrage import x25519  # type: ignore[import-untyped]  # it ships no stubs

from procurement.backup.target import BadBackup, Target
from procurement.infra.services.supervisor import Failed
from procurement.infra.services.up import running
from procurement.kernel.recipient import BadKey, identity, key_file, recipient
from procurement.settings import Settings

WHERE = "A folder, or s3://bucket/prefix."
_data = click.option("--data", type=click.Path(file_okay=False), help="The service's data folder.  [default: var]")


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong becomes one sentence and exit code 1."""
    try:
        yield
    except (BadBackup, BadKey, Failed) as no:
        raise click.ClickException(str(no)) from None


def _running(data: str | None) -> Settings:
    settings = running(Settings.read({"data": data} if data else {}))
    if not settings.database_url:
        raise click.ClickException("There is no database: start `procurement up` first, or set DATABASE_URL.")
    return settings


@click.command("backup-key")
@click.argument("file", type=click.Path(path_type=Path))
def backup_key(file: Path) -> None:
    """Make an age identity in FILE, for whoever may restore; prints the recipient that backups are made to."""
    made = x25519.Identity.generate()
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
            new.write(key_file(made))
    except OSError as no:
        raise click.ClickException(f"{file} cannot be made: {no.strerror}.") from None
    click.echo(str(made.to_public()))


@click.command("backup")
@click.option("--to", "place", required=True, help=f"{WHERE} Files that are there already are not copied again.")
@click.option("--recipient", "public", required=True, help="The age public key (age1…) of whoever may restore it.")
@_data
@click.pass_context
def backup(context: click.Context, place: str, public: str, data: str | None) -> None:
    """Copy database, files, signing keys and the log's checkpoint. The service may run; the keyholder is apart."""
    from procurement.backup.take import take

    with _told():
        stamp, manifest, verifier = asyncio.run(take(_running(data), Target(place), recipient(public)))
    click.echo(
        f"backup {stamp}: {sum(manifest.tables.values())} rows, {manifest.files} files, {manifest.checkpoint} entries"
    )
    click.echo(f"nothing committed before {manifest.snapshot_at:%Y-%m-%d %H:%M:%S} UTC is missing")
    click.echo(f"signed by {verifier}: keep this line beside the identity (FILE.verifier), restore asks for it")
    for file in manifest.missing:
        click.echo(f"MISSING in the store, though the database names it: {file}", err=True)
    context.exit(1 if manifest.missing else 0)


@click.command("restore")
@click.option("--from", "place", required=True, help=WHERE)
@click.option("--at", "stamp", default="", help="Which backup.  [default: the newest]")
@click.option("--identity", "key", type=click.Path(exists=True, path_type=Path), required=True, help="Its key file.")
@click.option(
    "--verifier", "signed_by", default="", help="Whose backup it must be.  [default: what IDENTITY.verifier holds]"
)
@click.option("--data", type=click.Path(file_okay=False), required=True, help="A new folder for everything.")
def restore(place: str, stamp: str, key: Path, signed_by: str, data: str) -> None:
    """Put a backup into an empty place: a new folder, and the database of OWNER_DATABASE_URL, if one is set."""
    from procurement.backup import restore as restoring
    from procurement.backup.manifest import expected

    with _told():
        verifier, target = expected(signed_by, key), Target(place)
        stamp = stamp or target.newest()
        settings = Settings.read({"data": data})
        manifest = asyncio.run(restoring.restore(settings, target, stamp, identity(key.read_text()), verifier))
    click.echo(f"restored {stamp}: {sum(manifest.tables.values())} rows, {manifest.files} files")
    click.echo("Restore the keyholder's copy too, then start the service, then run `procurement doctor`.")


@click.command("drill")
@click.option(
    "--in",
    "place",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where there is room.  [default: the temporary folder]",
)
@click.option("--by", default="", help="Who answers for this drill: stands on the report.")
@click.option(
    "--report", type=click.Path(file_okay=False, path_type=Path), help="Where reports are kept.  [default: DATA/drills]"
)
@_data
@click.pass_context
def drill(context: click.Context, /, data: str | None, **options: Any) -> None:
    """Back up, restore into a new folder, verify everything there, remove it, and write down how it went."""
    from procurement.backup.drill import rehearse

    settings = _running(data)
    with _told():
        report = asyncio.run(rehearse(settings, options["place"], click.echo))
    path = report.write(options["report"] or Path(settings.data) / "drills", options["by"])
    click.echo(f"report {path}")
    context.exit(0 if report.green else 1)
