"""What follows from what was recorded, and from the clock."""

from procurement.infra.outbox import Handler

HANDLERS: tuple[Handler, ...] = ()
