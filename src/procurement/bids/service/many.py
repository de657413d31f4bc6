"""Bids of many bidders, to one or several tenders: what `submission` does row by row, each in one statement."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from procurement.bids.service.receipts import Stamped
from procurement.infra.tx import Tx

Pair = tuple[str, str]
"""A tender and a supplier."""

_PAIRS = "unnest(CAST(:tenders AS text[]), CAST(:suppliers AS text[])) AS one(tender, supplier)"
_OF_PAIR = "tender_id = one.tender AND supplier_id = one.supplier"
LOCK = text(f"""
    SELECT bidder.tender_id, bidder.supplier_id FROM {_PAIRS} JOIN bidder ON {_OF_PAIR}
        FOR NO KEY UPDATE OF bidder SKIP LOCKED
""")  # noqa: S608  # two constants of this file
LATEST = text(f"""
    SELECT one.tender, one.supplier, bid.id, bid.version FROM {_PAIRS}, LATERAL (
        SELECT id, version FROM bid WHERE {_OF_PAIR} AND round = 1 AND kind = 'single' ORDER BY version DESC LIMIT 1
    ) AS bid
""")  # noqa: S608  # as above: constants, no input
PARTS = text(f"""
    SELECT tender_id, supplier_id, sha256, size FROM {_PAIRS} JOIN bid_part ON {_OF_PAIR}
""")  # noqa: S608  # as above: constants, no input
# What is late at its turn is left out here; of the rest the trigger decides, as of every bid. An envelope, key or
# version that is there already leaves its row out, too. In order of digests: so no two such statements wait crosswise.
INSERT = text("""
    INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,
            envelope, submitted_by)
        SELECT id, tender, supplier, 1, 'single', version, key, request, digest, envelope, person
        FROM unnest(CAST(:id AS text[]), CAST(:tender AS text[]), CAST(:supplier AS text[]), CAST(:version AS int[]),
            CAST(:key AS text[]), CAST(:request AS text[]), CAST(:digest AS text[]), CAST(:envelope AS bytea[]),
            CAST(:person AS text[]), CAST(:deadline AS timestamptz[]))
            AS one(id, tender, supplier, version, key, request, digest, envelope, person, deadline)
        WHERE public.legal_now() < deadline
    ON CONFLICT DO NOTHING RETURNING id, received_at, deadline_applied
""")
KEEP = text("""
    INSERT INTO bid_receipt (bid_id, record_id, body)
        SELECT * FROM unnest(CAST(:bid AS text[]), CAST(:record AS bigint[]), CAST(:body AS bytea[]))
""")


class Latest(msgspec.Struct, frozen=True):
    """The bid with the highest version that was submitted, withdrawn or not."""

    id: str
    version: int


class Row(msgspec.Struct, frozen=True):
    """A bid to be received. `deadline` is the tender's, which nobody moves under its shared lock."""

    id: str
    tender: str
    supplier: str
    version: int
    key: str
    request: str
    digest: str
    envelope: bytes
    person: str
    deadline: datetime


async def lock(tx: Tx, pairs: Collection[Pair]) -> set[Pair]:
    """Lock the rows of these bidders; those are left out that somebody else holds, or that are not there."""
    return {(row.tender_id, row.supplier_id) for row in await tx.session.execute(LOCK, _columns(pairs))}


async def latest(tx: Tx, pairs: Collection[Pair]) -> dict[Pair, Latest]:
    rows = await tx.session.execute(LATEST, _columns(pairs))
    return {(row.tender, row.supplier): Latest(row.id, row.version) for row in rows}


async def stored(tx: Tx, pairs: Collection[Pair]) -> dict[Pair, dict[str, int]]:
    """sha256 -> size of every part that each of them stored."""
    found: dict[Pair, dict[str, int]] = defaultdict(dict)
    for row in await tx.session.execute(PARTS, _columns(pairs)):
        found[row.tender_id, row.supplier_id][row.sha256] = row.size
    return found


async def insert(tx: Tx, rows: Sequence[Row]) -> dict[str, Stamped]:
    """By id, as the database stamped them, without those that are late or there already."""
    named = {row.id: row for row in rows}
    ordered = sorted(rows, key=lambda row: row.digest)
    columns = {name: [getattr(row, name) for row in ordered] for name in Row.__struct_fields__}
    return {
        row.id: Stamped(
            row.id,
            named[row.id].tender,
            named[row.id].supplier,
            named[row.id].version,
            named[row.id].digest,
            row.received_at,
            row.deadline_applied,
        )
        for row in await tx.session.execute(INSERT, columns)
    }


async def keep(tx: Tx, receipts: Collection[tuple[str, int, bytes]]) -> None:
    """Keep receipts as they are handed out: bid, ledger record, body."""
    bids, records, bodies = zip(*receipts, strict=True)
    await tx.session.execute(KEEP, {"bid": list(bids), "record": list(records), "body": list(bodies)})


def _columns(pairs: Collection[Pair]) -> dict[str, Any]:
    return {"tenders": [tender for tender, _ in pairs], "suppliers": [supplier for _, supplier in pairs]}
