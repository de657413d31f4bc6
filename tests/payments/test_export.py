"""The books for an accountant: whole, summing to zero, safe to open, and for the treasury alone."""

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import httpx
import pytest
from bank_files import OURS, camt, paid
from banking import SET, follow_up, sequence, take_in
from people import visiting
from treasuring import CHANNEL, Treasury, ask, asked_back, pay, refused, sent

from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.payments.service import export, export_files, receipts
from procurement.payments.service.export import JournalEntry
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
Tables = dict[str, list[dict[str, str]]]


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)


async def moved(database: Database, treasury: Treasury) -> None:
    """A deposit that was paid and went back, in two currencies, and a line in no book."""
    for currency in ("EUR", "KWD"):
        charge = await ask(database, treasury, 100_00, currency=currency)
        await pay(database, charge.id, 100_00, currency=currency)
        for refund in await asked_back(database, treasury.mary, charge.id, 10_00, currency):
            if refund.state == "approved":
                await sent(database, refund.id)
    await ask(database, treasury, 70_00)
    await take_in(database, treasury.mary, camt(paid("5.00", text="=1+1"), closing="5.00"))


def read(archive: bytes) -> Tables:
    with zipfile.ZipFile(io.BytesIO(archive)) as made:
        assert made.testzip() is None
        return {
            name: list(csv.DictReader(io.StringIO(made.read(name).decode("utf-8-sig")))) for name in made.namelist()
        }


async def exported(database: Database, treasury: Treasury) -> Tables:
    async with database.begin(treasury.mary) as tx:
        today = tx.now.date()
        during = await export.period(tx, today - timedelta(days=30), today)
        with await export_files.archive(tx, during) as file:
            return read(file.read())


async def test_every_entry_and_every_currency_sums_to_zero(database: Database, treasury: Treasury) -> None:
    await moved(database, treasury)
    tables = await exported(database, treasury)
    by: dict[tuple[str, str], Decimal] = {}
    for row in tables["journal.csv"]:
        side = Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
        for key in ((row["entry"], row["currency"]), ("", row["currency"])):
            by[key] = by.get(key, Decimal()) + side
    assert set(by.values()) == {Decimal()}
    assert {currency for _, currency in by} == {"EUR", "KWD"}
    assert any(row["debit"] == "10.000" for row in tables["journal.csv"] if row["currency"] == "KWD")


async def test_it_tells_what_is_open_and_what_is_in_no_book(database: Database, treasury: Treasury) -> None:
    await moved(database, treasury)
    tables = await exported(database, treasury)
    assert [(row["owed"], row["currency"]) for row in tables["open-charges.csv"]][-1] == ("70.00", "EUR")
    assert [tuple(row.values()) for row in tables["not-booked.csv"]] == [("1", "5.00", "", "EUR")]
    held = {row["currency"]: row["credit"] for row in tables["balances.csv"] if row["account"] == "held"}
    assert set(held) == {"EUR", "KWD"}


async def test_receipts_stand_in_their_register_and_in_the_journal(
    database: Database, treasury: Treasury, settings: Settings
) -> None:
    await moved(database, treasury)
    await follow_up(database)
    await sequence(settings)
    await receipts.write_due(database, Files.connect("", Path(settings.data)))
    tables = await exported(database, treasury)
    numbers = [row["number"] for row in tables["receipts.csv"]]
    assert numbers == sorted(numbers) and len(numbers) >= 2
    assert {row["document"] for row in tables["journal.csv"]} - {""} == {
        row["receipt"] for row in tables["receipts.csv"]
    }


async def test_no_cell_is_a_formula(database: Database, treasury: Treasury, owner: asyncpg.Connection) -> None:
    await moved(database, treasury)
    for nasty in ("=HYPERLINK(1)", "+1", "-1", "@x", "\tx"):
        await owner.execute("UPDATE charge SET title = $1", nasty)
        for rows in (await exported(database, treasury)).values():
            for row in rows:
                assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


