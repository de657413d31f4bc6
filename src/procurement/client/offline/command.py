"""`procurement seal`: a bid made where no network is, and carried to the service when it is ready."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from procurement.client.offline import Cannot, folder, making, opening, pins, sending
from procurement.client.offline.fetching import fetch as fetch_file
from procurement.client.offline.package import Package
from procurement.client.offline.proving import prove, word
from procurement.client.offline.saying import inside, limits, opened, progress
from procurement.client.offline.tender_file import read as read_tender
from procurement.client.problem import Problem
from procurement.client.service import Client

TOKEN = "PROCUREMENT_TOKEN"  # noqa: S105  # the name of the variable
FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)
FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
PACKAGE = click.Path(exists=True, path_type=Path)
NEW = click.Path(path_type=Path)

_key = click.option("--key", default="", help="The log's public key, kept from elsewhere.  [default: the file's own]")
_kits = click.option(
    "--kit", "kits", type=FILE, required=True, multiple=True, help="The recovery kit of each envelope of this package."
)
_service = click.option("--from", "service", required=True, help="The service's address.")


@click.group()
def seal() -> None:
    """Make a bid where no network is. Only `fetch`, `submit` and `deposit` use one."""


@seal.command()
@click.argument("service")
@click.argument("tender")
@click.argument("folder_", metavar="FOLDER", type=NEW)
@_key
@pins.keyholder
@pins.witnesses
def fetch(
    service: str, tender: str, folder_: Path, key: str, keyholder: str, witnesses: tuple[str, ...], needed: int
) -> None:
    """Fetch TENDER from SERVICE into FOLDER, and lay out what is to be filled in. Again renews the tender alone."""
    quorum = pins.quorum(witnesses, needed)
    with _told(), _client(service) as client:
        file = fetch_file(client, service, tender)
        checks, said = prove(file, key, keyholder, quorum), word(file, key, keyholder)
        made = folder.begin(folder_, file)
    _ok(checks)
    for path in made:
        click.echo(f"new   {path}")
    _say(limits(file.level, said))
    click.echo(f"Fill in {folder.PRICES} and {folder.CONFIRMED}, and put your documents into {folder.DOCUMENTS}.")


@seal.command()
@click.argument("folder_", metavar="FOLDER", type=FOLDER)
@click.option("--to", "package", type=NEW, help="Where the sealed package goes: a folder, or one file ending in .zip.")
@click.option("--kit", type=NEW, help="Where the recovery kits go.  [default: beside the package]")
@click.option("--dry-run", is_flag=True, help="Do everything, and keep nothing.")
@_key
@pins.keyholder
@pins.witnesses
def bid(
    folder_: Path,
    package: Path | None,
    kit: Path | None,
    dry_run: bool,
    key: str,
    keyholder: str,
    witnesses: tuple[str, ...],
    needed: int,
) -> None:
    """Check FOLDER and seal it. Nothing leaves this machine."""
    if (package is None) is not dry_run:
        raise click.UsageError("Give --to for the sealed package, or --dry-run to keep nothing.")
    with _told():
        tender = read_tender(folder_ / folder.TENDER)
        _ok(prove(tender, key, keyholder, pins.quorum(witnesses, needed)))
        said = word(tender, key, keyholder)
        prepared = folder.read(folder_, tender)
        if package is None:
            made = making.rehearse(tender, prepared)
        else:
            made = making.seal(tender, prepared, package, kit or _beside(package, "kit.json"))
    _say(inside(made, tender))
    _say(limits(tender.level, said))
    if package is None:
        click.secho("READY  this was a dry run: nothing was kept, nothing was sent", fg="green")
        return
    for place in made.kits:
        click.echo(f"kit     {place}")
    click.secho(f"SEALED  {package}  digest {made.sealed.kit.digest}", fg="green")
    click.echo("Keep the kit where only you reach it. Sealed is not submitted: `procurement seal submit` does that.")


@seal.command()
@click.argument("package", type=PACKAGE)
@_kits
@click.option("--documents", type=FOLDER, help="Compare with the documents in this folder, byte for byte.")
def check(package: Path, kits: tuple[Path, ...], documents: Path | None) -> None:
    """Open every part of PACKAGE with its kits, and compare it with what it must be. Nothing is written."""
    with _told():
        held, own = Package.open(package), [opening.read_kit(kit) for kit in kits]
        opening.must_open_all(held, own)
        found = opening.open_package(held, own)
        same = opening.compare(found, documents) if documents else 0
    _ok([f"all {sum(len(one.files) for one in found.manifests)} files open, and are what the sealed list says"])
    if documents:
        _ok([f"{same} documents are those of {documents}, byte for byte"])
    click.secho("OPENS  with these kits" if len(kits) > 1 else "OPENS  with this kit", fg="green")


@seal.command("open")
@click.argument("package", type=PACKAGE)
@_kits
@click.option("--receipt", type=FILE, help="Show too that this is the bid that the receipt acknowledges.")
@click.option("--to", "into", type=NEW, help="Write prices and documents into this new folder.")
def open_(package: Path, kits: tuple[Path, ...], receipt: Path | None, into: Path | None) -> None:
    """Show your own bid: what is in PACKAGE, opened with its kit; of two envelopes as many as you give kits of."""
    with _told():
        held, own = Package.open(package), [opening.read_kit(kit) for kit in kits]
        acknowledged = opening.acknowledged(held, receipt) if receipt else ""
        found = opening.write(held, own, into) if into else opening.open_package(held, own)
    _say(opened(found))
    if acknowledged:
        _ok([acknowledged])


@seal.command()
@click.argument("package", type=PACKAGE)
@_service
@click.option("--receipt", type=NEW, help="Where the receipt goes.  [default: beside the package]")
@click.option("--dry-run", is_flag=True, help="Upload and check everything, and do not submit.")
def submit(package: Path, service: str, receipt: Path | None, dry_run: bool) -> None:
    """Upload PACKAGE, going on where it was left, submit it, and keep the receipt. Again gives the same receipt."""
    with _told(), _client(service) as client:
        held = Package.open(package)
        told = sending.must_still_fit(client, held)
        _ok(["the package fits the tender as it stands now"])
        sent = sending.upload(client, held, progress)
        _ok([f"all {len(held.blobs)} sealed parts are there, {sent} of them new"])
        if dry_run:
            click.echo(f"note  the deadline is {told.deadline}")
            click.secho("READY  this was a dry run: uploaded is not submitted", fg="green")
            return
        signed = sending.submit(client, held)
    place = receipt or _beside(package, "receipt.json")
    place.write_bytes(msgspec.json.encode(signed))
    _ok([f"the receipt is signed by {signed.receipt.key} and names this bid"])
    click.echo(f"receipt {place}")
    click.secho(f"SUBMITTED  received at {signed.receipt.received_at}, before {signed.receipt.deadline_applied}",
                fg="green")  # fmt: skip


@seal.command()
@click.argument("package", type=PACKAGE)
@_service
def deposit(package: Path, service: str) -> None:
    """Give the service again what it lost of a bid that it acknowledged, at any time."""
    with _told(), _client(service) as client:
        given = sending.deposit(client, Package.open(package))
    click.secho(f"DEPOSITED  {len(given)} sealed parts" if given else "NOTHING IS MISSING", fg="green")


@contextmanager
def _client(service: str) -> Iterator[Client]:
    token = os.environ.get(TOKEN, "")
    if not token:
        raise click.ClickException(f"Set {TOKEN} to a token of yours for the scope `bid`, made on the account page.")
    with Client(service, token, patience=300) as client:
        yield client


@contextmanager
def _told() -> Iterator[None]:
    """What stands in the way becomes one line each, and exit code 1."""
    try:
        yield
    except Cannot as no:
        for problem in no.problems:
            click.secho(f"  no  {problem}", fg="red", err=True)
        raise SystemExit(1) from None
    except Problem as no:
        click.secho(f"  no  {no.detail} ({no.code})", fg="red", err=True)
        raise SystemExit(1) from None


def _beside(package: Path, ending: str) -> Path:
    return package.with_name(f"{package.name.removesuffix('.zip')}.{ending}")


def _ok(checks: list[str]) -> None:
    for words in checks:
        click.echo(f"  ok  {words}")


def _say(lines: list[str]) -> None:
    for words in lines:
        click.echo(f"      {words}")
