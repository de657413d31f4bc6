"""Asking the other side for an object anew, and booking what it says: one function for each kind of thing to do.

Nothing here holds a transaction while it waits for an answer.
"""

from collections.abc import Awaitable, Callable

from procurement.infra.payments import Cards, Intent, Kind, SentBack, Session
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.payments.rules.cards import Attempt
from procurement.payments.service import sending
from procurement.payments.service.cards import attempts, settling, work
from procurement.payments.tables.charges import PaymentRow

ACTING = system("payments")

Look = Callable[[Database, Cards, str], Awaitable[None]]


async def look_at_attempt(database: Database, cards: Cards, attempt: Attempt) -> None:
    """What became of an attempt. One of which the other side knows nothing is over."""
    look = look_at_session if attempt.way == "page" else look_at_intent
    await look(database, cards, attempt.external)


async def look_at_session(database: Database, cards: Cards, name: str) -> None:
    session = await cards.session(name)
    intent = await cards.intent(session.intent) if session and session.intent else None
    await _book(database, session, intent, gone=name if session is None else "")


async def look_at_intent(database: Database, cards: Cards, name: str) -> None:
    """A payment on a page of ours is believed to be that only when the page itself says so."""
    intent = await cards.intent(name)
    async with database.begin(ACTING) as tx:
        attempt = await attempts.one(tx, intent.charge, intent.attempt) if intent and intent.charge else None
    on_page = attempt is not None and attempt.way == "page" and attempt.external and attempt.intent != name
    session = await cards.session(attempt.external) if attempt and on_page else None
    await _book(database, session, intent, gone=name if intent is None else "")


async def _book(database: Database, session: Session | None, intent: Intent | None, gone: str) -> None:
    async with database.begin(ACTING) as tx:
        if gone and (attempt := await attempts.by_external(tx, gone)):
            await attempts.end(tx, attempt)
        if session:
            await settling.settle_session(tx, session)
        if intent:
            await settling.settle_intent(tx, intent)


async def look_at_refund(database: Database, cards: Cards, name: str) -> None:
    if back := await cards.refund(name):
        await _book_refunds(database, [back])


async def look_at_refunds(database: Database, cards: Cards, name: str) -> None:
    """Every refund of one payment."""
    await _book_refunds(database, await cards.refunds_of(name))


async def _book_refunds(database: Database, found: list[SentBack]) -> None:
    for back in found:
        async with database.begin(ACTING) as tx:
            await settling.settle_refund(tx, back)


async def look_at_dispute(database: Database, cards: Cards, name: str) -> None:
    """Its payment first: the notice of that may still be on its way."""
    dispute = await cards.dispute(name)
    if dispute is None:
        return
    if dispute.intent:
        await look_at_intent(database, cards, dispute.intent)
    async with database.begin(ACTING) as tx:
        await settling.settle_dispute(tx, dispute)


async def look_at_payout(database: Database, cards: Cards, name: str) -> None:
    if payout := await cards.payout(name):
        async with database.begin(ACTING) as tx:
            await settling.settle_payout(tx, payout)


async def send_refund(database: Database, cards: Cards, refund_id: str) -> None:
    """Send an approved refund, once.

    The other side forgets the id under which it was asked after a day, and an answer may be lost for longer: so before
    each try it is looked whether the refund is there already. What it will not do is owed again.
    """
    try:
        async with database.begin(ACTING) as tx:
            refund = await sending.refund_begun(tx, refund_id)
            payment = await tx.session.get_one(PaymentRow, refund.payment)
    except Refused as no:
        if no.code == "refund-failed":  # called off, or told by a notice: there is nothing to send
            return
        raise
    if refund.state == "sent":
        return
    back = await _there(cards, payment.external, refund_id)
    try:
        back = back or await cards.send_refund(refund_id, payment.external, refund.money)
    except Refused as no:
        if no.code not in ("card-refused", "card-currency-unsupported"):
            raise
        back = await _there(cards, payment.external, refund_id)
    async with database.begin(ACTING) as tx:
        if back:
            await settling.settle_refund(tx, back)
        else:
            await sending.refund_failed(tx, refund_id, "The card service did not take it.")


async def _there(cards: Cards, intent: str, refund_id: str) -> SentBack | None:
    return next((back for back in await cards.refunds_of(intent) if back.refund == refund_id), None)


async def close_session(database: Database, cards: Cards, name: str) -> None:
    """Nobody can pay there any more; what was paid just before is booked."""
    await cards.close_session(name)
    await look_at_session(database, cards, name)


async def close_intent(database: Database, cards: Cards, name: str) -> None:
    await cards.close_intent(name)
    await look_at_intent(database, cards, name)


LOOKS: dict[str, Look] = {
    Kind.SESSION: look_at_session,
    Kind.INTENT: look_at_intent,
    Kind.REFUND: look_at_refund,
    Kind.REFUNDS: look_at_refunds,
    Kind.DISPUTE: look_at_dispute,
    Kind.PAYOUT: look_at_payout,
    work.CLOSE["page"]: close_session,
    work.CLOSE["program"]: close_intent,
    work.SEND_REFUND: send_refund,
}
