"""A tender whose bids are opened, with its evaluators: where tests of evaluation, awards and contracts begin."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import msgspec
from sqlalchemy import text
from tendering import SETUP, Town, open_tender, settle_town

from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.state import Cell, Score
from procurement.identity import service as identity
from procurement.infra.files import Files
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender

Advance = Callable[[timedelta], Awaitable[None]]
DIGEST = "{:064x}"


class Scene:
    """Everything a test acts on. `bids` maps a supplier's first name to its bid id, `suppliers` to its signatory."""

    def __init__(self, database: Database, owner: asyncpg.Connection, town: Town, advance: Advance, data: Path) -> None:
        self.database, self.owner, self.town, self.advance = database, owner, town, advance
        self.files = Files.connect("", data)
        self.tender_id = ""
        self.bids: dict[str, str] = {}
        self.suppliers: dict[str, Actor] = {}
        self.eva = self.evan = Actor()

    def copied(self, database: Database, owner: asyncpg.Connection, advance: Advance, data: Path) -> "Scene":
        """The same scene in a copy of its database."""
        other = Scene(database, owner, self.town, advance, data)
        other.tender_id, other.bids, other.suppliers = self.tender_id, dict(self.bids), dict(self.suppliers)
        other.eva, other.evan = self.eva, self.evan
        return other

    @asynccontextmanager
    async def as_(self, actor: Actor) -> AsyncIterator[Tx]:
        """A transaction of somebody who has just proved who they are."""
        async with self.database.begin(actor) as tx:
            tx.actor = msgspec.structs.replace(actor, stepped_up_at=tx.real_now)
            yield tx

    async def refused(
        self, actor: Actor, act: Callable[..., Awaitable[object]], *given: object, **named: object
    ) -> str:
        """The code with which this act of this actor is refused."""
        try:
            async with self.as_(actor) as tx:
                await act(tx, *given, **named)
        except Refused as no:
            return no.code
        raise AssertionError("nothing was refused")

    async def tender(self) -> Tender:
        async with self.database.begin(SETUP) as tx:
            return await tenders.tender(tx, self.tender_id)

    async def facts(self) -> list[str]:
        """What was recorded about the tender since its publication, by type."""
        query = "SELECT type FROM ledger_record WHERE process LIKE '%' || $1 ORDER BY id"
        types = [row["type"] for row in await self.owner.fetch(query, self.tender_id)]
        return types[types.index("TenderPublished") + 1 :]

    async def person(self, name: str, organisation: str, role: Role) -> Actor:
        async with self.database.begin(SETUP) as tx:
            person = await identity.create_person(tx, name=name, email=f"{new_id()}@marrow.example")
            await identity.grant(tx, person, organisation, role)
        return Actor(person=person, organisation=organisation, roles=frozenset({(organisation, role)}))

    async def bid(self, name: str) -> None:
        """A supplier with a sealed bid; how one is really made is tested elsewhere."""
        async with self.database.begin(SETUP) as tx:
            supplier = await identity.create_organisation(tx, name=name, kind="supplier", country="XM")
        first = name.split()[0].lower()
        actor = self.suppliers[first] = await self.person(f"Signatory of {name}", supplier, Role.SIGNATORY)
        bid = self.bids[first] = new_id()
        await self.owner.execute("INSERT INTO bidder VALUES ($1, $2)", self.tender_id, supplier)
        await self.owner.execute(
            "INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256,"
            " digest, envelope, submitted_by) VALUES ($1, $2, $3, 1, 'single', 1, $1, '', $4, '', $5)",
            bid, self.tender_id, supplier, DIGEST.format(len(self.bids)), actor.person,
        )  # fmt: skip

    async def open(self, prices: dict[str, str]) -> None:
        """The latches and contents as closing and opening leave them; `prices` by the supplier's first name."""
        tender, olga, pia = await self.tender(), self.town.olga.person, self.town.pia.person
        await self.owner.execute("UPDATE tender SET closed_at = legal_now() WHERE id = $1", tender.id)
        await self.owner.execute(
            "INSERT INTO bid_closing VALUES ($1, $2, $3, '', 1)", tender.id, tender.deadline, len(prices)
        )
        await self.owner.execute(
            "INSERT INTO opening (tender_id, leaf, requested_by, requested_at, confirmed_by, confirmed_at, released_at,"
            " shown_at, record) VALUES ($1, $2, $3, $5, $4, $5, $5, $5, '')",
            tender.id, DIGEST.format(0), olga, pia, tender.opening_at,
        )  # fmt: skip
        for name, unit_price in prices.items():
            await self.owner.execute(
                "INSERT INTO opened_bid (bid_id, tender_id, supplier_id, version, digest, received_at, record_id,"
                " staged_at, prices) SELECT id, tender_id, supplier_id, version, digest, received_at, 1, $2, $3"
                " FROM bid WHERE id = $1",
                self.bids[name], tender.opening_at, price_list(tender, unit_price),
            )  # fmt: skip

    async def appoint(self, *, declare: bool = True) -> None:
        async with self.as_(self.town.olga) as tx:
            await evaluation.appoint(tx, self.tender_id, [self.eva.person, self.evan.person], self.eva.person)
        for evaluator in (self.eva, self.evan) if declare else ():
            async with self.as_(evaluator) as tx:
                await evaluation.declare(tx, self.tender_id, conflict=False)

    async def check(self, *failing: str) -> None:
        """Pass every bid but those named."""
        for name, bid in self.bids.items():
            async with self.as_(self.evan) as tx:
                ok = name not in failing
                reason = "Meets every requirement." if ok else "No proof of insurance."
                await evaluation.decide_compliance(tx, self.tender_id, bid, compliant=ok, reason=reason)

    async def cell(self, name: str) -> Cell:
        method = next(c for c in (await self.tender()).criteria if c.kind == "quality")
        return self.bids[name], method.id

    async def lock(self, evaluator: Actor, **scores: int) -> None:
        given = {await self.cell(name): Score(value, "Because of the night shifts.") for name, value in scores.items()}
        async with self.as_(evaluator) as tx:
            await evaluation.lock_scores(tx, self.tender_id, given)

    async def conclude(self) -> evaluation.EvaluationResult:
        async with self.as_(self.eva) as tx:
            return await evaluation.conclude(tx, self.files, self.tender_id)

    async def evaluated(self) -> evaluation.EvaluationResult:
        """Adler is the cheapest, Harbour has the best method and leads, Brightwater fails."""
        await self.appoint()
        await self.check("brightwater")
        await self.lock(self.eva, adler=5, harbour=9)
        await self.lock(self.evan, adler=5, harbour=9)
        return await self.conclude()


