"""What follows from facts about money: each channel's own jobs."""

from procurement.infra.outbox import Handler
from procurement.payments.jobs import cards, receipts

HANDLERS: tuple[Handler, ...] = (*cards.HANDLERS, *receipts.HANDLERS)
