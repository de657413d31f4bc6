"""However the steps of a procurement are tried, none is skipped and none comes back (ASVS 5.0: 2.3.1).

A random walk over the services themselves, as the people who may take each step: what the walk expects is one line a
step, what happens is decided by the program and the database.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, ClassVar

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tendering import Keys, Town, complete_draft

from procurement.awards import service as awards
from procurement.bids import service as bids
from procurement.evaluation import service as evaluation
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor, system
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.opening import service as opening
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
SHORT = settings(max_examples=12, stateful_step_count=9, deadline=None, derandomize=True, database=None,
                 phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
Advance = Callable[[timedelta], Awaitable[None]]
Act = Callable[[Tx], Awaitable[object]]


class Keyholder(Keys):
    """Nobody's code is ever right, so that nothing is opened."""

    async def assert_opening(self, *_: object) -> None:
        raise Refused("code-wrong", "This code is not right.", status=422)


class Procession(RuleBasedStateMachine):
    """`state` is where the tender has to be by what succeeded so far."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    database: ClassVar[Database]
    town: ClassVar[Town]
    advance: ClassVar[Advance]
    owner: ClassVar[asyncpg.Connection]
    reached: ClassVar[set[str]] = set()

    def wait(self, work: Coroutine[Any, Any, str]) -> str:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def attempt(self, actor: Actor, act: Act) -> str:
        """What became of it: "" or the code of the refusal."""

        async def attempted() -> str:
            try:
                async with self.database.begin(actor) as tx:
                    tx.actor = msgspec.structs.replace(actor, stepped_up_at=tx.real_now)
                    await act(tx)
            except Refused as no:
                return no.code
            return ""

        return self.wait(attempted())

    @initialize()
    def draft(self) -> None:
        self.keys, self.due, self.state, self.bid = Keyholder(), False, "draft", ""

        async def drafted() -> str:
            async with self.database.begin(self.town.olga) as tx:
                return await complete_draft(tx)

        self.tender = self.wait(drafted())

    def step(self, actor: Actor, act: Act, *, allowed: bool, then: str) -> None:
        refusal = self.attempt(actor, act)
        assert (refusal == "") == allowed, f"in state {self.state}: {refusal or 'it succeeded'}"
        self.state = then if allowed else self.state
        self.reached.add(self.state)

    @rule()
    def submit(self) -> None:
        self.step(self.town.olga, lambda tx: tenders.submit(tx, self.keys, self.tender),
                  allowed=self.state == "draft" and not self.due, then="submitted")  # fmt: skip

    @rule()
    def send_back(self) -> None:
        self.step(self.town.pia, lambda tx: tenders.send_back(tx, self.tender, "Say who pays for it."),
                  allowed=self.state == "submitted", then="draft")  # fmt: skip

    @rule()
    def publish(self) -> None:
        self.step(self.town.pia, lambda tx: tenders.approve(tx, self.keys, self.tender),
                  allowed=self.state == "submitted" and not self.due, then="open")  # fmt: skip
        if self.state == "open" and not self.bid:
            self.bid = self.wait(self._one_bid())

    async def _one_bid(self) -> str:
        """A sealed bid; how one is really made is tested elsewhere. Without any a tender may end unopened."""
        bid, bidder = new_id(), self.town.ines
        await self.owner.execute("INSERT INTO bidder VALUES ($1, $2)", self.tender, bidder.organisation)
        await self.owner.execute(
            "INSERT INTO bid (id, tender_id, supplier_id, round, kind, version, idempotency_key, request_sha256,"
            " digest, envelope, submitted_by) VALUES ($1, $2, $3, 1, 'single', 1, $1, '', $4, '', $5)",
            bid, self.tender, bidder.organisation, hashlib.sha256(bid.encode()).hexdigest(), bidder.person,
        )  # fmt: skip
        return bid

    @rule()
    def pass_the_deadline(self) -> None:
        async def moved() -> str:
            await self.advance(timedelta(days=31))
            return "due"

        self.due = self.wait(moved()) == "due"

    @rule()
    def close(self) -> None:
        self.step(system("closing"), lambda tx: bids.close(tx, self.keys, self.tender),
                  allowed=self.state == "closed" or (self.state == "open" and self.due), then="closed")  # fmt: skip

    @rule(act=st.sampled_from(["publish alone", "open", "confirm", "evaluate", "award"]))
    def skip_ahead(self, act: str) -> None:
        actor = self.town.pia if act == "confirm" else self.town.olga
        self.step(actor, lambda tx: self._ahead(tx, act), allowed=False, then="")

    async def _ahead(self, tx: Tx, act: str) -> None:
        someone = self.town.otto.person
        match act:
            case "publish alone":
                await tenders.approve(tx, self.keys, self.tender)
            case "open":
                await opening.request(tx, self.keys, self.tender, "000000")
            case "confirm":
                await opening.confirm(tx, self.keys, self.tender, "000000")
            case "evaluate":
                await evaluation.appoint(tx, self.tender, [someone], someone)
            case _:
                lot = (await tenders.tender(tx, self.tender)).lots[0].id
                await awards.propose(tx, self.tender, awards.Choice(lot), "The best of all.")

    @rule()
    def go_on(self) -> None:
        """What would come next, so that walks get far."""
        if self.state == "open" and not self.due:
            self.pass_the_deadline()
        else:
            {"draft": self.submit, "submitted": self.publish}.get(self.state, self.close)()

    @rule()
    def cancel(self) -> None:
        self.step(self.town.olga, lambda tx: tenders.cancel(tx, self.tender, "The money was cut by council."),
                  allowed=self.state in ("open", "closed"), then="cancelled")  # fmt: skip

    @invariant()
    def the_database_says_so_too(self) -> None:
        async def stored() -> str:
            async with self.database.begin(self.town.olga) as tx:
                found = await tenders.tender(tx, self.tender)
            assert (found.closed_at is not None) <= (self.state in ("closed", "cancelled"))
            return "closed" if found.state == "open" and found.closed_at else found.state

        if hasattr(self, "tender"):
            assert self.wait(stored()) == self.state


async def test_no_walk_skips_a_step(
    database: Database, town: Town, advance: Advance, owner: asyncpg.Connection
) -> None:
    class Walk(Procession):
        pass

    Walk.loop, Walk.database, Walk.town, Walk.owner = asyncio.get_running_loop(), database, town, owner
    Walk.advance = staticmethod(advance)
    Walk.reached = set()
    await asyncio.to_thread(run_state_machine_as_test, Walk, settings=SHORT)
    assert {"submitted", "open", "closed"} <= Walk.reached
    kinds = {row["type"] for row in await owner.fetch("SELECT DISTINCT type FROM ledger_record")}
    assert not kinds & {"BidsOpened", "OpeningRequested", "EvaluatorsAppointed", "AwardAnnounced"}
