"""Any order of events, told twice or late, in currencies with none, two and three decimals: the books stay right.

BOOKS_EXAMPLES sets how many stories are tried (`make books`).
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import anyio.to_thread
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as tried
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)
from treasuring import CHANNEL, Treasury, fresh

from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments import service as payments
from procurement.payments.rules.books import Account
from procurement.payments.service.agreement import differences
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

EXAMPLES = int(os.environ.get("BOOKS_EXAMPLES", "4"))
HOW = tried(
    max_examples=EXAMPLES,
    stateful_step_count=24,
    deadline=None,
    derandomize=EXAMPLES < 10,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=(Phase.generate,),  # all stories share one database: a shorter one would be told another ending
)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
AMOUNTS = st.sampled_from([1, 999, 100_00, 4_999_99, 6_000_00])
MONEY_IS = (Account.CARD_BALANCE, Account.BANK, Account.DISPUTED)


class Books(RuleBasedStateMachine):
    """`came` and `left` count what the outside world told, once for each of its own ids."""

    charges: Bundle[Any] = Bundle("charges")
    paid: Bundle[Any] = Bundle("paid")
    refunds: Bundle[Any] = Bundle("refunds")
    forfeitures: Bundle[Any] = Bundle("forfeitures")
    disputes: Bundle[Any] = Bundle("disputes")

    def __init__(self, runner: asyncio.Runner, database: Database, treasury: Treasury) -> None:
        super().__init__()
        self.runner, self.database, self.treasury = runner, database, treasury
        self.before = self.run(CHANNEL, payments.balances) or []
        self.came: Counter[str] = Counter()
        self.left: Counter[str] = Counter()

    def run(self, who: Actor, act: Callable[[Tx], Awaitable[Any]]) -> Any:
        """What the act gives; None where it is refused."""

        async def once() -> Any:
            async with self.database.begin(who) as tx:
                if who.person:
                    tx.actor = fresh(who, tx)
                return await act(tx)

        try:
            return self.runner.run(once())
        except Refused:
            return None

    @initialize(target=charges, currency=CURRENCIES, amount=AMOUNTS)
    def begin(self, currency: str, amount: int) -> Any:
        """Each story has something to tell: a charge that was paid twice, so that half is on its way back."""
        charge = self._ask(amount, currency, "deposit")
        self._receive(charge.id, Money(amount * 2, currency), "card", 2)
        return charge

    @rule(target=charges, amount=AMOUNTS, currency=CURRENCIES, purpose=st.sampled_from(["deposit", "challenge-fee"]))
    def ask(self, amount: int, currency: str, purpose: Any) -> Any:
        return self._ask(amount, currency, purpose)

    def _ask(self, amount: int, currency: str, purpose: Any) -> Any:
        town = self.treasury.town
        about = {"subject": new_id(), "process": "", "title": "Deposit", "payer": town.harbour, "payee": town.city}
        return self.run(
            town.ines, lambda tx: payments.ask(tx, purpose=purpose, amount=Money(amount, currency), **about)
        )

    @rule(
        target=paid,
        charge=charges,
        amount=AMOUNTS,
        channel=st.sampled_from(["card", "transfer"]),
        times=st.integers(1, 2),
    )
    def pay(self, charge: payments.Charge, amount: int, channel: Any, times: int) -> Any:
        return self._receive(charge.id, Money(amount, charge.amount.currency), channel, times)

    @rule(target=paid, amount=AMOUNTS, currency=CURRENCIES)
    def pay_without_a_word(self, amount: int, currency: str) -> Any:
        return self._receive(None, Money(amount, currency), "transfer", 1)

    def _receive(self, charge: str | None, money: Money, channel: Any, times: int) -> Any:
        external = new_id()
        for _ in range(times):
            got = self.run(
                CHANNEL,
                lambda tx: payments.receive(
                    tx, charge=charge, money=money, channel=channel, external=external, at=tx.real_now
                ),
            )
        self.came[money.currency] += money.amount
        return got.payment, external, money, channel

    @rule(paid=paid, charge=charges)
    def match(self, paid: Any, charge: payments.Charge) -> None:
        self.run(self.treasury.mary, lambda tx: payments.match(tx, paid[0], charge.id))

    @rule(target=refunds, charge=charges, amount=AMOUNTS)
    def ask_back(self, charge: payments.Charge, amount: int) -> Any:
        money = Money(amount, charge.amount.currency)
        made = self.run(self.treasury.mary, lambda tx: payments.ask_refund(tx, charge.id, money, "Because."))
        return multiple(*(one.id for one in made or ()))

    @rule(target=refunds, paid=paid)
    def return_unmatched(self, paid: Any) -> Any:
        made = self.run(self.treasury.mary, lambda tx: payments.return_payment(tx, paid[0], "Whose?"))
        return multiple(*([made.id] if made else []))

    @rule(target=refunds, charge=charges)
    def release(self, charge: payments.Charge) -> Any:
        about = {"purpose": charge.purpose, "subject": charge.subject, "reason": "Over.", "basis": "17(3)"}
        made = self.run(CHANNEL, lambda tx: payments.release(tx, **about))
        return multiple(*(one.id for one in made or ()))

    @rule(refund=refunds, second=st.booleans())
    def approve(self, refund: str, second: bool) -> None:
        who = self.treasury.noor if second else self.treasury.mary
        self.run(who, lambda tx: payments.approve_refund(tx, refund))

    @rule(refund=refunds)
    def refuse(self, refund: str) -> None:
        self.run(self.treasury.noor, lambda tx: payments.refuse_refund(tx, refund, "No."))

    @rule(refund=refunds, times=st.integers(1, 2))
    def send(self, refund: str, times: int) -> None:
        was = self._state(refund)
        for _ in range(times):
            self.run(CHANNEL, lambda tx: payments.refund_sent(tx, refund, f"re_{refund}", tx.real_now))
        now = self._state(refund)
        if was.state != "sent" and now.state == "sent":
            self.left[now.money.currency] += now.money.amount

    @rule(refund=refunds)
    def fail(self, refund: str) -> None:
        was = self._state(refund)
        self.run(CHANNEL, lambda tx: payments.refund_failed(tx, refund, "Closed."))
        if was.state == "sent":
            self.left[was.money.currency] -= was.money.amount

    def _state(self, refund: str) -> Any:
        return self.run(CHANNEL, lambda tx: payments.refund(tx, refund))

    @rule(target=forfeitures, charge=charges)
    def ask_to_keep(self, charge: payments.Charge) -> Any:
        made = self.run(
            self.treasury.mary, lambda tx: payments.ask_forfeiture(tx, charge.id, charge.amount, "Unsigned.", "17(1)")
        )
        return multiple(*([made.id] if made else []))

    @rule(kept=consumes(forfeitures), agreed=st.booleans())
    def decide_to_keep(self, kept: str, agreed: bool) -> None:
        decide = payments.approve_forfeiture if agreed else lambda tx, id_: payments.refuse_forfeiture(tx, id_, "No.")
        self.run(self.treasury.noor, lambda tx: decide(tx, kept))

    @rule(charge=charges)
    def earn(self, charge: payments.Charge) -> None:
        self.run(CHANNEL, lambda tx: payments.earn(tx, charge.id, basis="dismissed"))

    @rule(target=disputes, paid=paid)
    def dispute(self, paid: Any) -> Any:
        _, external, money, channel = paid
        about = {"external": new_id(), "payment": external, "money": money, "reason": "fraudulent", "channel": channel}
        for _ in range(2):
            self.run(CHANNEL, lambda tx: payments.dispute_opened(tx, **about, at=tx.real_now))
        return about

    @rule(dispute=consumes(disputes), won=st.booleans(), again=st.booleans())
    def close(self, dispute: Any, won: bool, again: bool) -> None:
        about = {"external": dispute["external"], "channel": dispute["channel"]}
        for end in [won, not won] if again else [won]:
            self.run(CHANNEL, lambda tx, end=end: payments.dispute_closed(tx, **about, won=end, at=tx.real_now))
        if not won:
            self.left[dispute["money"].currency] += dispute["money"].amount

    @rule(amount=AMOUNTS, currency=CURRENCIES, failed=st.booleans())
    def settle(self, amount: int, currency: str, failed: bool) -> None:
        money, external = Money(amount, currency), new_id()
        for act in [payments.payout, payments.fee, payments.payout, *([payments.payout_failed] if failed else [])]:
            self.run(CHANNEL, lambda tx, act=act: act(tx, external=external, money=money, at=tx.real_now))
        self.left[currency] += amount  # the fee

    def teardown(self) -> None:
        assert self.run(CHANNEL, differences) == []
        there: Counter[str] = Counter()
        for sign, balances in ((1, self.run(CHANNEL, payments.balances)), (-1, self.before)):
            for one in balances:
                there[one.money.currency] += sign * one.money.amount * (one.account in MONEY_IS)
        for currency in {*self.came, *self.left}:
            assert there[currency] == self.came[currency] - self.left[currency], "something was booked twice, or never"


async def test_any_order_of_events_leaves_the_books_right(settings: Settings, treasury: Treasury) -> None:
    def run() -> None:
        with asyncio.Runner() as runner:
            database = Database(settings.database_url, Handlers())
            run_state_machine_as_test(lambda: Books(runner, database, treasury), settings=HOW)
            runner.run(database.dispose())

    await anyio.to_thread.run_sync(run)
