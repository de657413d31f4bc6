"""Where programs hand in sealed bids in one process: those that come at the same time are received together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.bids.service.receipts import Receipt
from procurement.bids.service.submission import LONGEST_KEY
from procurement.bids.service.together import Handed, receive
from procurement.infra.together import Together
from procurement.infra.tx import Database, Tx
from procurement.infra.web.door import AnyRequest, Door, entered
from procurement.infra.web.fields import arrived
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.sealing import Envelope

MOST = 64  # submissions in one transaction
GOES = 2  # while one waits for the database, the other is made ready
SMALL = 64 << 10  # bytes of a request: one that names more parts than this has room for takes its time, alone


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The envelope, and the version that is sealed in its manifest. `financial` is the second envelope of a bid that
    has two, and then `envelope` is the technical one: both are received together."""

    envelope: Envelope
    version: Annotated[int, msgspec.Meta(ge=1)]
    financial: Envelope | None = None


class Intake:
    def __init__(self, database: Database, signer: Callable[[], Awaitable[SignerKey]]) -> None:
        self._database, self._signer = database, signer
        self._together: Together[Handed, Receipt] = Together(self._receive, most=MOST, goes=GOES)

    async def take(self, request: AnyRequest, tender: str) -> Receipt | None:
        """The receipt; None for whatever is not the plain case, or is to be refused: it is to be submitted alone."""
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
        if offer.financial is not None:
            return None
        return await self._together.ask(Handed(token, tender, offer.envelope, offer.version, key))

    async def _receive(self, handed: Sequence[Handed]) -> list[Receipt | None]:
        return await receive(self._database, await self._signer(), handed)


class Turn:
    """How a submission comes to its handler: with the `receipt` it was given together with others, or with a `tx` of
    its own."""

    def __init__(self, receipt: Receipt | None = None, tx: Tx | None = None) -> None:
        self.receipt, self.tx = receipt, tx


async def provide_turn(
    request: AnyRequest, door: NamedDependency[Door], intake: NamedDependency[Intake], tender_id: FromPath[str]
) -> AsyncIterator[Turn]:
    """Before the framework looks at the body: strangers are not told what is wrong with theirs."""
    if receipt := await intake.take(request, tender_id):
        yield Turn(receipt=receipt)
        return
    async with entered(request, door) as tx:
        yield Turn(tx=tx)


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""
