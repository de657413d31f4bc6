"""Bidders by the thousand: registered with a token each, and a sealed bid whose parts are stored. In bulk, because what
is shown is not how they came, but what becomes of what they submit."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec

from procurement.bids.service import parts
from procurement.client.sealing import Asked, Line, SealedBid, seal_bid
from procurement.identity.service.tokens import PREFIX
from procurement.infra.files import Files
from procurement.kernel.ids import new_id, new_token, token_digest
from procurement.kernel.permissions import Role
from procurement.kernel.sealing import Envelope, envelope_bytes

AT_ONCE = 32  # parts that are written at the same time
COLUMNS = {
    "organisation": ("id", "name", "kind", "identifier_scheme", "identifier", "country", "created_at"),
    "person": ("id", "name", "email", "fictional", "created_at"),
    "membership": ("id", "person", "organisation", "role", "since"),
    "api_token": ("id", "token_sha256", "person", "organisation", "label", "created_at", "expires_at"),
    "bidder": ("tender_id", "supplier_id"),
    "bid_part": ("tender_id", "supplier_id", "sha256", "size"),
}
ASKED = "SELECT id, revision_hash, keyholder_recipient, value_currency FROM tender WHERE id = $1"
ITEMS = "SELECT item.id, lot_id, quantity FROM item WHERE tender_id = $1 ORDER BY number"


class Bidder(msgspec.Struct, frozen=True):
    """A supplier with a person's token, and the envelope of its first bid."""

    supplier: str
    person: str
    token: str
    envelope: Envelope

    def request(self, path: str, *, key: str, version: int = 1, named: str = "", **changes: object) -> bytes:
        """All bytes of the request that submits; `named` is its X-Request-ID, `changes` replace fields of the
        envelope."""
        envelope = envelope_bytes(msgspec.structs.replace(self.envelope, **changes))
        body = b'{"envelope":%s,"version":%d}' % (envelope, version)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nX-Request-ID: {named or key}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


async def gather(owner: asyncpg.Connection, data: Path, tender: str, many: int) -> list[Bidder]:
    """So many bidders for a published tender of seal level S1; their parts go to the file store in `data`."""
    lines = tuple(Line(row["id"], row["lot_id"], row["quantity"]) for row in await owner.fetch(ITEMS, tender))
    asked = await owner.fetchrow(ASKED, tender)
    bidders, sealed = [], []
    for _ in range(many):
        supplier = new_id()
        to_seal = Asked(*list(asked.values())[:3], supplier, 1, asked["value_currency"], lines)
        sealed.append(seal_bid(to_seal, {line.item: "12.50" for line in lines}, []))
        bidders.append(Bidder(supplier, new_id(), PREFIX + new_token(), sealed[-1].envelope))
    await _store(Files.connect("", data), sealed)
    await _write(owner, tender, bidders)
    return bidders


async def _store(files: Files, sealed: Sequence[SealedBid]) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(bid: SealedBid) -> None:
        async with room:
            for part in bid.parts:
                await parts.store_sealed(files, part)

    await asyncio.gather(*map(one, sealed))


async def _write(owner: asyncpg.Connection, tender: str, bidders: Sequence[Bidder]) -> None:
    """Everything of them that stands in the database before they submit."""
    now = datetime.now(UTC)
    end = now + timedelta(days=1)
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in COLUMNS}
    for one in bidders:
        org, person = one.supplier, one.person
        rows["organisation"].append((org, f"Bidder {org}", "supplier", "", "", "XM", now))
        rows["person"].append((person, "Bidder", f"{person}@bidder.example", True, now))
        rows["membership"].append((new_id(), person, org, Role.SIGNATORY, now))
        rows["api_token"].append((new_id(), token_digest(one.token), person, org, "bids", now, end))
        rows["bidder"].append((tender, org))
        rows["bid_part"] += [(tender, org, blob.sha256, blob.size) for blob in one.envelope.blobs]
    for name, columns in COLUMNS.items():
        await owner.copy_records_to_table(name, columns=columns, records=rows[name])
