"""The log in the database against the newest checkpoint that was kept outside of it, and how far witnesses followed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import pool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from procurement.infra.doctor.finding import Finding, advice, broken, ok
from procurement.infra.keys import signer
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.anchor import FILE, Anchor
from procurement.infra.ledger.sequencer import LogFellBack
from procurement.infra.ledger.witnesses import Standing, Witness, named, standings
from procurement.kernel.checkpoint import BadNote
from procurement.settings import Settings

WHAT_NOW = (
    "The worker orders and signs nothing, so that the public log is not forked. Restore a newer backup; if there is "
    "none, docs/backup.md says what can be done."
)
UNWITNESSED = (
    "unwitnessed: nobody else would notice if the record was rewritten. Ask somebody outside to run "
    "`procurement witness`, and set LEDGER_WITNESSES (docs/ledger.md)."
)
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
