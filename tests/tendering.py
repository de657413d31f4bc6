"""A small town that tenders: its people, a draft that is complete, and a keyholder that answers at once."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import msgspec
from settled import TOWNS

from procurement.identity import service as identity
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import sessions, tokens
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor, system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_key import opening_key, sign_opening_key
from procurement.keyholder.protocol import Bound, Clocks, Opening
from procurement.rulebooks import service as rulebooks
from procurement.tenders import service as tenders
from procurement.tenders.rules import inputs

MODEL_LAW = (Path(__file__).parents[1] / "fixtures" / "rulebooks" / "model-law.toml").read_bytes()
PROPOSALS = b"""
[procedures.request-for-proposals]
title = "Request for proposals"
ocds_method = "open"
envelopes = ["technical", "financial"]
rounds = 1
least_quality = "0.60"
source = "article 47"
"""
TWO_ENVELOPES = MODEL_LAW + (b"" if b"request-for-proposals" in MODEL_LAW else PROPOSALS)
SETUP = system("setup")
PREFIX = "ocds-xmarrow"
MONTH = timedelta(days=30)
NEXT_YEAR = datetime.now(UTC).year + 1


SIGNS = SignerKey("keyholder", b"h" * 32)


class Keys:
    """A keyholder that remembers to what it was bound, and signs it; `answers` false makes it silent. The bids of each
    kind are locked to `recipients` of that name, or to one that nobody has the identity of."""

    def __init__(self, **recipients: str) -> None:
        self.bound: dict[str, datetime] = {}
        self.answers, self.recipients = True, recipients

    async def clocks(self) -> Clocks:
        now = datetime.now(UTC)
        return Clocks(real=now, legal=now, sandbox=True, key=str(SIGNS.verifier))

    async def identity(self, opening: Opening, not_before: datetime) -> Bound:
        return await self.postpone(opening, not_before)

    async def postpone(self, opening: Opening, not_before: datetime) -> Bound:
        if not self.answers:
            raise Refused("unavailable", "The keyholder does not answer.", status=503)
        self.bound[opening.tender] = not_before
        recipient = self.recipients.get(opening.kind, "age1" + "q" * 58)
        signed = sign_opening_key(SIGNS.private, opening_key(opening, recipient, not_before))
        return Bound(recipient, not_before, signed.signature)


class Town(msgspec.Struct):
    """Ids of organisations, and actors by first name."""

    city: str
    roads: str
    harbour: str
    olga: Actor  # officer of the city
    otto: Actor  # another officer of the city
    pia: Actor  # approver of the city
    omar: Actor  # officer and approver of the city
    rosa: Actor  # officer and approver of the roads agency
    ines: Actor  # signatory of Harbour Paving
    ada: Actor  # administrator
    abel: Actor  # administrator
    audun: Actor  # auditor


async def settle_town(database: Database, *, rules: bytes = MODEL_LAW) -> Town:
    """Make the town and put its rulebook in force, unless the database came with it."""
    if rules is MODEL_LAW and (there := TOWNS.pop(str(database.engine.url.database), None)):
        return there
    async with database.begin(SETUP) as tx:
        made = {}
        for key, name, kind in (
            ("city", "City of Marrow", "buyer"),
            ("roads", "Roads Agency", "buyer"),
            ("harbour", "Harbour Paving Co-operative", "supplier"),
            ("house", "Office of Public Procurement", "oversight"),
        ):
            made[key] = await identity.create_organisation(tx, name=name, kind=kind, country="XM")
        people = {
            "olga": (made["city"], Role.OFFICER),
            "otto": (made["city"], Role.OFFICER),
            "pia": (made["city"], Role.APPROVER),
            "omar": (made["city"], Role.OFFICER, Role.APPROVER),
            "rosa": (made["roads"], Role.OFFICER, Role.APPROVER),
            "ines": (made["harbour"], Role.SIGNATORY),
            "ada": (made["house"], Role.ADMINISTRATOR),
            "abel": (made["house"], Role.ADMINISTRATOR),
            "audun": (made["house"], Role.AUDITOR),
        }
        actors = {}
        for name, (organisation, *roles) in people.items():
            person = await identity.create_person(tx, name=name.title(), email=f"{name}@marrow.example")
            for role in roles:
                await identity.grant(tx, person, organisation, role)
            held = frozenset((organisation, role) for role in roles)
            actors[name] = Actor(person=person, roles=held, organisation=organisation)
    town = Town(city=made["city"], roads=made["roads"], harbour=made["harbour"], **actors)
    await enforce(database, town, rules)
    return town


async def enforce(database: Database, town: Town, rules: bytes) -> str:
    """Put a rulebook in force, by two people; returns its id."""
    async with database.begin(town.ada) as tx:
        rulebook = await rulebooks.load(tx, rules)
        await rulebooks.propose(tx, rulebook.id)
    async with database.begin(town.abel) as tx:
        await rulebooks.activate(tx, rulebook.id)
    return rulebook.id


async def complete_draft(tx: Tx, deposit: str = "", procedure: str = "", more_lots: Sequence[str] = ()) -> str:
    """A draft of the organisation acted for that may be submitted as it is; `deposit` in euros. `more_lots` are titles
    beside the one lot that there is, and then each lot is judged by a method of its own."""
    tender = await tenders.create(
        tx, inputs.New(title="Resurfacing of Harbour Road", category="works"), ocid_prefix=PREFIX
    )
    await tenders.save_about(
        tx,
        tender,
        inputs.About(
            title="Resurfacing of Harbour Road",
            category="works",
            description="New asphalt between the quay and the fish market.",
            value="1240000.00",
            contract_terms="Works finished within 90 days of the order; payment within 30 days of acceptance.",
            deposit=deposit,
            procedure=procedure,
        ),
    )
    first = (await tenders.tender(tx, tender)).lots[0].id
    lots = [first, *[await tenders.save_lot(tx, tender, inputs.LotInput(title=title)) for title in more_lots]]
    for lot in lots:
        await tenders.save_item(
            tx,
            tender,
            inputs.ItemInput(
                lot=lot,
                description="Asphalt, laid",
                classification_id="45233222-1",
                quantity=Decimal("12500.5"),
                unit="m2",
                place="Marrow",
            ),
        )
    await tenders.choose_award_method(tx, tender, "weighted")
    for name, kind, weight in (("Price", "price", 60), ("Method", "quality", 40), ("Insured", "pass-fail", 0)):
        for lot in lots if more_lots and kind == "quality" else ("",):
            criterion = inputs.CriterionInput(name=name, kind=kind, weight=Decimal(weight), lot=lot)
            await tenders.save_criterion(tx, tender, criterion)
    await tenders.set_deadline(tx, tender, (tx.now + MONTH).replace(second=0, microsecond=0))
    return tender


async def open_tender(
    database: Database,
    town: Town,
    keys: Keys | None = None,
    deposit: str = "",
    procedure: str = "",
    more_lots: Sequence[str] = (),
) -> str:
    """A tender of the city, published by two people."""
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx, deposit, procedure, more_lots)
        await tenders.submit(tx, keys or Keys(), tender)
    async with database.begin(town.pia) as tx:
        await tenders.approve(tx, keys or Keys(), tender)
    return tender


async def refused(database: Database, actor: Actor, act: Callable[[Tx], Awaitable[object]]) -> str:
    """The code with which this act of this actor is refused."""
    try:
        async with database.begin(actor) as tx:
            await act(tx)
    except Refused as no:
        return no.code
    raise AssertionError("nothing was refused")


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


class Visitor:
    """A browser, signed in as somebody of the town or as nobody: opens pages, sends their forms."""

    def __init__(self, client: httpx.AsyncClient, session: str = "") -> None:
        self.client, self.token = client, ""
        if session:
            self.client.cookies.set("session", session)

    async def get(self, path: str) -> httpx.Response:
        answer = await self.client.get(path)
        if found := re.search(r'name="_token" value="(\w*)"', answer.text):
            self.token = found[1]
        return answer

    async def send(self, page: str, to: str = "", **fields: object) -> httpx.Response:
        """Open a page and send a form from it; the answer is not followed."""
        await self.get(page)
        return await self.client.post(to or page, data={"_token": self.token, **fields})

    async def upload(self, page: str, name: str, content: bytes) -> httpx.Response:
        await self.get(page)
        token = {"_token": (None, self.token)}  # a part without a file name, before the file
        return await self.client.post(page, files={**token, "file": (name, content)})


async def visitor(database: Database, client: httpx.AsyncClient, actor: Actor | None) -> Visitor:
    """Another browser on the service that `client` reaches."""
    transport = client._transport  # httpx has no public name for it
    another = httpx.AsyncClient(transport=transport, base_url=str(client.base_url))
    if actor is None:
        return Visitor(another)
    async with database.begin(SETUP) as tx:
        return Visitor(another, await sessions.open_session(tx, actor.person, "test", proved_by=ProvedBy.CODE))


async def program(database: Database, client: httpx.AsyncClient, actor: Actor) -> httpx.AsyncClient:
    """A program that acts for somebody of the town."""
    async with database.begin(actor) as tx:
        tx.actor = msgspec.structs.replace(actor, stepped_up_at=tx.real_now)
        bearer = await tokens.issue(tx, "test", 1)
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx.AsyncClient(transport=client._transport, base_url=str(client.base_url), headers=headers)
