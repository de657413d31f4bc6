"""Asking witnesses for their cosignatures (C2SP `tlog-witness`), beside the sequencer and never in its way.

Each round takes the newest signed checkpoint to all witnesses at once, so that their cosignatures stand under the same
one. Whoever does not answer is left alone for a time that grows. What a witness holds of us counts like a checkpoint
that we kept outside of the database: when it is more than the database has, the sequencer signs nothing.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.infra import egress
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.proofs import prove_growth
from procurement.infra.ledger.sequencer import Kept
from procurement.infra.ledger.tables import LedgerCosignature
from procurement.infra.ledger.witnesses import Witness, standings
from procurement.kernel.checkpoint import BadNote, VerifierKey, open_checkpoint
from procurement.kernel.cosignature import cosigned

PAUSE = 5.0  # seconds between two rounds
PATIENCE = 5.0  # seconds for all that one witness is asked in a round
LEFT_ALONE = 300.0  # seconds at most for a witness that does not answer
SIZE = "text/x.tlog.size"

log = logging.getLogger(__name__)


def rules_for(witnesses: Sequence[Witness], *, sandbox: bool) -> egress.Rules:
    """The addresses of witnesses are the operator's choice, so their ports are. A sandbox may have one beside it."""
    ports = {httpx.URL(witness.url).port or 443 for witness in witnesses}
    return egress.Rules(frozenset(ports), local=sandbox)


class NotCosigned(Exception):
    """A witness answered, and did not cosign. The text says why."""


class Company:
    """The witnesses of one log. `sessions` are the sequencer's: only it writes what belongs to checkpoints."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        witnesses: Sequence[Witness],
        key: VerifierKey,
        anchor: Kept,
        rules: egress.Rules,
    ) -> None:
        self.sessions, self.witnesses, self.key, self.anchor, self.rules = sessions, witnesses, key, anchor, rules
        self.failures: dict[str, int] = {}
        self.again: dict[str, float] = {}  # when one that failed is asked again, by the monotonic clock

    async def remember(self) -> None:
        """Keep what the witnesses hold of us, where that is more than we kept ourselves: once, before signing."""
        async with egress.client(self.rules) as outside:
            await self._each(self.witnesses, lambda witness: self._recall(outside, witness))

    async def round(self) -> None:
        """Ask every witness that is due for its cosignature under the newest checkpoint."""
        now = time.monotonic()
        due = [witness for witness in self.witnesses if self.again.get(witness.url, 0) <= now]
        if due:
            async with egress.client(self.rules) as outside:
                await self._each(due, lambda witness: self._ask(outside, witness))

    async def _each(self, witnesses: Sequence[Witness], do: Callable[[Witness], Awaitable[None]]) -> None:
        await asyncio.gather(*(self._patiently(witness, do(witness)) for witness in witnesses))

    async def _patiently(self, witness: Witness, asking: Awaitable[None]) -> None:
        """A witness that is slow, away or wrong costs the others nothing, and is left alone for a while."""
        try:
            async with asyncio.timeout(PATIENCE):
                await asking
            self.failures.pop(witness.url, None)
        except (TimeoutError, httpx.HTTPError, NotCosigned, BadNote) as failed:
            count = self.failures[witness.url] = self.failures.get(witness.url, 0) + 1
            wait = min(PAUSE * 2**count, LEFT_ALONE)
            self.again[witness.url] = time.monotonic() + wait
            words = str(failed) or type(failed).__name__
            log.warning("witness %s did not cosign: %s; again in %.0f s", witness.key.name, words, wait)

    async def _ask(self, outside: httpx.AsyncClient, witness: Witness) -> None:
        """Up to two requests: the second with the size that the witness says it has."""
        async with self.sessions() as session:
            newest = await ledger.latest_checkpoint(session)
            stood = await standings(session, [str(witness.key)])
        old = stood[0].size if stood else 0
        if newest is None or not newest.note or old == newest.size:
            return
        answer = await self._post(outside, witness, old, newest.size, newest.note)
        if answer.status_code == httpx.codes.CONFLICT and answer.headers.get("content-type") == SIZE:
            held = _size(answer.text)
            if held > newest.size:
                await self._recall(outside, witness)
                raise NotCosigned(f"it has seen {held} entries of this log, the database holds {newest.size}")
            answer = await self._post(outside, witness, held, newest.size, newest.note)
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            await self._recall(outside, witness)
            raise NotCosigned("it has seen another history of this log")
        if answer.status_code != httpx.codes.OK:
            raise NotCosigned(f"it answers {answer.status_code}")
        await self._store(witness, newest.size, newest.note, answer.text)

    async def _post(
        self, outside: httpx.AsyncClient, witness: Witness, old: int, new: int, note: str
    ) -> httpx.Response:
        path: list[str] = []
        if 0 < old < new:
            async with self.sessions() as session:
                path = await prove_growth(session, old, new)
        body = "\n".join([f"old {old}", *path, "", note])
        return await egress.answer(
            outside, outside.build_request("POST", f"{witness.url}/add-checkpoint", content=body)
        )

    async def _recall(self, outside: httpx.AsyncClient, witness: Witness) -> None:
        """The checkpoint of ours that a witness holds; only our own signature under it is believed."""
        of_us = hashlib.sha256(self.key.name.encode()).hexdigest()
        answer = await egress.answer(outside, outside.build_request("GET", f"{witness.url}/{of_us}/checkpoint"))
        if answer.status_code == httpx.codes.OK:
            open_checkpoint(answer.text, self.key, self.key.name)
            self.anchor.remember(answer.text)

    async def _store(self, witness: Witness, size: int, note: str, answer: str) -> None:
        found = cosigned(note + answer, witness.key)
        if found is None:
            raise NotCosigned("its answer holds no cosignature by the key that is configured for it")
        values = {"witness": str(witness.key), "size": size, "at": found.at, "line": found.line}
        async with self.sessions.begin() as session:
            await session.execute(upsert(LedgerCosignature).values(values).on_conflict_do_nothing())


def _size(text: str) -> int:
    size = text.removesuffix("\n")
    if not (size.isascii() and size.isdigit()):
        raise NotCosigned("it conflicts, and does not say what it has")
    return int(size)
