"""The two sides: bidders over HTTP, and the same rows without us."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import msgspec
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from procurement.bench._visitor import calls
from procurement.bench.submit.house import TENDER, Bidder, House
from procurement.infra.ledger import writing
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.ids import new_id
from procurement.kernel.sealing import digest, envelope_bytes

ACCEPTED = b"HTTP/1.1 201 "
BID = (
    "INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,"
    " envelope, submitted_by) VALUES ($1, $2, $3, 1, 'single', $4, $5, $6, $7, $8, $9)"
    " RETURNING received_at, deadline_applied"
)
RECEIPT = "INSERT INTO bid_receipt (bid_id, record_id, body) VALUES ($1, $2, $3)"
RECORD, KEPT = b"r" * 560, b"k" * 760  # bytes of a record and of a receipt, about as ours are


class Bidding:
    """Bidders who submit version after version, each with its own token and its own connection."""

    def __init__(self, house: House, bidders: Sequence[Bidder]) -> None:
        self._address = house.address
        self._requests = [_submissions(house.address, bidder) for bidder in bidders]

    async def submit(self, clients: int, seconds: float) -> list[float]:
        """The seconds until each receipt was there. Raises CannotMeasure for any other answer."""
        return await calls(self._address, self._requests[:clients], seconds, (ACCEPTED,))


def _submissions(address: str, bidder: Bidder) -> Iterator[bytes]:
    """One request for each version. What differs is told in the envelope's field `client`, so that each has a digest
    of its own; the parts stay."""
    host = address.partition("//")[2]
    for version in itertools.count(1):
        envelope = envelope_bytes(msgspec.structs.replace(bidder.envelope, client=f"bench {version}"))
        body = b'{"envelope":%s,"version":%d}' % (envelope, version)
        head = (
            f"POST /api/v1/tenders/{TENDER}/bid HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bidder.token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: bench-{version}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


class Directly:
    """The rows of an accepted bid by prepared statements: the bid, its record with what follows it, the receipt."""

    def __init__(self, house: House, bidders: Sequence[Bidder]) -> None:
        self._database, self._bidders = house.database, bidders
        self._versions = itertools.count(1)
        self._connections: list[Any] = []

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """With a connection for each bidder."""
        self._connections = [await asyncpg.connect(self._database) for _ in self._bidders]
        try:
            yield
        finally:
            for connection in self._connections:
                await connection.close()

    async def submit(self, clients: int, seconds: float) -> list[float]:
        """The seconds that each transaction took until its commit was acknowledged."""
        ends, taken = time.perf_counter() + seconds, list[float]()
        pairs = zip(self._connections[:clients], self._bidders, strict=False)
        await asyncio.gather(*(self._one(connection, bidder, ends, taken) for connection, bidder in pairs))
        return taken

    async def _one(self, connection: Any, bidder: Bidder, ends: float, taken: list[float]) -> None:
        record, names = _record()
        bid, kept, written = [await connection.prepare(one) for one in (BID, RECEIPT, record)]
        while (began := time.perf_counter()) < ends:
            version = next(self._versions)
            envelope = envelope_bytes(msgspec.structs.replace(bidder.envelope, client=f"bench {version}"))
            sha256, id_ = digest(envelope), new_id()
            request = sha256_hex(envelope)
            async with connection.transaction():
                await bid.fetchrow(
                    id_, TENDER, bidder.organisation, version, str(version), request, sha256, envelope, bidder.person
                )
                record_id = await written.fetchval(*[_VALUES[name] for name in names])
                await kept.fetch(id_, record_id, KEPT)
            taken.append(time.perf_counter() - began)


_VALUES: dict[str, Any] = {
    "at": datetime(2026, 11, 22, 9, tzinfo=UTC), "type": "BidReceived", "process": "ocds-bench-1", "organisation": "",
    "actor": "person:bench", "visible": "at-opening", "body": RECORD, "salt": b"s" * 32, "topics": [],
}  # fmt: skip


def _record() -> tuple[str, list[str]]:
    """The service's own statement as the driver takes it, and which value stands where."""
    made = writing.WRITE.compile(dialect=PGDialect_asyncpg())  # type: ignore[no-untyped-call]  # of SQLAlchemy
    return str(made), list(made.positiontup or ())
