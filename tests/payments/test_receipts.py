"""Receipts: one for each payment and each refund, without gaps, never written twice, for those whom they concern."""

import asyncio
from pathlib import Path

import asyncpg
import httpx
import pytest
from banking import follow_up, sequence
from tendering import visitor
from treasuring import Treasury, ask, asked_back, pay, refused, sent

from procurement.infra import documents
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.canonical import sha256_hex
from procurement.payments import service as payments
from procurement.payments.rules.receipts import Receipt
from procurement.payments.service import receipts
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def files(settings: Settings) -> Files:
    return Files.connect("", Path(settings.data))


async def written(database: Database, settings: Settings, files: Files) -> list[Receipt]:
    """All receipts, after everything that a worker would do."""
    await follow_up(database)
    await sequence(settings)
    await receipts.write_due(database, files)
    await follow_up(database)
    async with database.begin(receipts.WRITER) as tx:
        return await receipts.register(tx)


async def test_a_payment_and_its_refund_have_a_receipt_each(
    database: Database, treasury: Treasury, settings: Settings, files: Files
) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00)
    (refund,) = await asked_back(database, treasury.mary, charge.id, 100_00)
    await sent(database, refund.id)
    back, came = await written(database, settings, files)
    assert [(one.kind, one.money.amount, one.payer) for one in (came, back)] == [
        ("payment", 100_00, treasury.town.harbour),
        ("refund", 100_00, treasury.town.harbour),
    ]
    assert {came.number, back.number} == {1, 2}
    assert [one.name for one in sorted((came, back), key=lambda one: one.number)] == [
        f"{charge.reference}-{place}" for place in (1, 2)
    ]
    document = await documents.read(files, came.document_sha256)
    assert document.startswith(b"%PDF-1.7")
    assert (sha256_hex(document), len(document)) == (came.document_sha256, came.document_size)
    assert await written(database, settings, files) == [back, came]


async def test_nothing_is_written_before_the_entry_has_its_place(
    database: Database, treasury: Treasury, files: Files
) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00)
    await follow_up(database)
    assert await receipts.write_due(database, files) == 0


async def test_numbers_have_no_gap_though_many_write_at_once_and_some_fail(
    database: Database, treasury: Treasury, settings: Settings, files: Files, owner: asyncpg.Connection
) -> None:
    charge = await ask(database, treasury, 100_00)
    for _ in range(6):
        await pay(database, charge.id, 1_00)
    await follow_up(database)
    await sequence(settings)
    await owner.execute("ALTER TABLE receipt ADD CONSTRAINT dies CHECK (number < 3)")
    done = await asyncio.gather(*(receipts.write_due(database, files) for _ in range(3)), return_exceptions=True)
    assert any(isinstance(one, Exception) for one in done)
    await owner.execute("ALTER TABLE receipt DROP CONSTRAINT dies")
    await asyncio.gather(*(receipts.write_due(database, files) for _ in range(3)))
    numbers = [row[0] for row in await owner.fetch("SELECT number FROM receipt ORDER BY number")]
    assert numbers == [1, 2, 3, 4, 5, 6]


async def test_a_payer_does_not_read_from_its_receipts_how_many_others_paid_in_between(
    database: Database, treasury: Treasury, settings: Settings, files: Files, owner: asyncpg.Connection
) -> None:
    """Who pays in two parts, one early and one late, would count the bidders."""
    mine, others = await ask(database, treasury, 100_00), await ask(database, treasury, 100_00, payer=treasury.rival)
    for charge, amount in ((mine, 1_00), (others, 50_00), (others, 50_00), (mine, 99_00)):
        await pay(database, charge.id, amount)
        await written(database, settings, files)
    async with database.begin(treasury.town.ines) as tx:
        late, early = await receipts.of_payer(tx, treasury.town.harbour)
    assert (early.name, late.name) == (f"{mine.reference}-1", f"{mine.reference}-2")
    assert (early.number, late.number) == (1, 4), "the register counts every one"
    told = "SELECT string_agg(body || title, '') FROM inbox_message WHERE organisation = $1"
    assert late.registered not in await owner.fetchval(told, treasury.town.harbour)


async def test_money_without_a_charge_has_its_receipt_once_it_is_matched(
    database: Database, treasury: Treasury, settings: Settings, files: Files
) -> None:
    charge = await ask(database, treasury, 100_00)
    received = await pay(database, None, 100_00)
    assert await written(database, settings, files) == []
    async with database.begin(treasury.mary) as tx:
        await payments.match(tx, received.payment, charge.id)
    (receipt,) = await written(database, settings, files)
    assert (receipt.subject, receipt.book_key) == (received.payment, f"match:{received.payment}")


async def test_whoever_paid_is_told_and_nobody_else(
    database: Database, treasury: Treasury, settings: Settings, files: Files, owner: asyncpg.Connection
) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00)
    (receipt,) = await written(database, settings, files)
    told = await owner.fetch("SELECT organisation, title, tender, sender FROM inbox_message")
    assert [tuple(row) for row in told] == [
        (treasury.town.harbour, f"Receipt {receipt.name} for your payment", None, None)
    ]
    hidden = await owner.fetch("SELECT process FROM ledger_record WHERE type IN ('ReceiptIssued', 'NoticesDelivered')")
    assert {row[0] for row in hidden} == {""}


async def test_the_page_of_a_charge_leads_to_each_receipt_once_it_is_written(
    database: Database, client: httpx.AsyncClient, treasury: Treasury, settings: Settings, files: Files
) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00)
    ines = await visitor(database, client, treasury.town.ines)
    assert "being written" in (await ines.get(f"/payments/{charge.id}")).text
    (receipt,) = await written(database, settings, files)
    page = (await ines.get(f"/payments/{charge.id}")).text
    assert f"/payments/receipts/{receipt.id}/receipt.pdf" in page
    assert "being written" not in page


async def test_only_the_payer_and_the_treasury_read_a_receipt(
    database: Database, treasury: Treasury, settings: Settings, files: Files
) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00)
    (receipt,) = await written(database, settings, files)
    for who in (treasury.town.ines, treasury.mary):
        async with database.begin(who) as tx:
            assert await receipts.receipt(tx, receipt.id) == receipt
    for who, code in ((treasury.zeno, "receipt-unknown"), (treasury.town.olga, "receipt-unknown"),
                      (treasury.town.audun, "receipt-unknown"), (NOBODY, "sign-in-needed")):  # fmt: skip
        async with database.begin(who) as tx:
            await refused(code, receipts.receipt(tx, receipt.id))
