"""Carrying out what a line of a statement turned out to be, once: its identity is the id of this channel."""

from datetime import date, datetime

import msgspec
from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused
from procurement.payments.rules import transfers
from procurement.payments.rules.matching import Outcome, Verdict, Why
from procurement.payments.rules.statement import Line
from procurement.payments.service.disputes import dispute_closed, dispute_opened
from procurement.payments.service.receiving import receive
from procurement.payments.service.sending import refund_failed, refund_sent
from procurement.payments.service.transfer import Ours
from procurement.payments.tables.charges import PaymentRow

RETURNED = "The bank sent the transfer back."
TAKEN_BACK = "The bank took the transfer back."


async def settle(tx: Tx, to: Ours, line: Line, identity: str, verdict: Verdict) -> Verdict:
    """Book what is certain. What cannot be carried out after all is left for a person."""
    if verdict.outcome is Outcome.PERSON:
        return verdict
    async with tx.trying() as tried:
        return await _carried_out(tx, line, identity, verdict, real_moment(tx, to, line.booked_on))
    assert tried.refused
    return msgspec.structs.replace(verdict, outcome=Outcome.PERSON, why=Why.NOT_POSSIBLE)


async def _carried_out(tx: Tx, line: Line, identity: str, verdict: Verdict, at: datetime) -> Verdict:
    match verdict.outcome:
        case Outcome.PAID:
            booked = await receive(
                tx, charge=verdict.charge, money=line.money, channel="transfer", external=identity, at=at
            )
            return msgspec.structs.replace(verdict, payment=booked.payment)
        case Outcome.REFUND_SENT:
            await refund_sent(tx, verdict.refund, identity, at)
        case Outcome.REFUND_RETURNED:
            await refund_failed(tx, verdict.refund, RETURNED)
        case Outcome.TAKEN_BACK:
            await _take_back(tx, line, identity, verdict.payment, at)
        case other:
            raise Refused("line-settled", f"Nothing is carried out for {other}.")
    return verdict


async def _take_back(tx: Tx, line: Line, identity: str, payment: str, at: datetime) -> None:
    """The bank decided alone, so the dispute is over where it begins. What had left already is a loss."""
    channels_id = await tx.session.scalar(select(PaymentRow.external).where(PaymentRow.id == payment))
    money = line.money * -1
    await dispute_opened(
        tx, external=identity, payment=channels_id or "", money=money, reason=TAKEN_BACK, at=at, channel="transfer"
    )
    await dispute_closed(tx, external=identity, won=False, at=at, channel="transfer")


def real_moment(tx: Tx, to: Ours, booked_on: date) -> datetime:
    """When the money counts, as a moment of real time: banks book by the calendar of legal time."""
    return transfers.counts_from(booked_on, to.zone) - (tx.now - tx.real_now)
