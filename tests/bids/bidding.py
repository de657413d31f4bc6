"""A tender of the fictional republic that takes bids, those who bid, and a client that seals on its own."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import asyncpg
import msgspec

from procurement.bids import service
from procurement.bids.service import parts
from procurement.identity import service as identity
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor, system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import Role
from procurement.kernel.sealing import (
    Blob,
    Envelope,
    FileSealer,
    ItemPrice,
    LotTotal,
    Manifest,
    Prices,
    envelope_bytes,
    new_identity,
    parse_envelope,
    parse_manifest,
    prices_bytes,
    seal_manifest,
    unlock_identity,
)
from procurement.kernel.sealing.age import decrypt
from procurement.kernel.sealing.level import Lock, lock_for

SETUP = system("setup")
TENDER = "2026-0418"
REVISION = hashlib.sha256(b"the tender as published").hexdigest()
SIGNER = SignerKey("test/receipts", bytes(range(32)))
OPEN_FOR = timedelta(hours=1)


@dataclass
class Market:
    """Ids of who is there, and the keyholder's identity, which only a test may hold."""

    city: str
    harbour: str
    adler: str
    ines: str  # owner and signatory of Harbour Paving
    tom: str  # member of Harbour Paving
    greta: str  # owner of Adler
    olga: str  # officer of the city
    keyholder: str
    recipient: str

    @property
    def harbour_signs(self) -> Actor:
        return acting(self.ines, self.harbour, Role.OWNER, Role.SIGNATORY)

    @property
    def harbour_prepares(self) -> Actor:
        return acting(self.tom, self.harbour, Role.MEMBER)

    @property
    def adler_signs(self) -> Actor:
        return acting(self.greta, self.adler, Role.OWNER)

    @property
    def officer(self) -> Actor:
        return acting(self.olga, self.city, Role.OFFICER)


class Clocks:
    """A keyholder that only tells the time; `behind` is how far its clock is off."""

    behind = timedelta(0)

    async def clocks(self) -> SimpleNamespace:
        return SimpleNamespace(real=datetime.now(UTC) - self.behind)


@dataclass
class SealedBid:
    envelope: bytes
    parts: dict[str, bytes]
    version: int
    identity: str = ""


def lot_id(number: int) -> str:
    return f"lot{number:013}"


def item_id(number: int) -> str:
    return f"item{number:012}"


def acting(person: str, organisation: str, *roles: Role) -> Actor:
    return Actor(person=person, organisation=organisation, roles=frozenset((organisation, role) for role in roles))


async def found_market(database: Database, owner: asyncpg.Connection, level: str = "S1") -> Market:
    """The people and organisations, and one tender with two lots, open for an hour."""
    keyholder, recipient = new_identity()
    made: dict[str, str] = {}
    async with database.begin(SETUP) as tx:
        for key, name, kind in (
            ("city", "City of Marrow", "buyer"),
            ("harbour", "Harbour Paving Co-operative", "supplier"),
            ("adler", "Adler Strassenbau", "supplier"),
        ):
            made[key] = await identity.create_organisation(tx, name=name, kind=kind, country="XM")
        for key, of, roles in (
            ("ines", "harbour", (Role.OWNER, Role.SIGNATORY)),
            ("tom", "harbour", (Role.MEMBER,)),
            ("greta", "adler", (Role.OWNER,)),
            ("olga", "city", (Role.OFFICER,)),
        ):
            made[key] = await identity.create_person(
                tx, name=key.title(), email=f"{key}@marrow.example", fictional=True
            )
            for role in roles:
                await identity.grant(tx, made[key], made[of], role)
    market = Market(**made, keyholder=keyholder, recipient=recipient)
    await publish_tender(owner, market, level=level)
    return market


async def publish_tender(
    owner: asyncpg.Connection, market: Market, tender_id: str = TENDER, *, level: str = "S1"
) -> None:
    """As the drafting pages would have left it; two lots, three items, one criterion of each kind."""
    text = b"rules"
    await owner.execute(
        "INSERT INTO rulebook VALUES ('test@1:0', 'test', 1, $1, 'Test', $2, now()) ON CONFLICT DO NOTHING",
        hashlib.sha256(text).hexdigest(),
        text,
    )
    await owner.execute(
        """INSERT INTO tender (id, ocid, buyer_id, state, revision, revision_hash, title, description, category,
               value_amount, value_currency, procedure_name, award_method, contract_terms, rulebook_sha256, procedure,
               seal_level, keyholder_recipient, created_by, created_at, returned_reason, cancel_reason)
           VALUES ($1, 'ocds-test-' || $1, $2, 'draft', 0, '', 'Resurfacing of Harbour Road', 'Two lots', 'works',
               124000000, 'EUR', 'open', 'weighted', 'Terms', '', '{}', '', '', $3, legal_now(), '', '')""",
        tender_id,
        market.city,
        market.olga,
    )
    for lot in (1, 2):
        await owner.execute("INSERT INTO lot VALUES ($1, $2, $3, 'Lot', '')", lot_id(lot), tender_id, lot)
    for number, lot in ((1, 1), (2, 1), (3, 2)):
        await owner.execute(
            "INSERT INTO item VALUES ($1, $2, $3, $4, 'Asphalt', 'CPV', '45233142', '', 3.5, 't', '')",
            item_id(number), tender_id, lot_id(lot), number,
        )  # fmt: skip
    for number, (kind, weight) in enumerate((("price", 60), ("quality", 40), ("pass-fail", 0)), start=1):
        await owner.execute(
            "INSERT INTO criterion VALUES ($1, $2, NULL, $3, $4, '', $4, $5)",
            f"criterion0000000{number}", tender_id, number, kind, weight,
        )  # fmt: skip
    await owner.execute("UPDATE tender SET state = 'submitted' WHERE id = $1", tender_id)
    await owner.execute(
        """UPDATE tender SET state = 'open', revision = 1, revision_hash = $2, rulebook_id = 'test@1:0',
               seal_level = $5, keyholder_recipient = $3, published_at = legal_now(),
               question_deadline = legal_now(), answer_deadline = legal_now(), deadline = legal_now() + $4,
               opening_at = legal_now() + $4 WHERE id = $1""",
        tender_id,
        REVISION,
        market.recipient,
        OPEN_FOR,
        level,
    )


