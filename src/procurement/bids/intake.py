"""Where programs hand in sealed bids in one process: those that come at the same time are received together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.bids.latching import Latching
from procurement.bids.service.fitting import Handed
from procurement.bids.service.receipts import Received
from procurement.bids.service.submission import LONGEST_KEY, Submission, submit
from procurement.bids.service.together import Answer, Held, receive
from procurement.infra.together import Apart, Together
from procurement.infra.tx import Database, Tx
from procurement.infra.web.door import AnyRequest, Door, entered
from procurement.infra.web.fields import arrived
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Envelope

MOST = 64  # submissions in one transaction
GOES = 2  # while one waits for the database, the other is made ready
SMALL = 64 << 10  # bytes of a request: one that names more parts than this has room for takes its time, alone


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The envelope, and the version that is sealed in its manifest. `financial` is the second envelope of a bid that
    has two, and then `envelope` is the technical one; `financial_lots` are the second ones where each lot has its own,
    in the order of the lots: all are received together."""

    envelope: Envelope
    version: Annotated[int, msgspec.Meta(ge=1)]
    financial: Envelope | None = None
    financial_lots: tuple[Envelope, ...] = ()

    @property
    def priced_apart(self) -> tuple[Envelope, ...]:
        """All financial envelopes."""
        return (*((self.financial,) if self.financial else ()), *self.financial_lots)

    @property
    def envelopes(self) -> tuple[Envelope, ...]:
        return self.envelope, *self.priced_apart


class Intake:
    """One queue for all tenders, and one for each whose writer (an extension, closing) has to end before."""

    def __init__(
        self, database: Database, door: Door, latching: Latching, signer: Callable[[], Awaitable[SignerKey]]
    ) -> None:
        self._database, self._signer, self.door, self.latching = database, signer, door, latching
        self._together: Together[Handed, Answer] = Together(partial(self._receive, wait=False), most=MOST, goes=GOES)
        self._held: Apart[Handed, Answer] = Apart(partial(self._receive, wait=True), most=MOST, goes=1)

    async def alone(self, tx: Tx, offered: Submission) -> Received:
        """What `submit` answers, also its refusals."""
        with self.latching.after(offered.tender):
            receipt = await submit(tx, await self._signer(), offered)
        return Received(receipt.bid.id, receipt.signed)

    async def take(self, request: AnyRequest, tender: str) -> Received | Refused | None:
        """The receipt, or that it is too late; None for whatever is not the plain case: it is to be submitted alone."""
        headers = request.headers
        token, key = _bearer(headers.get("authorization", "")), headers.get("idempotency-key", "")
        if not token or not 1 <= len(key) <= LONGEST_KEY or request.scope["query_string"] or "if-match" in headers:
            return None
        body = await arrived(request)
        if len(body) > SMALL:
            return None
        try:
            offer = msgspec.json.decode(body, type=Offer)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        handed = Handed(token, tender, offer.envelope, offer.version, key, offer.priced_apart)
        return await self._answer(handed)

    async def _answer(self, handed: Handed) -> Received | Refused | None:
        answer = await self._together.ask(handed)
        if isinstance(answer, Held):
            answer = await self._held.ask(handed.tender, handed)
        return None if isinstance(answer, Held) else answer

    async def _receive(self, handed: Sequence[Handed], *, wait: bool) -> list[Answer | None]:
        return await receive(self._database, await self._signer(), handed, wait=wait)


class Turn(msgspec.Struct, frozen=True):
    """How a submission comes to its handler: with what was `received` together with others, or else with what submits
    it `alone`, in a transaction of its own."""

    received: Received | None = None
    alone: Callable[[Submission], Awaitable[Received]] | None = None


async def provide_turn(
    request: AnyRequest, intake: NamedDependency[Intake], tender_id: FromPath[str]
) -> AsyncIterator[Turn]:
    """Before the framework looks at the body: strangers are not told what is wrong with theirs."""
    answer = await intake.take(request, tender_id)
    if isinstance(answer, Refused):
        with intake.latching.after(tender_id):
            raise answer
    if answer:
        yield Turn(received=answer)
        return
    async with entered(request, intake.door) as tx:
        yield Turn(alone=partial(intake.alone, tx))


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""
