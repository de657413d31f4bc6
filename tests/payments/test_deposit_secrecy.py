"""Before the opening nobody but payer and treasury can tell that somebody was asked for a deposit, or paid it."""

import re
from collections.abc import Iterable

import asyncpg
import httpx
import pytest
from banking import follow_up, sequence
from prometheus_client import generate_latest
from tendering import SETUP, Town, Visitor, open_tender, program, visitor
from treasuring import CHANNEL, Treasury

from procurement.bids.service import deposits
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.fact import Fact
from procurement.kernel.money import Money
from procurement.notices.rules.webhook import public_types
from procurement.payments import service as payments
from procurement.payments.rules import facts
from procurement.payments.service.movements import movements
from procurement.settings import Settings
from procurement.tenders import service as tenders
from procurement.tenders.service.deposits import release

pytestmark = pytest.mark.anyio

ASKED = Money(100_000, "EUR")
GROWING = ("/", "/ledger", "/feed", "/record")  # they show how long the log is, which grows: docs/sealing-limits.md
CHANGES = re.compile(
    r'name="_token" value="\w*"|"now":"[^"]*"|"(?:next|head)":[0-9]+|\?v=\w+|nonce-[\w+/=]+'
    r"|\b[0-9a-f]{16}\b|\b[0-9a-f]{64}\b"
)
"""What differs from one answer to the next anyway: tokens, the number of an answer, the length of the log."""


def public(tender: str, ocid: str, harbour: str) -> list[str]:
    """Wherever a deposit could show to everybody alike, for people and for programs."""
    own = f"/tenders/{tender}"
    return [
        *(own + page for page in ("/record", "/questions", "/feed.atom", "/calendar.ics")),
        "/", "/tenders", f"/suppliers/{harbour}", f"/ocds/record/{ocid}", f"/ocds/releases/{ocid}",
        f"/api/v1{own}", "/api/v1/notices", "/ledger", "/api/v1/feed",
    ]  # fmt: skip


def personal(tender: str, ocid: str) -> list[str]:
    """Wherever it could show to some."""
    own = f"/tenders/{tender}"
    pages = ("", "/opening", "/draft", "/draft/check", "/amend", "/bid", "/bid/deposit", "/evaluation")
    return [
        *(own + page for page in pages),
        "/desk", "/desk/acts", "/desk/tenders", "/inbox", "/following", "/account/data", "/organisation", "/retention",
        "/payments", "/payments/receipts", "/treasury", "/treasury/charges", f"/api/v1{own}/opening",
        f"/api/v1{own}/bid", "/api/v1/charges", "/api/v1/treasury/charges", "/api/v1/desk",
        f"/api/v1/feed?after=-1&process={ocid}",
    ]  # fmt: skip


class Spy:
    """Somebody with a browser and a program, and what all of these answered."""

    def __init__(self, name: str, browser: Visitor, agent: httpx.AsyncClient | None) -> None:
        self.name, self.browser, self.agent = name, browser, agent

    async def look(self, where: Iterable[str]) -> dict[str, str]:
        seen = {}
        for path in where:
            through = self.agent if self.agent and path.startswith("/api/") else self.browser.client
            answer = await through.get(path)
            seen[path] = f"{answer.status_code} " + CHANGES.sub("", answer.text)
        return seen


async def spies(database: Database, client: httpx.AsyncClient, treasury: Treasury) -> list[Spy]:
    town = treasury.town
    people: dict[str, Actor | None] = {
        "visitor": None, "officer": town.olga, "approver": town.pia, "rival": treasury.zeno,
        "administrator": town.ada, "auditor": town.audun,
    }  # fmt: skip
    return [
        Spy(name, await visitor(database, client, one), await program(database, client, one) if one else None)
        for name, one in people.items()
    ]