def price_list(tender: Tender, unit_price: str) -> str:
    item = tender.items[0]
    total = (item.quantity * Decimal(unit_price)).quantize(Decimal("0.01"))
    items = [{"item": item.id, "unit_price": unit_price}]
    return json.dumps({"currency": "EUR", "items": items, "lots": [{"lot": item.lot, "total": f"{total}"}]})


async def bidding(
    database: Database,
    owner: asyncpg.Connection,
    advance: Advance,
    data: Path,
    prices: dict[str, str],
    deposit: str = "",
) -> Scene:
    """A published tender that asks this deposit, in euros, with its evaluators and these bidders."""
    scene = Scene(database, owner, await settle_town(database), advance, data)
    scene.tender_id = await open_tender(database, scene.town, deposit=deposit)
    scene.eva = await scene.person("Eva Lind", scene.town.city, Role.EVALUATOR)
    scene.evan = await scene.person("Evan Ruiz", scene.town.city, Role.EVALUATOR)
    for name in prices:
        await scene.bid(name)
    return scene


async def opened(
    database: Database, owner: asyncpg.Connection, advance: Advance, data: Path, prices: dict[str, str]
) -> Scene:
    """A published tender whose deadline has passed and whose bids, at these unit prices, are opened."""
    scene = await bidding(database, owner, advance, data, prices)
    await advance(timedelta(days=31))
    await scene.open({name.split()[0].lower(): price for name, price in prices.items()})
    return scene


THREE = {"Adler Strassenbau": "90.00", "Harbour Paving": "100.00", "Brightwater Civil Ltd": "95.00"}


async def count(database: Database, table: str) -> int:
    async with database.begin(SETUP) as tx:
        return int(await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
