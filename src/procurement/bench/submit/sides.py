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

from procurement.bench import CannotMeasure
from procurement.bench._visitor import calls
from procurement.bench.ledger.writing import for_the_driver
from procurement.bench.submit.house import TENDER, Bidder, House
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import SignedReceipt, digest, envelope_bytes, verify_receipt

ACCEPTED, NUMBER = b"HTTP/1.1 201 ", b"@number@"
BID = (
    "INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,"
    " envelope, submitted_by) VALUES ($1, $2, $3, 1, 'single', $4, $5, $6, $7, $8, $9)"
    " RETURNING received_at, deadline_applied"
)
RECEIPT = "INSERT INTO bid_receipt (bid_id, record_id, body) VALUES ($1, $2, $3)"
KEPT_BIDS = (
    "SELECT count(*) FROM bid JOIN bid_receipt ON bid_id = bid.id JOIN ledger_record ON ledger_record.id = record_id"
    " WHERE bid.id = ANY ($1)"
)
RECORD, KEPT = b"r" * 560, b"k" * 760  # bytes of a record and of a receipt, about as ours are


class Answer(msgspec.Struct, frozen=True):
    """What the service says to an accepted bid."""

    bid: str
    receipt: SignedReceipt


class Bidding:
    """Bidders who submit version after version, each with its own token and its own connection."""

    def __init__(self, house: House, bidders: Sequence[Bidder]) -> None:
        self._address, self._house = house.address, house
        self._requests = [_submissions(house.address, bidder) for bidder in bidders]
        self._answers: list[bytes] = []

    async def submit(self, clients: int, seconds: float) -> list[float]:
        """The seconds until each receipt was there. Raises CannotMeasure for any other answer."""
        return await calls(self._address, self._requests[:clients], seconds, (ACCEPTED,), self._answers)

    async def must_be_kept(self) -> None:
        """Raises CannotMeasure unless each receipt since the last time is signed by the service, and its bid stored."""
        answers = [msgspec.json.decode(one, type=Answer) for one in self._answers]
        self._answers.clear()
        for one in answers:
            try:
                verify_receipt(self._house.receipt_key, one.receipt)
            except Refused as no:
                raise CannotMeasure(f"A receipt does not hold: {no.detail}") from None
        connection = await asyncpg.connect(self._house.database)
        try:
            kept = await connection.fetchval(KEPT_BIDS, [one.bid for one in answers])
        finally:
            await connection.close()
        if not kept == len(answers) == len({one.receipt.receipt.digest for one in answers}):
            raise CannotMeasure(f"{len(answers)} bids were acknowledged, {kept} of them are stored.")


def _submissions(address: str, bidder: Bidder) -> Iterator[bytes]:
    """One request for each version, by putting its number into prepared bytes: into the envelope's field `client`, too,
    so that each has a digest of its own; the parts stay."""
    host, envelope = address.partition("//")[2], _prepared(bidder)
    for version in itertools.count(1):
        body = b'{"envelope":%s,"version":%d}' % (envelope.replace(NUMBER, b"%d" % version, 1), version)
        head = (
            f"POST /api/v1/tenders/{TENDER}/bid HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bidder.token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: bench-{version}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def _prepared(bidder: Bidder) -> bytes:
    """The canonical envelope, with NUMBER where the number of its version goes."""
    return envelope_bytes(msgspec.structs.replace(bidder.envelope, client=f"bench {NUMBER.decode()}"))


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
        (record, names), prepared = for_the_driver(), _prepared(bidder)
        bid, kept, written = [await connection.prepare(one) for one in (BID, RECEIPT, record)]
        while (began := time.perf_counter()) < ends:
            version = next(self._versions)
            envelope = prepared.replace(NUMBER, b"%d" % version, 1)
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
