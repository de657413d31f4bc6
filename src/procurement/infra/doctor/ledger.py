"""The log in the database against the newest checkpoint that was kept outside of it."""

from pathlib import Path

from sqlalchemy import pool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from procurement.infra.doctor.finding import Finding, broken, ok
from procurement.infra.keys import signer
from procurement.infra.ledger.anchor import FILE, Anchor
from procurement.infra.ledger.sequencer import LogFellBack
from procurement.kernel.checkpoint import BadNote
from procurement.settings import Settings

WHAT_NOW = (
    "The worker orders and signs nothing, so that the public log is not forked. Restore a newer backup; if there is "
    "none, docs/backup.md says what can be done."
)


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
