"""A service of the bench's own: one tender that takes bids, and bidders with tokens whose sealed parts are stored."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from procurement.bench._servers import web_as_it_is
from procurement.bids.service import parts
from procurement.client.sealing import Asked, Attached, Line, seal_bid
from procurement.identity import service as identity
from procurement.identity.service import tokens
from procurement.infra import keys, schema
from procurement.infra.files import Files
from procurement.infra.outbox import Handlers
from procurement.infra.services import up
from procurement.infra.services.supervisor import Supervisor
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor, system
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.permissions import Role
from procurement.kernel.sealing import Envelope, new_identity
from procurement.settings import Settings

SETUP = system("bench")
TENDER, LOT, ITEM = "2026-0001", "lot0000000000001", "item000000000001"
REVISION = sha256_hex(b"the tender of a bench")
OPEN_FOR = timedelta(days=1)
OFFER = b"How we will work. " * 2000


class Bidder(msgspec.Struct, frozen=True):
    """An organisation with a person's token, and an envelope whose parts are stored. `person` submits."""

    organisation: str
    person: str
    token: str
    envelope: Envelope


class House(msgspec.Struct, frozen=True):
    """`address` is that of the web process; `receipt_key` verifies what it signs."""

    address: str
    settings: Settings
    receipt_key: Ed25519PublicKey
    bidders: tuple[Bidder, ...]

    @property
    def database(self) -> str:
        """Where asyncpg finds the database, as the application's own role."""
        return self.settings.database_url.replace("+asyncpg", "")


@asynccontextmanager
async def served(folder: str, bidders: int) -> AsyncIterator[House]:
    """Everything that a submission takes, for so many bidders; gone with the folder."""
    async with Supervisor(Path(folder)) as supervisor:
        nowhere = f"{folder}/nowhere"
        alone = Settings(data=folder, api_per_minute=0, pages_per_minute=0, keyholder_socket=nowhere)
        with redirect_stdout(sys.stderr):  # what starts says so; the output is one JSON object
            made = await up.databases(supervisor, alone)
        await asyncio.to_thread(schema.upgrade, made.owner_database_url, sandbox=True)
        database = Database(made.database_url, Handlers())
        try:
            recipient = await _open_tender(database, made)
            files = Files.connect("", Path(folder))
            receipts = keys.signer(Path(folder) / "keys" / "receipts", await database.origin() + keys.RECEIPTS)
            held = [await _bidder(database, files, recipient, number) for number in range(bidders)]
        finally:
            await database.dispose()
        async with web_as_it_is(made) as address:
            yield House(address, made, receipts.private.public_key(), tuple(held))


async def _open_tender(database: Database, settings: Settings) -> str:
    """A tender with one lot and one item, as its publication leaves it; returns the key that bids are sealed to."""
    async with database.begin(SETUP) as tx:
        buyer = await identity.create_organisation(tx, name="Bench", kind="buyer", country="XM")
        officer = await identity.create_person(tx, name="Officer", email="officer@bench.example", fictional=True)
    _, recipient = new_identity()
    owner = await asyncpg.connect(settings.owner_database_url.replace("+asyncpg", ""))
    try:
        rules = b"rules"
        await owner.execute(
            "INSERT INTO rulebook VALUES ('bench@1:0', 'bench', 1, $1, 'Bench', $2, now())", sha256_hex(rules), rules
        )
        await owner.execute(
            """INSERT INTO tender (id, ocid, buyer_id, state, revision, revision_hash, title, description, category,
                   value_amount, value_currency, procedure_name, award_method, contract_terms, rulebook_sha256,
                   procedure, seal_level, keyholder_recipient, created_by, created_at, returned_reason, cancel_reason)
               VALUES ($1, 'ocds-bench-1', $2, 'draft', 0, '', 'Bench', '', 'works', 100, 'EUR', 'open', 'lowest-price',
                   '', '', '{}', '', '', $3, legal_now(), '', '')""",
            TENDER, buyer, officer,
        )  # fmt: skip
        await owner.execute("INSERT INTO lot VALUES ($1, $2, 1, 'Lot', '')", LOT, TENDER)
        await owner.execute(
            "INSERT INTO item VALUES ($1, $2, $3, 1, 'Asphalt', 'CPV', '45233142', '', 3.5, 't', '')", ITEM, TENDER, LOT
        )
        await owner.execute("UPDATE tender SET state = 'submitted' WHERE id = $1", TENDER)
        await owner.execute(
            """UPDATE tender SET state = 'open', revision = 1, revision_hash = $2, rulebook_id = 'bench@1:0',
                   seal_level = 'S1', keyholder_recipient = $3, published_at = legal_now(),
                   question_deadline = legal_now(), answer_deadline = legal_now(), deadline = legal_now() + $4,
                   opening_at = legal_now() + $4 WHERE id = $1""",
            TENDER, REVISION, recipient, OPEN_FOR,
        )  # fmt: skip
    finally:
        await owner.close()
    return recipient


async def _bidder(database: Database, files: Files, recipient: str, number: int) -> Bidder:
    """A supplier whose signatory has a token, and a bid of three sealed parts that are stored."""
    async with database.begin(SETUP) as tx:
        supplier = await identity.create_organisation(tx, name=f"Bidder {number}", kind="supplier", country="XM")
        person = await identity.create_person(tx, name="B", email=f"b{number}@bench.example", fictional=True)
        await identity.grant(tx, person, supplier, Role.SIGNATORY)
    acts = Actor(person=person, organisation=supplier, roles=frozenset({(supplier, Role.SIGNATORY)}))
    lines = (Line(ITEM, LOT, Decimal("3.5")),)
    sealed = seal_bid(
        Asked(TENDER, REVISION, recipient, supplier, 1, "EUR", lines),
        {ITEM: "10.00"},
        [Attached("Method.txt", "text/plain", OFFER)],
    )
    blobs = [await parts.store_sealed(files, part) for part in sealed.parts]
    async with database.begin(acts) as tx:
        tx.actor = Actor(acts.person, acts.roles, acts.organisation, tx.real_now)
        await parts.register(tx, TENDER, blobs)
        token = await tokens.issue(tx, "bench", 1)
    return Bidder(supplier, person, token, sealed.envelope)
