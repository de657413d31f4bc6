"""What follows from what was recorded, and from the clock."""

from procurement.infra.outbox import Handler
from procurement.notices.jobs import holders, money, news, people, telling

HANDLERS: tuple[Handler, ...] = (
    *telling.HANDLERS,
    *holders.HANDLERS,
    *money.HANDLERS,
    *news.HANDLERS,
    *people.HANDLERS,
)
