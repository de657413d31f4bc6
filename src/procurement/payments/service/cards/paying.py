"""Beginning to pay by card, and coming back from it.

Three steps: the attempt is written down and committed; the other side is asked, with no transaction open and under an
id made of our own; what it said is written down. Whatever dies in between, asking again does nothing twice.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from procurement.infra.payments import Cards, Intent, Order, Session, absent
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.refusal import Refused
from procurement.payments.rules.cards import Attempt, processing
from procurement.payments.service import reading
from procurement.payments.service.cards import attempts, looking

T = TypeVar("T")


async def open_page(database: Database, actor: Actor, cards: Cards | None, charge_id: str, back: str) -> str:
    """The address of the page on which this person pays. `back` is ours, to which the browser returns.

    Two clicks and two tabs are led to the same page. Refused as `attempts.begin`; ("card-absent", 404),
    ("card-unreachable", 503), ("card-processing"), ("card-attempt-over").
    """
    if cards is None:
        raise absent()
    async with database.begin(actor) as tx:
        attempt = await attempts.begin(tx, charge_id, "page")
        said = (await reading.charge(tx, charge_id)).shown_reference
    if attempt.external:
        known = await cards.session(attempt.external)
        if known and known.state == "open":
            return known.url
        await _over(database, cards, attempt, known)
        async with database.begin(actor) as tx:
            attempt = await attempts.begin(tx, charge_id, "page")
    order = Order(
        charge=charge_id, attempt=attempt.number, money=attempt.money, said=said, back=back, until=attempt.until
    )
    session = await _tried(database, attempt, lambda: cards.open_session(order))
    async with database.begin(actor) as tx:
        good = await attempts.opened(tx, attempt, session.id)
    if not good:
        raise attempts.over()
    return session.url


async def ask_intent(database: Database, actor: Actor, cards: Cards | None, charge_id: str) -> tuple[Intent, datetime]:
    """A payment for a program of the payer, with its secret, which is told this once; and until when, in real time.

    Refused as `open_page`.
    """
    if cards is None:
        raise absent()
    async with database.begin(actor) as tx:
        attempt = await attempts.begin(tx, charge_id, "program")
    order = Order(charge=charge_id, attempt=attempt.number, money=attempt.money)
    intent = await _tried(database, attempt, lambda: cards.open_intent(order))
    async with database.begin(actor) as tx:
        good = await attempts.opened(tx, attempt, intent.id, intent.id)
    if not good:
        raise attempts.over()
    return intent, attempt.until


async def come_back(database: Database, cards: Cards, charge_id: str) -> None:
    """The browser is back, whatever it says: what became of the newest attempt is asked for anew, and booked.

    Refused("card-unreachable", 503): then it is booked as soon as the other side answers.
    """
    async with database.begin(looking.ACTING) as tx:
        attempt = await attempts.newest(tx, charge_id)
    if attempt and attempt.external and attempt.under_way:
        await looking.look_at_attempt(database, cards, attempt)


async def _over(database: Database, cards: Cards, attempt: Attempt, known: Session | None) -> None:
    """The page that was open before is not any more. Refused("card-processing") where it was paid."""
    if known is None or known.state == "expired":
        async with database.begin(looking.ACTING) as tx:
            await attempts.end(tx, attempt)
        return
    await looking.look_at_attempt(database, cards, attempt)
    raise processing()


async def _tried(database: Database, attempt: Attempt, ask: Callable[[], Awaitable[T]]) -> T:
    """An attempt that could not be begun is over: its page, if there is one, was shown to nobody."""
    try:
        return await ask()
    except Refused as no:
        async with database.begin(looking.ACTING) as tx:
            await attempts.end(tx, attempt, no.code)
        raise
