"""`procurement new-origin`: another name for the log after a restore that lost signed entries."""

import asyncio
from pathlib import Path

import click

from procurement.infra import keys
from procurement.infra.ledger import origin as origins
from procurement.infra.ledger.anchor import FILE, Anchor
from procurement.infra.ledger.asking import Company, rules_for
from procurement.infra.ledger.origin import Loss
from procurement.infra.ledger.witnesses import named
from procurement.infra.outbox import Handlers
from procurement.infra.services.up import running
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import BadNote
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

WHO = system("ledger")
LOST = """\
{why}.

The log is {previous}. Everybody who holds a checkpoint of it beyond entry {size} would see a restored log that goes on
under this name as a fork. First look for a newer backup, a replica, or PostgreSQL's archived log (docs/backup.md).

If there is none, and the auditor is with you, the log can go on as {origin}, from its {size} entries on. The first new
entry says so to everybody, with the newest checkpoint known of the old log. Entries {size} to {last} of the old log are
lost: receipts and checkpoints that name them stay true, and are the evidence of what is missing. Nothing undoes this.

To do it:  procurement new-origin --reason "what happened" --confirm {word}"""
DONE = """\
The log is {origin} from entry {size} on. Start web and worker again. Then tell the witnesses and everybody who follows
the log its new key, which /ledger/keys gives; at the keyholder's own terminal run
`python -m procurement.keyholder --pin KEY` with it."""


@click.command("new-origin")
@click.option("--reason", default="", help="What happened, in public words.")
@click.option("--confirm", "word", default="", help="The word that this command gives without it.")
def new_origin(reason: str, word: str) -> None:
    """After a restore that lost signed entries: let the log go on under another name. Asks twice."""
    try:
        click.echo(asyncio.run(_declare(running(Settings.read()), reason.strip(), word)))
    except (Refused, BadNote, OSError) as no:
        raise click.ClickException(str(no) or type(no).__name__) from None


async def _declare(settings: Settings, reason: str, word: str) -> str:
    data = Path(settings.data)
    database = Database(settings.owner_database_url or settings.database_url, Handlers())
    try:
        async with database.begin(WHO) as tx:
            if aside := await origins.set_aside(tx, data):
                return f"The log had its new name; what was kept of the old one is now {aside}."
        anchor = await _known(database, settings)
        async with database.begin(WHO) as tx:
            lost = await origins.loss(tx, anchor)
            if not word:
                return _words(LOST, lost)
            if not reason or word != lost.word:
                raise Refused("not-confirmed", "Give --reason, and the word that this command gave for this loss.")
            await origins.rename(tx, lost, (data / FILE).read_text(), reason)
        async with database.begin(WHO) as tx:
            await origins.set_aside(tx, data)
        return _words(DONE, lost)
    finally:
        await database.dispose()


async def _known(database: Database, settings: Settings) -> Anchor:
    """What this machine and the witnesses hold of the log."""
    path = Path(settings.data) / "keys" / "ledger"
    if not path.exists():
        raise Refused("no-key", f"{path} is not here: run this where the worker runs.")
    key = keys.signer(path, await database.origin()).verifier
    anchor, witnesses = Anchor(Path(settings.data), key), named(settings.ledger_witnesses)
    rules = rules_for(witnesses, sandbox=await database.is_sandbox())
    await Company(database.sessions, witnesses, key, anchor, rules).remember()
    return anchor


def _words(text: str, lost: Loss) -> str:
    return text.format(
        why=lost.why,
        previous=lost.previous,
        origin=lost.origin,
        size=lost.size,
        last=lost.known.size - 1,
        word=lost.word,
    )
