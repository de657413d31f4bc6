"""What the doctor says about sealed bids when it takes its time: whether each is still as it was acknowledged."""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from procurement.bids.service.whole import Examined, examine
from procurement.infra.doctor import Check, Finding
from procurement.infra.doctor.finding import broken, ok
from procurement.infra.files import Files
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

MB = 1_000_000
WHAT_NOW = "Tell the auditor, restore what is lost, and ask the bidder for its sealed package: docs/opening.md."
MOST = 20  # that are named one by one


async def bids(settings: Settings) -> list[Finding]:
    if not settings.database_url:
        return []
    database = Database(settings.database_url, Handlers())
    try:
        found = await examine(database, Files.connect(settings.files_url, Path(settings.data)))
    except Refused as no:
        return [broken("bids", f"{no.detail} Keep every checkpoint, and call the auditor.")]
    except (OSError, SQLAlchemyError, ModuleNotFoundError):
        return []  # the check of the database says why it cannot be asked
    finally:
        await database.dispose()
    return told(found)


def told(found: Examined) -> list[Finding]:
    """One line, or one for each of the first that are wrong. Nothing says how many bids a tender has."""
    looked = f"{found.bids:,} acknowledged bids with {found.parts:,} sealed parts ({found.size / MB:,.1f} MB)"
    erased = f"; {found.erased:,} parts were erased after their time" if found.erased else ""
    if not found.flaws:
        return [ok("bids", f"{looked} are as they were acknowledged{erased}.")]
    named = [
        broken("bids", f"of tender {one.tender}, digest {one.digest}: {one.problem}. {WHAT_NOW}")
        for one in found.flaws[:MOST]
    ]
    return [*named, broken("bids", f"{len(found.flaws):,} flaws in {looked}{erased}.")]


DEEP: dict[str, Check] = {"bids": bids}