def seal(
    market: Market, supplier: str, version: int = 1, *, secret: bytes = b"our price",
    lock: Callable[[str], Lock] | None = None, **changes: object,
) -> SealedBid:  # fmt: skip
    """A bid sealed by the bidder's own client, for lot 1; `lock` locks its identity, for the keyholder alone unless
    another is given; `changes` replace fields of the envelope."""
    identity_, recipient = new_identity()
    prices = Prices(
        currency="EUR",
        items=tuple(ItemPrice(item=item_id(n), unit_price="10.00") for n in (1, 2)),
        lots=(LotTotal(lot=lot_id(1), total="70.00"),),
    )
    sealed, entries, stored = [], [], {}
    for name, data in (("prices.json", prices_bytes(prices)), ("offer.txt", secret + os.urandom(8))):
        sealer = FileSealer(name, "application/octet-stream", recipient)
        sealed += [*sealer.feed(data), *sealer.finish()]
        entries.append(sealer.entry())
    manifest = Manifest(
        tender=TENDER, revision=REVISION, lots=(lot_id(1),), supplier=supplier, version=version,
        nonce=os.urandom(32).hex(), files=tuple(entries),
    )  # fmt: skip
    sealed.insert(0, seal_manifest(manifest, recipient))
    stored = {part.blob.sha256: part.data for part in sealed}
    fields = {
        "tender": TENDER,
        "revision": REVISION,
        "recipient": recipient,
        "blobs": tuple(part.blob for part in sealed),
        **msgspec.structs.asdict(lock(identity_) if lock else lock_for(identity_, market.recipient, None)),
        "sealed_by": "client",
        "client": "test 1",
    }
    return SealedBid(envelope_bytes(Envelope(**(fields | changes))), stored, version, identity_)


async def upload(database: Database, files: Files, actor: Actor, bid: SealedBid) -> None:
    """Store the parts of a bid and register them."""
    blobs = []
    for sha256, data in bid.parts.items():
        blobs.append(await parts.store(files, sha256, once(data)))
    async with database.begin(actor) as tx:
        await parts.register(tx, TENDER, blobs)


async def submit(database: Database, actor: Actor, bid: SealedBid, key: str = "key-1") -> service.Receipt:
    offered = service.Submission(
        tender=TENDER,
        envelope=bid.envelope,
        version=bid.version,
        key=key,
        request=hashlib.sha256(bid.envelope).hexdigest(),
    )
    async with database.begin(actor) as tx:
        return await service.submit(tx, SIGNER, offered)


async def deliver(database: Database, files: Files, market: Market, actor: Actor, version: int = 1) -> service.Receipt:
    """Seal, upload and submit."""
    bid = seal(market, actor.organisation, version)
    await upload(database, files, actor, bid)
    return await submit(database, actor, bid, f"key-{actor.organisation}-{version}")


async def open_envelope(
    files: Files, market: Market, data: bytes, identity_: str = ""
) -> tuple[Manifest, dict[str, bytes]]:
    """What the opening will do: unlock, decrypt, cut to the true sizes. File name -> content."""
    envelope = parse_envelope(data)
    identity_ = identity_ or unlock_identity(envelope.locked_bytes(), market.keyholder)

    async def plain(blob: Blob) -> bytes:
        sealed = b"".join([chunk async for chunk in await service.blob(files, blob.sha256)])
        return decrypt(sealed, identity_)

    manifest = parse_manifest(await plain(envelope.blobs[0]))
    rest = list(envelope.blobs[1:])
    contents = {}
    for file in manifest.files:
        held = b"".join([await plain(rest.pop(0)) for _ in file.parts])
        contents[file.name] = held[: file.size]
    return manifest, contents


async def freeze(owner: asyncpg.Connection, at: datetime) -> None:
    """Stop the legal clock of this test's database at a moment, to the microsecond."""
    await owner.execute(
        "CREATE OR REPLACE FUNCTION legal_now() RETURNS timestamptz LANGUAGE sql VOLATILE "
        f"SET search_path = pg_catalog, pg_temp AS $$ SELECT timestamptz '{at.isoformat()}' $$"
    )


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data
