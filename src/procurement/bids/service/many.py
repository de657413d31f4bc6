"""Bids of many bidders, to one or several tenders: what `submission` does row by row, each in one statement."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from procurement.bids.service.receipts import Stamped
from procurement.infra.tx import Tx
from procurement.kernel.sealing import SignedReceipt

Pair = tuple[str, str]
"""A tender and a supplier."""

_PAIRS = "unnest(CAST(:tenders AS text[]), CAST(:suppliers AS text[])) AS one(tender, supplier)"
_PAIRS_WITH_KEYS = (
    "unnest(CAST(:tenders AS text[]), CAST(:suppliers AS text[]), CAST(:keys AS text[])) AS one(tender, supplier, key)"
)
_OF_PAIR = "tender_id = one.tender AND supplier_id = one.supplier"
LOCK = text(f"""
    SELECT bidder.tender_id, bidder.supplier_id FROM {_PAIRS} JOIN bidder ON {_OF_PAIR}
        FOR NO KEY UPDATE OF bidder SKIP LOCKED
""")  # noqa: S608  # two constants of this file
# `again` is the bid that was received under the same key, whatever was asked under it.
LATEST = text(f"""
    SELECT one.tender, one.supplier, bid.id, bid.version, (
        SELECT id FROM bid WHERE {_OF_PAIR} AND idempotency_key = one.key
    ) AS again FROM {_PAIRS_WITH_KEYS}, LATERAL (
        SELECT id, version FROM bid WHERE {_OF_PAIR} ORDER BY version DESC LIMIT 1
    ) AS bid
""")  # noqa: S608  # constants of this file, no input
GIVEN = text("""
    SELECT bid.id, bid.request_sha256 AS request, bid_receipt.body
        FROM bid JOIN bid_receipt ON bid_id = bid.id WHERE bid.id = ANY(:ids)
""")
PARTS = text(f"""
    SELECT tender_id, supplier_id, sha256, size FROM {_PAIRS} JOIN bid_part ON {_OF_PAIR}
""")  # noqa: S608  # as above: constants, no input
# An envelope, key or version that is there already leaves its row out. In order of digests: so no two such statements
# wait crosswise.
_INSERT = """
    INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256, digest,
            envelope, submitted_by)
        SELECT id, tender, supplier, 1, kind, version, key, request, digest, envelope, person
        FROM unnest(CAST(:id AS text[]), CAST(:tender AS text[]), CAST(:supplier AS text[]), CAST(:kind AS text[]),
            CAST(:version AS int[]), CAST(:key AS text[]), CAST(:request AS text[]), CAST(:digest AS text[]),
            CAST(:envelope AS bytea[]), CAST(:person AS text[]), CAST(:deadline AS timestamptz[]))
            AS one(id, tender, supplier, kind, version, key, request, digest, envelope, person, deadline)
        WHERE {}
    ON CONFLICT DO NOTHING RETURNING id, received_at, deadline_applied
"""
INSERT = text(_INSERT.format("public.legal_now() < deadline"))  # what is late at its turn is left out
TRY = text(_INSERT.format("true"))  # the trigger refuses what is late, as it does whoever comes alone
INSERT_FINANCIAL = text("""
    INSERT INTO bid_financial (bid_id, lot, digest, envelope)
        SELECT * FROM unnest(CAST(:bid AS text[]), CAST(:lot AS text[]), CAST(:digest AS text[]),
            CAST(:envelope AS bytea[]))
    ON CONFLICT DO NOTHING RETURNING digest, bid_id
""")
KEEP = text("""
    INSERT INTO bid_receipt (bid_id, record_id, body)
        SELECT * FROM unnest(CAST(:bid AS text[]), CAST(:record AS bigint[]), CAST(:body AS bytea[]))