async def stop_the_clock(owner: asyncpg.Connection) -> None:
    """Pages that count the seconds are the same as long as the legal clock stands."""
    now = await owner.fetchval("SELECT legal_now()")
    await owner.execute(
        "CREATE OR REPLACE FUNCTION legal_now() RETURNS timestamptz LANGUAGE sql VOLATILE "
        f"SET search_path = pg_catalog, pg_temp AS $$ SELECT timestamptz '{now.isoformat()}' $$"
    )


async def pay_and_withdraw(database: Database, town: Town, tender: str) -> set[str]:
    """The whole life of a deposit before the opening; returns every name that it has anywhere."""
    async with database.begin(town.ines) as tx:
        charge = await deposits.ask(tx, tender)
    async with database.begin(CHANNEL) as tx:
        paid = await payments.receive(
            tx, charge=charge.id, money=ASKED, channel="transfer", external="statement-1", at=tx.real_now
        )
    await follow_up(database)
    async with database.begin(CHANNEL) as tx:
        await release(tx, tender, "The bid was withdrawn before the deadline.", [town.harbour])
    await follow_up(database)
    async with database.begin(CHANNEL) as tx:
        moved = await movements(tx, await payments.charge(tx, charge.id))
    return {charge.id, charge.reference, charge.shown_reference, paid.payment, *(one.id for one in moved)}


async def test_nobody_else_can_tell(
    database: Database, client: httpx.AsyncClient, owner: asyncpg.Connection, settings: Settings, treasury: Treasury
) -> None:
    town = treasury.town
    tender = await open_tender(database, town, deposit="1000")
    await follow_up(database)
    await sequence(settings)
    await stop_the_clock(owner)
    async with database.begin(SETUP) as tx:
        ocid = await tenders.ocid(tx, tender)
    some, everybody = personal(tender, ocid), public(tender, ocid, town.harbour)
    watching = await spies(database, client, treasury)
    before = {spy.name: await spy.look(some if spy.agent else some + everybody) for spy in watching}
    names = await pay_and_withdraw(database, town, tender)
    assert len(names) >= 5
    await sequence(settings)
    types = {one.__name__ for one in _facts()}
    for spy in watching:
        after = await spy.look([*before[spy.name], *(f"/payments/{name}" for name in names)])
        for path, seen in after.items():
            if path in before[spy.name] and not path.endswith(GROWING):
                assert seen == before[spy.name][path], f"{spy.name} sees a change in {path}"
            body = seen if path in before[spy.name] else ""
            assert not [name for name in names | types if name in body], f"{spy.name} reads of it in {path}"
        assert {after[path][:3] for path in after if path not in before[spy.name]} <= {"200", "303", "403", "404"}
    assert not [name for name in names if name in generate_latest().decode()]


async def test_the_payer_and_the_treasury_do_see_it(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    """Or the test above would look in the wrong places."""
    town = treasury.town
    tender = await open_tender(database, town, deposit="1000")
    names = await pay_and_withdraw(database, town, tender)
    async with database.begin(town.ines) as tx:
        mine = await payments.mine(tx, "deposit", tender)
    assert mine and mine.id in names
    ines, mary = await visitor(database, client, town.ines), await visitor(database, client, treasury.mary)
    assert mine.id in (await ines.get("/payments")).text
    assert mine.shown_reference in (await ines.get(f"/payments/{mine.id}")).text
    assert mine.id in (await mary.get("/treasury/charges")).text
    zeno = await visitor(database, client, treasury.zeno)
    assert (await zeno.get(f"/payments/{mine.id}")).status_code == 404
    agent = await program(database, client, treasury.zeno)
    assert (await agent.get(f"/api/v1/charges/{mine.id}")).status_code == 404


def test_no_fact_of_money_is_public_or_goes_to_webhooks() -> None:
    assert _facts()
    assert not {one.__name__ for one in _facts()} & public_types()


def _facts() -> list[type[Fact]]:
    found = [one for one in vars(facts).values() if isinstance(one, type) and issubclass(one, Fact)]
    return [one for one in found if one is not Fact]
