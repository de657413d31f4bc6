"""The log in the database against the newest checkpoint that was kept outside of it, and how far witnesses followed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import pool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from procurement.infra.doctor.finding import Finding, advice, broken, ok
from procurement.infra.keyholder import Keyholder
from procurement.infra.keys import signer
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.anchor import FILE, Anchor
from procurement.infra.ledger.sequencer import LogFellBack
from procurement.infra.ledger.witnesses import Standing, Witness, named, standings
from procurement.kernel.checkpoint import BadNote
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import PURPOSE
from procurement.settings import Settings

WHAT_NOW = (
    "The worker orders and signs nothing, so that the public log is not forked. Restore a newer backup; if there is "
    "none, docs/backup.md says what can be done."
)
UNWITNESSED = (
    "unwitnessed: nobody else would notice if the record was rewritten. Ask somebody outside to run "
    "`procurement witness`, and set LEDGER_WITNESSES (docs/ledger.md)."
)
OTHER_KEY = "is another than the log names, or its store is older than its key: ask its operator (docs/keyholder.md)."
CHANGED = "has changed its key, which bidders' programs and monitors tell everybody: is that known, and why?"
LATE = timedelta(minutes=5)  # a witness that has not cosigned the newest checkpoint for so long


async def check(settings: Settings) -> list[Finding]:
    """Nothing is said before this machine's worker has signed its first checkpoint."""
    data = Path(settings.data)
    if not settings.database_url or not (data / FILE).exists() or not (data / "keys" / "ledger").exists():
        return []
    origin = (data / FILE).read_text().partition("\n")[0]
    try:
        engine = create_async_engine(settings.database_url, poolclass=pool.NullPool)
        anchor = Anchor(data, signer(data / "keys" / "ledger", origin).verifier)
        async with AsyncSession(engine) as session:
            await anchor.must_hold(session)
    except (OSError, SQLAlchemyError, ModuleNotFoundError):
        return []  # the check of the database says why it cannot be asked
    except BadNote as wrong:
        return [broken("ledger", f"{data / FILE} is not a checkpoint of this installation: {wrong}.")]
    except LogFellBack as fell_back:
        return [broken("ledger", f"{fell_back}. {WHAT_NOW}")]
    return [ok("ledger", f"holds all {anchor.kept.size if anchor.kept else 0} entries of the checkpoint kept here.")]


async def company(settings: Settings) -> list[Finding]:
    """How far each witness has followed. Nothing is said of a record that is still empty."""
    try:
        witnesses = named(settings.ledger_witnesses)
    except BadNote as wrong:
        return [broken("witnesses", f"LEDGER_WITNESSES cannot be read: {wrong}.")]
    if not settings.database_url:
        return []
    engine = create_async_engine(settings.database_url, poolclass=pool.NullPool)
    try:
        async with AsyncSession(engine) as session:
            newest = await ledger.latest_checkpoint(session)
            stood = await standings(session, [str(witness.key) for witness in witnesses])
    except (OSError, SQLAlchemyError, ModuleNotFoundError):
        return []  # the check of the database says why it cannot be asked
    finally:
        await engine.dispose()
    if newest is None:
        return []
    found = {one.name: one for one in stood}
    age = datetime.now(UTC) - newest.at
    return [_said(witness, found.get(witness.key.name), newest.size, age) for witness in witnesses] or [
        advice("witnesses", UNWITNESSED)
    ]


async def keyholders(settings: Settings) -> list[Finding]:
    """Whether the keyholder that answers is the one whose key the log names, and has always named."""
    if not settings.database_url or not settings.keyholder_socket:
        return []
    engine = create_async_engine(settings.database_url, poolclass=pool.NullPool)
    try:
        key = (await Keyholder(Path(settings.keyholder_socket)).clocks()).key
        async with AsyncSession(engine) as session:
            named = [verifier for purpose, verifier in await ledger.keys_ever(session) if purpose == PURPOSE]
    except (OSError, SQLAlchemyError, ModuleNotFoundError, Refused):
        return []  # the checks of the database and of the keyholder say why they cannot be asked
    finally:
        await engine.dispose()
    if not key:
        return [broken("keyholder", "signs nothing, so no tender can be published: its program is too old.")]
    if not named:
        return []
    if named[-1] != key:
        return [broken("keyholder", f"{OTHER_KEY} It says {key}, the log names {named[-1]}.")]
    if len(set(named)) > 1:
        return [advice("keyholder", f"{CHANGED} The log names, oldest first: {', '.join(named)}.")]
    return [ok("keyholder", f"signs with the key that the log names, as its own terminal should say: {key}.")]


def _said(witness: Witness, stood: Standing | None, size: int, age: timedelta) -> Finding:
    name = witness.key.name
    if stood is None:
        return advice(
            "witnesses", f"{name} has not cosigned yet: is our key configured there, does {witness.url} answer?"
        )
    words = f"{name} cosigned {stood.size} of {size} entries, last at {stood.at:%Y-%m-%d %H:%M:%S} UTC"
    if stood.size < size and age > LATE:
        return advice("witnesses", f"{words}: does {witness.url} answer? The worker's log says what it was told.")
    return ok("witnesses", f"{words}.")
