"""The way to the keyholder: one short connection a question, with a time-out."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import SealedShare
from procurement.keyholder import protocol as say

CARRIED = "keyholder"  # under which a session of a web process carries it
PATIENCE = 10.0  # seconds for one answer, the opening of the connection included

A = TypeVar("A", bound=msgspec.Struct)


class Keyholder:
    """Every method raises what the keyholder refused, or Refused("unavailable", 503) when it does not answer."""

    def __init__(self, socket: str | Path, patience: float = PATIENCE) -> None:
        self._socket, self._patience = socket, patience

    async def answers(self) -> bool:
        """Whether it is there. Refused("unavailable", 503) when it is not."""
        await self.clocks()
        return True

    async def pin(self, verifier: str, origin: str) -> None:
        """Fix the ledger (C2SP verifier key, origin). The same again is fine; another is refused for ever."""
        await self._ask(say.Pin(verifier=verifier, origin=origin), say.Done)

    async def clocks(self) -> say.Clocks:
        return await self._ask(say.Time(), say.Clocks)

    async def move_clock(self, note: str) -> None:
        """Move a sandbox's legal clock: a note over `rules.clock_statement`, signed by the ledger key."""
        await self._ask(say.Clock(note=note), say.Done)

    async def enrolment(self, person: str) -> say.Enrolled:
        return await self._ask(say.Enrolment(person=person), say.Enrolled)

    async def enrol(self, person: str) -> say.Enrolled:
        """The answer holds the person's code secret, this one time."""
        return await self._ask(say.Enrol(person=person), say.Enrolled)

    async def confirm(self, person: str, code: str) -> say.Enrolled:
        return await self._ask(say.Confirm(person=person, code=code), say.Enrolled)

    async def identity(self, opening: say.Opening, not_before: datetime) -> say.Bound:
        """The age recipient that bids of this opening are locked to, bound to its opening time."""
        return await self._ask(say.Identity(opening=opening, not_before=not_before), say.Bound)

    async def postpone(self, opening: say.Opening, not_before: datetime) -> say.Bound:
        """Call this before a later time is recorded: its answer is signed, and a bound time only ever moves later."""
        return await self._ask(say.Postpone(opening=opening, not_before=not_before), say.Bound)

    async def assert_opening(self, person: str, code: str, opening: say.Opening, leaf: str) -> tuple[str, ...]:
        """Pass on a person's code for exactly this closing; returns who has asserted it so far."""
        request = say.Assert(person=person, code=code, opening=opening, leaf=leaf)
        return (await self._ask(request, say.Asserted)).persons

    async def release(self, opening: say.Opening, evidence: say.Evidence, digests: tuple[str, ...]) -> say.Granted:
        return await self._ask(say.Release(opening=opening, evidence=evidence, digests=digests), say.Granted)

    async def unlock(self, leaf: str, envelope: bytes) -> str:
        """The bid identity of one envelope of a granted opening, at level S1. Never store it."""
        return (await self._unlock(leaf, envelope)).identity

    async def unlock_shares(self, leaf: str, envelope: bytes) -> tuple[SealedShare, ...]:
        """The shares of one envelope of a granted opening, at level S2 or S3, each still locked to its holder."""
        return (await self._unlock(leaf, envelope)).shares

    async def destroy(self, opening: say.Opening, evidence: say.Evidence) -> datetime:
        """Have the identity of an opening destroyed whose tender is over; the same again answers the same moment."""
        return (await self._ask(say.Destroy(opening=opening, evidence=evidence), say.Destroyed)).at

    async def stands(self, number: int = 0, mark: str = "", signature: str = "") -> say.Stands:
        """How far its store has come, told what it said last (0 and "" at first): an older store notices by that."""
        return await self._ask(say.Standing(number=number, mark=mark, signature=signature), say.Stands)

    async def _unlock(self, leaf: str, envelope: bytes) -> say.Unlocked:
        return await self._ask(say.Unlock(leaf=leaf, envelope=envelope.decode()), say.Unlocked)

    async def _ask(self, request: say.Request, answer: type[A]) -> A:
        try:
            line = msgspec.json.encode(request)
            said = msgspec.json.decode(await self._line(line + b"\n"), type=dict[str, msgspec.Raw])
            if "refused" not in said:
                return msgspec.json.decode(said["ok"], type=answer)
            no = msgspec.json.decode(said["refused"], type=say.Refusal)
        except (OSError, TimeoutError, ValueError, KeyError, msgspec.MsgspecError) as silent:
            detail = "The keyholder does not answer. Nothing was lost; try again in a minute."
            raise Refused("unavailable", detail, status=503) from silent
        raise Refused(no.code, no.detail, status=no.status)

    async def _line(self, question: bytes) -> bytes:
        async with asyncio.timeout(self._patience):
            reader, writer = await asyncio.open_unix_connection(self._socket, limit=say.LINE_LIMIT)
            try:
                writer.write(question)
                await writer.drain()
                return await reader.readline()
            finally:
                writer.close()
