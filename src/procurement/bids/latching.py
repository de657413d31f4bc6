"""The first answer that is given past a deadline closes bidding: nobody waits for the sweep, or for this.

Until the latch is set, a clock that is put back could let a late bid in; the sweep (see jobs.py) comes once a second.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context

from procurement.bids import service
from procurement.infra.keyholder import Keyholder
from procurement.infra.logs import kind
from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused

log = logging.getLogger(__name__)


class Latching:
    """Of one web process: of a tender one attempt at a time, and none once it has seen it closed."""

    def __init__(self, database: Database, keyholder: Keyholder) -> None:
        self._database, self._keyholder = database, keyholder
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._closed: set[str] = set()

    @contextmanager
    def after(self, tender: str) -> Iterator[None]:
        """Whoever is refused as late inside sets it off."""
        try:
            yield
        except Refused as no:
            if no.code == "bid-late":
                self.soon(tender)
            raise

    def soon(self, tender: str) -> None:
        """Close a tender whose deadline has passed, in a transaction of its own, as soon as nobody holds it."""
        if tender not in self._closed and tender not in self._under_way:
            task = asyncio.create_task(self._close(tender), context=Context())  # nobody's request in particular
            self._under_way[tender] = task
            task.add_done_callback(lambda _: self._under_way.pop(tender))

    async def close(self) -> None:
        """What has begun is finished."""
        await asyncio.gather(*self._under_way.values())

    async def _close(self, tender: str) -> None:
        try:
            if await service.close_if_due(self._database, self._keyholder, tender):
                self._closed.add(tender)
        except Exception as failed:  # the sweep tries again, whatever it was
            log.warning("%s: tender %s waits for the sweep", kind(failed), tender)
