"""What follows from facts about money: each channel's own jobs."""

from procurement.infra.outbox import Handler

HANDLERS: tuple[Handler, ...] = ()
