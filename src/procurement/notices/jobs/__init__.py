"""What follows from what was recorded, and from the clock."""

from procurement.infra.outbox import Handler
from procurement.notices.jobs import news, people, telling

HANDLERS: tuple[Handler, ...] = (*telling.HANDLERS, *news.HANDLERS, *people.HANDLERS)
