"""What ends without anyone asking, some time after it became due."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from procurement.infra.files import Files
from procurement.infra.mail import Mailbox
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.retention import service

PAUSE = 600.0  # seconds between two looks
DAY = 86400.0  # seconds between two looks at every opened file
ERASER = system("retention")
MAILBOX = "mail-copies"  # the class that stands in a folder, not in the database


async def sweep(database: Database, files: Files, mailbox: Path) -> None:
    """End what is due, batch by batch, then delete the files that nothing names any more."""
    more = 1
    while more:
        async with database.begin(ERASER) as tx:
            more = await service.erase_next(tx)
    more = 1
    while more:
        async with database.begin(ERASER) as tx:
            more = await service.erase_files(tx, files)
    days = next(one.days for one in service.table() if one.name == MAILBOX)
    if days is not None:
        Mailbox(mailbox).forget(datetime.now(UTC) - timedelta(days=days))


async def sweep_unnamed(database: Database, files: Files) -> None:
    """Delete decrypted files that no record names: whoever wrote them a day ago died before they were named."""
    async for hashes in files.older("opened", datetime.now(UTC) - service.YOUNG):
        if hashes:
            async with database.begin(ERASER) as tx:
                await service.erase_unnamed(tx, files, hashes)