""")


class Latest(msgspec.Struct, frozen=True):
    """The bid with the highest version that was submitted, withdrawn or not. `again` is the one that was received under
    the key that is used now, or ""."""

    id: str
    version: int
    again: str


class Given(msgspec.Struct, frozen=True):
    """A receipt as it was handed out, and the SHA-256 of the request that it answered."""

    request: str
    receipt: SignedReceipt


class Row(msgspec.Struct, frozen=True):
    """A bid to be received, with the first of its envelopes, of which `kind` is that. `deadline` is the tender's, which
    nobody moves under its shared lock."""

    id: str
    tender: str
    supplier: str
    kind: str
    version: int
    key: str
    request: str
    digest: str
    envelope: bytes
    person: str
    deadline: datetime


class FinancialRow(msgspec.Struct, frozen=True):
    """A financial envelope of such a bid; `lot` is "" of one for all lots."""

    bid: str
    lot: str
    digest: str
    envelope: bytes


async def lock(tx: Tx, pairs: Collection[Pair]) -> set[Pair]:
    """Lock the rows of these bidders; those are left out that somebody else holds, or that are not there."""
    return {(row.tender_id, row.supplier_id) for row in await tx.session.execute(LOCK, _columns(pairs))}


async def latest(tx: Tx, keys: Mapping[Pair, str]) -> dict[Pair, Latest]:
    """By pair, where anything was submitted before; `keys` are the idempotency keys that they come with now."""
    rows = await tx.session.execute(LATEST, {**_columns(keys), "keys": list(keys.values())})
    return {(row.tender, row.supplier): Latest(row.id, row.version, row.again or "") for row in rows}


async def given(tx: Tx, bids: Collection[str]) -> dict[str, Given]:
    """What was answered when these bids were received."""
    if not bids:
        return {}
    rows = await tx.session.execute(GIVEN, {"ids": list(bids)})
    return {row.id: Given(row.request, msgspec.json.decode(row.body, type=SignedReceipt)) for row in rows}


async def stored(tx: Tx, pairs: Collection[Pair]) -> dict[Pair, dict[str, int]]:
    """sha256 -> size of every part that each of them stored."""
    found: dict[Pair, dict[str, int]] = defaultdict(dict)
    for row in await tx.session.execute(PARTS, _columns(pairs)):
        found[row.tender_id, row.supplier_id][row.sha256] = row.size
    return found


async def insert(tx: Tx, rows: Sequence[Row]) -> dict[str, Stamped]:
    """By id, as the database stamped them, without those that are late or there already."""
    named = {row.id: row for row in rows}
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
        for row in await tx.session.execute(INSERT, _rows(sorted(rows, key=lambda row: row.digest)))
    }


async def insert_financial(tx: Tx, rows: Sequence[FinancialRow]) -> set[str]:
    """The bids, just inserted, that are not whole: an envelope of theirs was submitted before, with whatever bid."""
    ordered = sorted(rows, key=lambda row: row.digest)
    inserted = {(row.bid_id, row.digest) for row in await tx.session.execute(INSERT_FINANCIAL, _rows(ordered))}
    return {row.bid for row in rows if (row.bid, row.digest) not in inserted}


async def attempt(tx: Tx, row: Row) -> None:
    """What the trigger raises where this bid cannot be received now; nothing of it stays in any case."""
    async with tx.session.begin_nested() as savepoint:
        await tx.session.execute(TRY, _rows([row]))
        await savepoint.rollback()


async def keep(tx: Tx, receipts: Collection[tuple[str, int, bytes]]) -> None:
    """Keep receipts as they are handed out: bid, ledger record, body."""
    bids, records, bodies = zip(*receipts, strict=True)
    await tx.session.execute(KEEP, {"bid": list(bids), "record": list(records), "body": list(bodies)})


def _rows(rows: Sequence[Row] | Sequence[FinancialRow]) -> dict[str, Any]:
    return {name: [getattr(row, name) for row in rows] for name in rows[0].__struct_fields__}


def _columns(pairs: Collection[Pair]) -> dict[str, Any]:
    return {"tenders": [tender for tender, _ in pairs], "suppliers": [supplier for _, supplier in pairs]}
