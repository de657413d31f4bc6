"""A treasury with a bank account: statements come in, refunds go out, receipts are written."""

from bank_files import OURS
from sqlalchemy.ext.asyncio import async_sessionmaker
from treasuring import Treasury, fresh

from procurement.infra import db
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.checkpoint import SignerKey
from procurement.payments.service import transfer, transfer_lines, transfer_out, transfer_statements
from procurement.payments.service.transfer_lines import Told
from procurement.payments.service.transfer_statements import Imported
from procurement.settings import Settings

SET = {"TRANSFER_ACCOUNT": OURS, "TRANSFER_HOLDER": "Treasury of Marrow", "TRANSFER_BIC": "MARWXMXX"}


async def take_in(database: Database, who: Actor, file: bytes) -> Imported:
    async with database.begin(who) as tx:
        return await transfer_statements.import_statement(tx, file)


async def lines(database: Database, treasury: Treasury, statement: str) -> list[Told]:
    async with database.begin(treasury.mary) as tx:
        return await transfer_lines.of_statement(tx, statement)


async def left(database: Database, treasury: Treasury) -> list[Told]:
    """What waits for a person."""
    async with database.begin(treasury.mary) as tx:
        return await transfer_lines.worklist(tx)


async def name_account(database: Database, who: Actor, iban: str, holder: str = "Harbour Paving") -> None:
    async with database.begin(who) as tx:
        tx.actor = fresh(who, tx)
        await transfer.set_refund_account(tx, who.organisation, iban, holder)


async def make_list(database: Database, who: Actor) -> str:
    async with database.begin(who) as tx:
        tx.actor = fresh(who, tx)
        return await transfer_out.make_list(tx)


async def follow_up(database: Database) -> None:
    """What a worker does with the outbox."""
    while await handle_one(database):
        pass


async def sequence(settings: Settings) -> None:
    """Every record has its place in the log."""
    ordering = db.engine(settings.sequencer_database_url, pool=1)
    key = SignerKey("test.example/record", bytes(32))
    while await Sequencer(async_sessionmaker(ordering, expire_on_commit=False), key).run_once():
        pass
    await ordering.dispose()
