"""`procurement holder`: what a key holder's page does in the browser, on the command line and without a connection."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from procurement.client.offline import pins
from procurement.holders import offline
from procurement.holders.rules.keys import fingerprint, read_out
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.opening_record import Word
from procurement.kernel.sealing.possession import answer_challenge

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_passphrase = click.option(
    "--passphrase-file", type=FILE, help="A file whose first line is the passphrase.  [default: asks for it]"
)


class Refusing(click.Group):
    """A refusal is a message and exit status 1."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except Refused as no:
            raise click.ClickException(no.detail) from None


@click.group(cls=Refusing)
def holder() -> None:
    """Use a key holder's key without a browser: make it, prove it, sign with it, give shares. Asks no service."""


@holder.command()
@click.argument("file", type=NEW_FILE)
@_passphrase
def new(file: Path, passphrase_file: Path | None) -> None:
    """Make a key, save it in FILE under a passphrase, and print its public half."""
    if file.exists():
        raise click.ClickException(f"{file} exists already, and may be a key: nothing was changed.")
    key = new_holder_key(new_id())
    locked = offline.lock(key, _typed(passphrase_file, again=True))
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(locked)
    _tell(key)
    click.echo(msgspec.json.encode(offline.public_half(key)))


@holder.command()
@click.argument("file", type=FILE)
@click.argument("challenge", type=FILE)
@_passphrase
def answer(file: Path, challenge: Path, passphrase_file: Path | None) -> None:
    """Print the answer to CHALLENGE, which shows that the key in FILE is there."""
    key = offline.unlock(file.read_bytes(), _typed(passphrase_file))
    _tell(key)
    click.echo(answer_challenge(challenge.read_bytes(), key.identity, key.holder))


@holder.command()
@click.argument("file", type=FILE)
@click.argument("roster", type=FILE)
@_passphrase
def sign(file: Path, roster: Path, passphrase_file: Path | None) -> None:
    """Print the signature over ROSTER, after showing what it says."""
    key = offline.unlock(file.read_bytes(), _typed(passphrase_file))
    read, signed = offline.signature(key, roster.read_bytes())
    click.echo(f"tender {read.tender}, level {read.level}: any {read.m} of {read.n} open", err=True)
    for place, one in enumerate(read.holders, start=1):
        click.echo(f"  {place}. {one.office}", err=True)
    click.echo(signed)


@holder.command()
@click.argument("file", type=FILE)
@click.argument("wanted", type=FILE)
@click.option("--ledger", default="", help="The public record's key, as you know it.  [default: the one in WANTED]")
@pins.keyholder
@pins.witnesses
@click.option("--practice", is_flag=True, help="The service is a practice one, whose clock is moved.")
@click.option("--yes", is_flag=True, help="Go on without asking, for programs.")
@_passphrase
def give(
    file: Path,
    wanted: Path,
    ledger: str,
    keyholder: str,
    witnesses: tuple[str, ...],
    needed: int,
    practice: bool,
    yes: bool,
    passphrase_file: Path | None,
) -> None:
    """Open your shares of all bids of a tender whose closing is proved, after showing whose it is, and print them."""
    try:
        asked = msgspec.json.decode(wanted.read_bytes(), type=offline.Wanted)
    except msgspec.MsgspecError as wrong:
        raise click.ClickException(f"{wanted} is not what the page saves: {wrong}") from None
    ledger, quorum = ledger or asked.ledger, pins.quorum(witnesses, needed)
    _show(asked, offline.closed(asked, ledger, keyholder, quorum, practice=practice))
    if not yes:
        click.confirm("Is this the tender, and the time? Give your shares", abort=True, err=True)
    key = offline.unlock(file.read_bytes(), _typed(passphrase_file))
    given = offline.shares(key, asked, ledger, None if practice else datetime.now(UTC), keyholder, quorum)
    unread = sum(not one.share for one in given)
    click.echo(f"tender {asked.tender}: {len(given)} bids, {unread} of them cannot be read", err=True)
    click.echo(msgspec.json.encode(given))


def _show(asked: offline.Wanted, proven: offline.Closed) -> None:
    """What the holder compares with the notice of the tender before the key is used."""
    click.echo(f"tender {asked.tender}, procurement {proven.process}, in the record {proven.log}", err=True)
    click.echo(f"  deadline, as the record says  {proven.deadline.isoformat()}", err=True)
    click.echo(f"  opening, as the service says  {asked.opening_at.isoformat()}", err=True)
    for words in _of_keyholder(proven.word):
        click.echo(f"  {words}", err=True)
    if asked.decision is None:
        click.echo(f"  {len(asked.shares)} of {len(asked.digests)} envelopes that the closing fixed", err=True)
    else:
        click.echo(f"  prices of the {len(asked.shares)} bids that passed, as the record decides", err=True)


def _of_keyholder(word: Word) -> list[str]:
    """What it says of the opening; or why its word is missing; and that the record has other keys of it."""
    if not word.key:
        return [f"opening, as the record says   {word.until.isoformat()}", f"This tender was {word.in_words}."]
    lines = [f"closed, as the keyholder says {word.until.isoformat()} (its key: {word.key})"]
    if word.others:
        lines.append(f"THE RECORD HAS OTHER KEYS OF THE KEYHOLDER TOO: {', '.join(word.others)}.")
        lines.append("Ask its operator which is its own before you go on.")
    return lines


def _typed(file: Path | None, *, again: bool = False) -> str:
    if file:
        return file.read_text().splitlines()[0]
    typed: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=again, err=True)
    return typed


def _tell(key: HolderKey) -> None:
    click.echo(f"fingerprint {read_out(fingerprint(offline.public_half(key)))}", err=True)
