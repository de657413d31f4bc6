"""The day of an opening: a published tender, sealed bids, a real keyholder, a signed ledger, a clock to move."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from bids_to_open import Bid
from holding import KeyHolder, sign
from sqlalchemy.ext.asyncio import async_sessionmaker
from tendering import SETUP, Town, complete_draft, open_tender

from procurement.bids import service as bids
from procurement.bids.service import parts
from procurement.bids.service.closing import CLOSER
from procurement.holders import service as holders
from procurement.identity import service as identity
from procurement.infra import db
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Envelope,
    SealedShare,
    deal,
    envelope_bytes,
    lock_identity,
    lock_shares,
    open_share,
    roster_hash,
)
from procurement.keyholder import rules as keyholder_rules
from procurement.keyholder import totp
from procurement.opening import jobs, service
from procurement.opening.rules import OpenedBid
from procurement.opening.service.steps import OPENER
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender

RECEIPTS = SignerKey("test/receipts", b"r" * 32)
Spoil = Callable[[tuple[SealedShare, ...]], tuple[SealedShare, ...]]


class Day:
    """Everything a test of the opening acts on."""

    def __init__(self, database: Database, socket: Path, sequencer_url: str, data: Path, town: Town) -> None:
        self.database, self.town = database, town
        self.keyholder = Keyholder(socket)
        self.files = Files.connect("", data)
        self.ordering = db.engine(sequencer_url, pool=1)
        self.secrets: dict[str, str] = {}
        self.holders: list[KeyHolder] = []
        self.tender_id = ""

    async def prepare(
        self,
        key_holders: Sequence[KeyHolder] = (),
        m: int = 2,
        procedure: str = "",
        more_lots: Sequence[str] = (),
    ) -> None:
        """Pin the ledger, publish the tender, give the officers their key codes. With key holders any `m` of them hold
        the second lock. `procedure` is the rulebook's first unless it is named; `more_lots` are titles."""
        self.ledger = SignerKey(await self.database.origin(), b"l" * 32)
        await self.keyholder.pin(str(self.ledger.verifier), self.ledger.verifier.name)
        for actor in (self.town.olga, self.town.otto, self.town.pia, self.town.omar):
            await self.enrol(actor.person)
        self.holders = list(key_holders)
        if self.holders:
            self.tender_id = await self._open_double_locked(m, procedure, more_lots)
        else:
            self.tender_id = await open_tender(
                self.database,
                self.town,
                self.keyholder,  # type: ignore[arg-type]  # the real one
                procedure=procedure,
                more_lots=more_lots,
            )

    async def _open_double_locked(self, m: int, procedure: str, more_lots: Sequence[str]) -> str:
        async with self.database.begin(self.town.olga) as tx:
            tender_id = await complete_draft(tx, procedure=procedure, more_lots=more_lots)
        async with self.database.begin(SETUP) as tx:
            tender = await tenders.tender(tx, tender_id)
            about = holders.About(subject=tender_id, process=tender.ocid, buyer=tender.buyer, title=tender.title)
            members = [one.id for one in self.holders]
            await holders.choose(tx, about, "S2", m, members, holders.Asked(level="S1"))
        for one in self.holders:
            await sign(self.database, one, tender_id)
        async with self.database.begin(self.town.olga) as tx:
            await tenders.submit(tx, self.keyholder, tender_id)
        async with self.database.begin(self.town.pia) as tx:
            await tenders.approve(tx, self.keyholder, tender_id)
        return tender_id

    async def locked_to_all(self, bid: Bid, spoil: Spoil = lambda dealt: dealt) -> dict[str, object]:
        """The envelope's fields of the double lock. `spoil` changes what the bidder dealt."""
        async with self.database.begin(SETUP) as tx:
            chosen = await holders.roster(tx, self.tender_id)
            recipient = (await tenders.tender(tx, self.tender_id)).keyholder_recipient
        assert chosen
        roster = chosen.roster
        locked = lock_shares(spoil(deal(bid.identity, roster)), recipient)
        return {
            "m": roster.m, "n": roster.n, "roster": roster_hash(roster), "locked": base64.b64encode(locked).decode()
        }  # fmt: skip

    async def wanted(self, one: KeyHolder) -> service.Wanted:
        async with self.database.begin(one.actor) as tx:
            return await service.shares_wanted(tx, self.tender_id)

    async def shares(self, one: KeyHolder) -> list[service.Given]:
        """What the holder's own client makes of what is wanted."""
        given = []
        for each in (await self.wanted(one)).shares:
            try:
                sealed = SealedShare(member=one.id, commit=each.commit, ct=each.ct)
                given.append(service.Given(each.digest, open_share(sealed, one.key.identity).decode()))
            except Refused:
                given.append(service.Given(each.digest))
        return given

    async def give(self, one: KeyHolder, shares: Sequence[service.Given] | None = None) -> None:
        given = await self.shares(one) if shares is None else shares
        async with self.database.begin(one.actor) as tx:
            await service.give_shares(tx, self.tender_id, given)

    async def close(self) -> None:
        await self.ordering.dispose()

    async def enrol(self, person: str) -> None:
        self.secrets[person] = secret = (await self.keyholder.enrol(person)).secret
        now = (await self.keyholder.clocks()).real.timestamp()
        await self.keyholder.confirm(person, totp.code_at(secret, totp.step_at(now)))

    async def code(self, actor: Actor, drift: int = 0) -> str:
        """What the person's device shows, by the keyholder's legal clock."""
        step = totp.step_at((await self.keyholder.clocks()).legal.timestamp()) + drift
        return totp.code_at(self.secrets[actor.person], step)

    async def tender(self) -> Tender:
        async with self.database.begin(SETUP) as tx:
            return await tenders.tender(tx, self.tender_id)

    async def bidder(self, name: str) -> Actor:
        async with self.database.begin(SETUP) as tx:
            organisation = await identity.create_organisation(tx, name=name, kind="supplier", country="XM")
            person = await identity.create_person(tx, name=name, email=f"{organisation}@marrow.example")
            await identity.grant(tx, person, organisation, Role.SIGNATORY)
        return Actor(person=person, organisation=organisation, roles=frozenset({(organisation, Role.SIGNATORY)}))

    async def submit(self, bidder: Actor, bid: Bid, **envelope: object) -> str:
        """Store the parts and submit; returns the bid's id. `envelope` replaces fields of the envelope."""
        tender = await self.tender()
        for part in bid.parts:
            await parts.store_sealed(self.files, part)
        whole = Envelope(
            tender=tender.id,
            revision=tender.revision_hash,
            recipient=bid.recipient,
            blobs=bid.blobs(),
            locked=base64.b64encode(lock_identity(bid.identity, tender.keyholder_recipient)).decode(),
            sealed_by="client",
            client="test",
        )
        if self.holders and "locked" not in envelope:
            envelope |= await self.locked_to_all(bid)
        data = envelope_bytes(msgspec.structs.replace(whole, **envelope))
        async with self.database.begin(bidder) as tx:
            await parts.register(tx, tender.id, bid.blobs())
            offered = bids.Submission(
                tender=tender.id, envelope=data, version=bid.manifest.version, key=bid.recipient, request="a" * 64
            )
            return (await bids.submit(tx, RECEIPTS, offered)).bid.id

    async def sequence(self) -> None:
        await Sequencer(async_sessionmaker(self.ordering, expire_on_commit=False), self.ledger).run_once()

    async def move_to(self, moment: datetime, advance: Callable[[timedelta], Awaitable[None]]) -> None:
        """Move the database's and the keyholder's legal clocks, as one signed command does."""
        async with self.database.begin(SETUP) as tx:
            by = timedelta(seconds=-((tx.now - moment) // timedelta(seconds=1)))
            await advance(by)
            offset = await tx.clock() - tx.real_now
        whole = timedelta(seconds=round(offset.total_seconds()))
        statement = keyholder_rules.clock_statement(self.ledger.verifier.name, whole)
        await self.keyholder.move_clock(self.ledger.sign(statement))

    async def close_bidding(self, advance: Callable[[timedelta], Awaitable[None]]) -> None:
        opening_at = (await self.tender()).opening_at
        assert opening_at
        await self.move_to(opening_at + timedelta(seconds=2), advance)
        async with self.database.begin(CLOSER) as tx:
            await bids.close(tx, self.keyholder, self.tender_id)
        await self.sequence()

    async def request(self, actor: Actor, code: str = "") -> None:
        code = code or await self.code(actor)
        async with self.as_(actor) as tx:
            await service.request(tx, self.keyholder, self.tender_id, code)

    async def confirm(self, actor: Actor, code: str = "") -> None:
        code = code or await self.code(actor)
        async with self.as_(actor) as tx:
            await service.confirm(tx, self.keyholder, self.tender_id, code)

    async def open(self) -> None:
        """Both ask, and the worker's sweep does the rest."""
        await self.request(self.town.olga)
        await self.confirm(self.town.pia)
        await self.sweep()

    async def sweep(self) -> None:
        await jobs.sweep(self.database, self.keyholder, self.files)

    @asynccontextmanager
    async def as_(self, actor: Actor) -> AsyncIterator[Tx]:
        """A transaction of somebody who has just proved who they are."""
        async with self.database.begin(actor) as tx:
            tx.actor = msgspec.structs.replace(actor, stepped_up_at=tx.real_now)
            yield tx

    async def opened(self) -> tuple[OpenedBid, ...]:
        async with self.database.begin(OPENER) as tx:
            return await service.opened_bids(tx, self.tender_id)


async def read(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])
