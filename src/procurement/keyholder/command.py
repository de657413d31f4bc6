"""`procurement keyholder-backup` and `keyholder-restore`: run by the keyholder's operator, with its environment."""

import os
from pathlib import Path

import click

from procurement.kernel.recipient import BadKey, identity, recipient
from procurement.keyholder import backup as copies
from procurement.keyholder.backup import BadCopy

WHERE = "A folder, or s3://bucket/prefix. Never where backups of the web side are kept."


def _store() -> Path:
    return Path(os.environ.get("KEYHOLDER_STORE") or "var/keyholder")


@click.command("keyholder-backup")
@click.option("--to", "places", required=True, multiple=True, help=f"{WHERE}  May be repeated.")
@click.option(
    "--recipient", "keys", required=True, multiple=True,
    help="The age public key (age1…) of a custodian: each alone may restore it.  May be repeated.",
)  # fmt: skip
def backup(places: tuple[str, ...], keys: tuple[str, ...]) -> None:
    """Copy the keyholder's store (KEYHOLDER_STORE), encrypted, while it runs."""
    try:
        custodians = [recipient(key) for key in keys]
        for place in [copies.place(one) for one in places]:
            stamp, copy = copies.back_up(_store(), place, *custodians)
            identities = copy.tables["identity"]
            click.echo(f"keyholder's copy {stamp}: {identities} identities, {copy.size} bytes, {copy.sha256}")
    except (BadCopy, BadKey) as no:
        raise click.ClickException(str(no)) from None


@click.command("keyholder-restore")
@click.option("--from", "place", required=True, help=WHERE)
@click.option("--at", "stamp", default="", help="Which copy.  [default: the newest]")
@click.option("--identity", "key", type=click.Path(exists=True, path_type=Path), required=True, help="Its key file.")
def restore(place: str, stamp: str, key: Path) -> None:
    """Put a copy of the keyholder's store into KEYHOLDER_STORE, a folder without one."""
    try:
        copy = copies.restore(copies.place(place), stamp, identity(key.read_text()), _store())
    except (BadCopy, BadKey) as no:
        raise click.ClickException(str(no)) from None
    at = f"{copy.made_at:%Y-%m-%d %H:%M:%S} UTC"
    click.echo(f"restored into {_store()}: {copy.tables['identity']} identities, as of {at}")
    click.echo("It releases nothing yet: start it, then read and confirm the times with `keyholder --restored`.")