async def test_parts_of_the_journal_make_up_the_whole(
    database: Database, treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moved(database, treasury)
    whole = await entries(database, treasury)
    monkeypatch.setattr(export, "PAGE", 2)
    assert await entries(database, treasury) == whole
    assert len(whole) > 3


async def entries(database: Database, treasury: Treasury) -> list[JournalEntry]:
    async with database.begin(treasury.mary) as tx:
        today = tx.now.date()
        during = await export.period(tx, today, today)
        return [one async for one in export.whole_journal(tx, during)]


async def test_a_period_is_of_whole_days_and_at_most_a_year(database: Database, treasury: Treasury) -> None:
    async with database.begin(treasury.mary) as tx:
        today = tx.now.date()
        await refused("form-invalid", export.period(tx, today, today - timedelta(days=1)))
        await refused("form-invalid", export.period(tx, today, today + timedelta(days=366)))
        await refused("form-invalid", export.period(tx, date(9999, 12, 1), date(9999, 12, 31)))
        during = await export.period(tx, today, today)
    assert during.ends - during.begins == timedelta(days=1)


async def test_books_that_were_altered_are_not_exported(
    database: Database, treasury: Treasury, owner: asyncpg.Connection
) -> None:
    await moved(database, treasury)
    await owner.execute("ALTER TABLE book_posting DISABLE TRIGGER USER")
    await owner.execute(
        "UPDATE book_posting SET amount = amount + 1 WHERE amount = (SELECT max(amount) FROM book_posting)"
    )
    await refused("books-unbalanced", exported(database, treasury))


@pytest.mark.parametrize("who", ["ines", "olga", "audun", "ada"])
async def test_the_books_are_the_treasurys_alone(database: Database, treasury: Treasury, who: str) -> None:
    async with database.begin(getattr(treasury.town, who)) as tx:
        during = await export.period(tx, tx.now.date(), tx.now.date())
        await refused("not-permitted", export.journal(tx, during))
        await refused("not-permitted", export_files.archive(tx, during))


async def test_a_treasurer_takes_a_statement_in_settles_a_line_and_takes_the_books_away(
    database: Database, treasury: Treasury, client: httpx.AsyncClient
) -> None:
    charge = await ask(database, treasury, 5_00)
    async with visiting(client, database, treasury.mary) as mary:
        await mary.get("/treasury/statements")
        file = {"file": ("statement.xml", camt(paid("5.00", text="deposit"), closing="5.00"))}
        taken = await mary.client.post("/treasury/statements", data={"_token": mary.token}, files=file)
        assert taken.status_code == 303
        shown = await mary.get(taken.headers["location"])
        assert "Karl Adler" in shown.text
        line = shown.text.split("/treasury/lines/")[1].split('"')[0]
        page = (await mary.get(f"/treasury/lines/{line}")).text
        assert charge.shown_reference in page
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), "each label leads to its own field"
        done = await mary.send(f"/treasury/lines/{line}", f"/treasury/lines/{line}/charge", reference=charge.reference)
        assert done.headers["location"] == f"/treasury/statements?done={line}"
        assert f"/treasury/lines/{line}" in (await mary.get(done.headers["location"])).text, "it says what became of it"
        bad = {"file": ("statement.csv", b"account,booked\n")}
        again = await mary.client.post("/treasury/statements", data={"_token": mary.token}, files=bad)
        assert (again.status_code, "must name the columns" in again.text) == (422, True)
        async with database.begin(CHANNEL) as tx:
            day = tx.now.date()
        books = await mary.get(f"/treasury/export/books.zip?first={day - timedelta(days=20)}&last={day}")
        booked = [row["account"] for row in read(books.content)["journal.csv"]]
        assert sorted(booked) == ["bank", "held", "unmatched", "unmatched"]
    assert OURS not in shown.text
