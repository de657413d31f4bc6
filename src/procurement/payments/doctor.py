"""What the doctor says about money: whether record, books and figures agree, and where transfers go."""

from sqlalchemy.exc import SQLAlchemyError

from procurement.infra.doctor import Check, Finding
from procurement.infra.doctor.finding import broken, ok
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.payments.service import transfer
from procurement.payments.service.agreement import differences
from procurement.settings import Settings

WHAT_NOW = "Find out who wrote to the database, and settle it with an entry of its own: docs/payments.md."


async def books(settings: Settings) -> list[Finding]:
    if not settings.database_url:
        return []
    database = Database(settings.database_url, Handlers())
    try:
        async with database.begin(system("doctor")) as tx:
            found = await differences(tx)
    except (OSError, SQLAlchemyError, ModuleNotFoundError):
        return []  # the check of the database says why it cannot be asked
    finally:
        await database.dispose()
    if found:
        return [broken("books", f"{one} {WHAT_NOW}") for one in found]
    return [ok("books", "the record, the books and the figures of charges agree.")]


async def transfers(settings: Settings) -> list[Finding]:
    """Whether anybody can pay by bank transfer, and to which account."""
    to = transfer.ours(settings)
    if to:
        return [ok("transfers", f"money goes to {to.account.masked}, held by {to.account.holder}.")]
    if settings.transfer_account:
        text = "TRANSFER_ACCOUNT is no valid IBAN, or TRANSFER_HOLDER is missing: nobody is offered to pay by transfer."
        return [broken("transfers", text)]
    return [ok("transfers", "nobody is offered to pay by transfer: TRANSFER_ACCOUNT is not set.")]


CHECKS: dict[str, Check] = {"books": books, "transfers": transfers}
