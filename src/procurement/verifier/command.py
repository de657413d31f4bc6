"""The commands `procurement verify receipt` and `procurement verify tender`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import msgspec
from cryptography.x509 import load_pem_x509_certificates

from procurement.kernel.checkpoint import BadNote, VerifierKey
from procurement.kernel.cosignature import WitnessKey
from procurement.verifier import log as logs
from procurement.verifier import receipt as receipts
from procurement.verifier import stamp, whole
from procurement.verifier.fetching import MALFORMED, answer
from procurement.verifier.log import Broken, Fetch

PATIENCE = 30.0  # seconds for one answer
RECEIPTS = "/receipts"  # what the name of the receipts' key ends with


@click.group()
def verify() -> None:
    """Check a receipt or a whole procurement, trusting nothing but a public key."""


SERVICE = click.option("--from", "service", default="", help="The service's address.")
KEY = click.option("--key", "key", default="", help="The public key (name+id+key); fetched if left out.")
EARLIER = click.option(
    "--checkpoint", "earlier", type=click.Path(exists=True, path_type=Path), help="A checkpoint kept from before."
)


@verify.command()
@click.argument("ocid")
@click.option("--from", "service", required=True, help="The service's address.")
@KEY
@click.option("--keyholder", default="", help="The keyholder's public key, from its operator; else the log's.")
@EARLIER
@click.option(
    "--timestamp-roots", "roots", type=click.Path(exists=True, path_type=Path),
    help="Root certificates (PEM) of a time stamp authority that you trust: its stamp has to hold.",
)  # fmt: skip
def tender(ocid: str, service: str, key: str, keyholder: str, earlier: Path | None, roots: Path | None) -> None:
    """Check every entry of procurement OCID (the log, bids, deadlines, closing, opening) and what is shown of it."""
    with httpx.Client(base_url=service, timeout=PATIENCE) as client:
        fetch = fetching(client)
        with _told():
            kept = earlier.read_text() if earlier else ""
            log_key = _key(fetch, key, "checkpoints")
            log, findings = whole.verify(fetch, log_key, ocid, kept, keyholder)
            if roots:
                trusted = load_pem_x509_certificates(roots.read_bytes())
                findings.checks.append(stamp.verify(fetch, log, log_key, trusted))
    for check in findings.checks:
        click.echo(f"  ok  {check}")
    for note in findings.notes:
        click.echo(f"note  {note}")
    if not earlier:
        click.echo("note  without --checkpoint, a log that was wholly rewritten would not be noticed")
    click.secho(f"VERIFIED  {ocid} at {log.checkpoint.size} entries", fg="green")


@verify.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@SERVICE
@click.option("--key", "keys", multiple=True, help="A public key (name+id+key), of the receipts or of the log.")
@click.option("--witness", "witnesses", multiple=True, help="The public key of a witness that must have cosigned.")
def receipt(file: Path, service: str, keys: tuple[str, ...], witnesses: tuple[str, ...]) -> None:
    """Check a receipt FILE. A .tlog-proof is checked with the log's key alone, without asking anybody; of the receipt
    alone its signature is checked, and its entry when --from is given."""
    if not (service or keys):
        raise click.UsageError("Give --key, or --from to fetch it.")
    text = file.read_bytes()
    with httpx.Client(base_url=service, timeout=PATIENCE) as client, _told():
        fetch, given = fetching(client), [VerifierKey.parse(key) for key in keys]
        if receipts.is_proof(text):
            checks = _proven(text, fetch if service else None, given, witnesses)
        else:
            log = logs.read(fetch, _key(fetch, "", "checkpoints")) if service else None
            key = next((one for one in given if one.name.endswith(RECEIPTS)), next(iter(given), None))
            _, checks = receipts.verify(text, key or _key(fetch, "", "receipts"), log)
    for check in checks:
        click.echo(f"  ok  {check}")
    click.secho("VERIFIED", fg="green")


def _proven(text: bytes, fetch: Fetch | None, keys: list[VerifierKey], witnesses: tuple[str, ...]) -> list[str]:
    """The keys that were not given come from the service, where it may be asked."""
    log = next((one for one in keys if not one.name.endswith(RECEIPTS)), None)
    signer = next((one for one in keys if one.name.endswith(RECEIPTS)), None)
    if fetch:
        log, signer = log or _key(fetch, "", "checkpoints"), signer or _key(fetch, "", "receipts")
    if log is None:
        raise click.UsageError("Give the log's key, the one without /receipts in its name.")
    _, checks = receipts.verify_proof(text, log, signer, [WitnessKey.parse(one) for one in witnesses])
    return checks


def fetching(client: httpx.Client) -> Fetch:
    def fetch(path: str) -> bytes:
        found = answer(client, path)
        if found.status_code != httpx.codes.OK:
            raise Broken(f"{path} answers {found.status_code}")
        return found.content

    return fetch


def _key(fetch: Fetch, given: str, purpose: str) -> VerifierKey:
    """The key given by hand, else the one that the service publishes."""
    return VerifierKey.parse(given or msgspec.json.decode(fetch("/ledger/keys"))[purpose])


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong becomes one sentence and exit code 1."""
    try:
        yield
    except (Broken, BadNote) as wrong:
        click.secho(f"NOT VERIFIED  {wrong}", fg="red", err=True)
        raise SystemExit(1) from None
    except httpx.HTTPError as wrong:
        raise click.ClickException(f"The service does not answer: {wrong}") from None
    except MALFORMED as wrong:
        click.secho(f"NOT VERIFIED  what the service serves is malformed: {wrong!r}", fg="red", err=True)
        raise SystemExit(1) from None
