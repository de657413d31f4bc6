"""Statements in the books: what is certain is booked once, whatever comes again; the rest waits for a person."""

import asyncio
from datetime import UTC, date, datetime, time

import asyncpg
import pytest
from bank_files import THEIRS, camt, entry, paid, reference, transfer
from banking import SET, follow_up, left, lines, make_list, name_account, take_in
from treasuring import CHANNEL, Treasury, approve, ask, asked_back, balances, fresh, look, refused

from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.payments import service as payments
from procurement.payments.rules.matching import Outcome, Why
from procurement.payments.rules.references import reference_of
from procurement.payments.service import transfer_lines, transfer_out

pytestmark = pytest.mark.anyio
HEADER = "account,booked,amount,currency,text"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)


async def test_a_transfer_with_its_reference_pays_the_charge(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    file = camt(paid("100.00", charge.reference), closing="100.00")
    taken = await take_in(database, treasury.mary, file)
    assert (taken.lines, taken.added, taken.waiting, taken.again) == (1, 1, 0, False)
    assert (await look(database, charge.id)).state == "paid"
    assert await balances(database) == {"bank": 100_00, "held": -100_00}


async def test_money_counts_from_the_first_moment_of_the_day_on_which_it_was_booked(
    database: Database, treasury: Treasury, owner: asyncpg.Connection
) -> None:
    charge = await ask(database, treasury, 100_00)
    days = [date(2026, 11, day) for day in (16, 17, 18, 19, 20)]
    parts = [paid("20.00", charge.reference, bank=f"A{day.day}", day=str(day)) for day in days]
    await take_in(database, treasury.mary, camt(*parts, closing="100.00"))
    begins = [datetime.combine(day, time(), UTC) for day in days]
    assert [row[0] for row in await owner.fetch("SELECT paid_at FROM payment ORDER BY paid_at")] == begins


async def test_the_same_file_and_overlapping_ones_book_nothing_twice(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    first = paid("40.00", charge.reference, bank="A1", day="2026-11-19")
    second = paid("60.00", charge.reference, bank="A2")
    one = camt(first, closing="40.00")
    await take_in(database, treasury.mary, one)
    assert (await take_in(database, treasury.noor, one)).again
    both = await take_in(database, treasury.mary, camt(first, second, closing="100.00"))
    assert (both.lines, both.added) == (2, 1)
    assert (await look(database, charge.id)).paid.amount == 100_00
    assert await balances(database) == {"bank": 100_00, "held": -100_00}


async def test_two_uploads_of_one_file_at_once_are_one(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    file = camt(*[paid("10.00", charge.reference) for _ in range(3)], closing="30.00")
    taken = await asyncio.gather(*(take_in(database, who, file) for who in (treasury.mary, treasury.noor) * 2))
    assert sorted(one.again for one in taken) == [False, True, True, True]
    assert await balances(database) == {"bank": 30_00, "held": -30_00}


async def test_overlapping_uploads_at_once_book_each_line_once(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    days = [paid("10.00", charge.reference, bank=f"A{day}", day=f"2026-11-{day}") for day in (17, 18, 19, 20)]
    files = [camt(*days[:end], closing=f"{end}0.00") for end in (1, 2, 3, 4)]
    await asyncio.gather(*(take_in(database, treasury.mary, file) for file in files))
    assert await balances(database) == {"bank": 40_00, "held": -40_00}


async def test_whatever_breaks_off_a_file_leaves_nothing_of_it(
    database: Database, treasury: Treasury, owner: asyncpg.Connection
) -> None:
    charge = await ask(database, treasury, 100_00)
    file = camt(paid("40.00", charge.reference), paid("60.00", charge.reference), closing="100.00")
    await owner.execute("ALTER TABLE bank_line ADD CONSTRAINT dies CHECK (number < 2)")
    with pytest.raises(Exception, match="dies"):
        await take_in(database, treasury.mary, file)
    assert await balances(database) == {}
    await owner.execute("ALTER TABLE bank_line DROP CONSTRAINT dies")
    await take_in(database, treasury.mary, file)
    assert await balances(database) == {"bank": 100_00, "held": -100_00}


async def test_what_is_refused_changes_nothing(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    good = paid("100.00", charge.reference)
    await refused("statement-unbalanced", take_in(database, treasury.mary, camt(good, closing="99.00")))
    other = camt(good, closing="100.00", account=THEIRS)
    await refused("statement-of-other-account", take_in(database, treasury.mary, other))
    await refused("statement-other-currency", take_in(database, treasury.mary, camt(good, closing="1", currency="SEK")))
    await refused("file-too-large", take_in(database, treasury.mary, b"<" * 5_000_001))
    assert (await balances(database), (await look(database, charge.id)).state) == ({}, "asked")


async def test_another_format_for_a_day_that_is_known_is_refused(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await take_in(database, treasury.mary, camt(paid("100.00", charge.reference, bank="A1"), closing="100.00"))
    table = f"{HEADER}\n{SET['TRANSFER_ACCOUNT']},2026-11-20,100.00,EUR,{charge.reference}\n".encode()
    await refused("statement-contradicts", take_in(database, treasury.mary, table))
    assert await balances(database) == {"bank": 100_00, "held": -100_00}


@pytest.mark.parametrize("who", ["ines", "pia", "audun", "rosa"])
async def test_only_the_treasury_takes_statements_in(database: Database, treasury: Treasury, who: str) -> None:
    actor = getattr(treasury.town, who, None) or treasury.zeno
    await refused("not-permitted", take_in(database, actor, camt(paid("1.00"), closing="1.00")))


async def test_without_an_account_there_is_no_transfer(
    database: Database, treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRANSFER_ACCOUNT")
    await refused("transfer-unavailable", take_in(database, treasury.mary, camt(paid("1.00"), closing="1.00")))


async def test_less_is_a_part_and_more_goes_back(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await take_in(database, treasury.mary, camt(paid("40.00", charge.reference), closing="40.00"))
    assert (await look(database, charge.id)).owed.amount == 60_00
    more = camt(paid("75.00", charge.reference, day="2026-11-21"), opening="40.00", closing="115.00")
    await take_in(database, treasury.mary, more)
    now = await look(database, charge.id)
    assert (now.paid.amount, now.promised.amount, now.owed.amount) == (115_00, 15_00, 0)


async def test_without_a_reference_a_person_chooses_the_charge(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await take_in(database, treasury.mary, camt(paid("100.00", text="deposit of Harbour"), closing="100.00"))
    (line,) = await left(database, treasury)
    assert (line.why, line.charge, line.line.name) == (Why.ONE_FITS, charge.id, "Karl Adler")
    assert await balances(database) == {}
    async with database.begin(treasury.mary) as tx:
        found = await transfer_lines.for_charge(tx, line.id, charge.reference)
    assert (found.state, await left(database, treasury)) == ("paid", [])
    async with database.begin(treasury.noor) as tx:
        with pytest.raises(Refused, match="settled"):
            await transfer_lines.for_charge(tx, line.id, charge.reference)
    assert await balances(database) == {"bank": 100_00, "held": -100_00}


async def test_money_nobody_asked_for_goes_back_to_its_sender_by_two_people(
    database: Database, treasury: Treasury
) -> None:
    await take_in(database, treasury.mary, camt(paid("70000.00", reference(5)), closing="70000.00"))
    (line,) = await left(database, treasury)
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        refund = await transfer_lines.send_back(tx, line.id, "Nobody asked for it.")
    assert await balances(database) == {"bank": 70_000_00, "unmatched": -70_000_00}
    await refused("same-person", approve(database, treasury.mary, refund.id))
    await approve(database, treasury.noor, refund.id)
    batch = await make_list(database, treasury.mary)
    async with database.begin(treasury.mary) as tx:
        (order,) = await transfer_out.orders(tx, batch)
    assert (order.to.iban, order.to.holder, order.money.amount) == (THEIRS, "Karl Adler", 70_000_00)


async def test_setting_aside_needs_a_reason_and_books_nothing(database: Database, treasury: Treasury) -> None:
    fee = entry("1.50", transfer("1.50", out=True), out=True)
    await take_in(database, treasury.mary, camt(fee, opening="5.00", closing="3.50"))
    (line,) = await left(database, treasury)
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await refused("form-invalid", transfer_lines.set_aside(tx, line.id, " "))
        await transfer_lines.set_aside(tx, line.id, "The bank's own fee.")
    (kept,) = await lines(database, treasury, line.statement)
    assert (kept.outcome, kept.note, await balances(database)) == (Outcome.SET_ASIDE, "The bank's own fee.", {})


async def returned_deposit(database: Database, treasury: Treasury, charge: str) -> str:
    """A refund of a paid deposit, approved, in a list for the bank; its id."""
    (refund,) = await asked_back(database, treasury.mary, charge, 100_00)
    if refund.state == "waiting":
        await approve(database, treasury.noor, refund.id)
    await name_account(database, treasury.town.ines, THEIRS)
    await make_list(database, treasury.noor)
    return refund.id


async def test_a_refund_goes_out_in_a_list_and_the_statement_shows_it(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await take_in(database, treasury.mary, camt(paid("100.00", charge.reference), closing="100.00"))
    refund = await returned_deposit(database, treasury, charge.id)
    await refused("nothing-to-transfer", make_list(database, treasury.noor))
    ours = reference_of(refund)
    gone = entry("100.00", transfer("100.00", own=ours, out=True), out=True, bank="B1", day="2026-11-23")
    await take_in(database, treasury.mary, camt(gone, opening="100.00", closing="0.00"))
    assert (await look(database, charge.id)).returned.amount == 100_00
    assert await balances(database) == {}
    back = entry("100.00", transfer("100.00", own=ours, back=True), bank="B2", day="2026-11-24")
    await take_in(database, treasury.mary, camt(back, closing="100.00"))
    assert await balances(database) == {"bank": 100_00, "held": -100_00}


async def test_a_statement_and_the_word_that_it_failed_wait_for_each_other(
    database: Database, treasury: Treasury
) -> None:
    """Both lock the charge first, or they would wait crosswise."""
    charge = await ask(database, treasury, 100_00)
    await take_in(database, treasury.mary, camt(paid("100.00", charge.reference), closing="100.00"))
    refund = await returned_deposit(database, treasury, charge.id)

    async def failed() -> None:
        async with database.begin(treasury.mary) as tx:
            tx.actor = fresh(treasury.mary, tx)
            await transfer_out.bank_refused(tx, refund, "The account is closed.")

    async with database.begin(CHANNEL) as tx:
        await payments.lock(tx, charge.id)
        told = asyncio.create_task(failed())
        await asyncio.sleep(0.3)
        await payments.refund_sent(tx, refund, "line", tx.real_now)
    await refused("refund-gone", told)


async def test_the_bank_takes_a_payment_back(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    came = entry("100.00", transfer("100.00", ref=charge.reference), bank="A1")
    undone = entry("100.00", transfer("100.00", out=True), out=True, reversal=True, bank="A1")
    await take_in(database, treasury.mary, camt(came, undone, closing="0.00"))
    assert await balances(database) == {}
    now = await look(database, charge.id)
    assert (now.owed.amount, now.returned.amount, await left(database, treasury)) == (100_00, 100_00, [])


async def test_the_list_is_the_same_when_it_is_fetched_again(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await take_in(database, treasury.mary, camt(paid("100.00", charge.reference), closing="100.00"))
    refund = await returned_deposit(database, treasury, charge.id)
    async with database.begin(treasury.mary) as tx:
        (batch,) = await transfer_out.batches(tx)
        first, again = [await transfer_out.as_pain(tx, batch.id) for _ in range(2)]
    assert first == again
    for said in (reference_of(refund), THEIRS, ">100.00<", SET["TRANSFER_ACCOUNT"], batch.id):
        assert said.encode() in first
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await transfer_out.bank_refused(tx, refund, "The account is closed.")
    assert (await look(database, charge.id)).held.amount == 100_00


async def test_neither_record_nor_work_ever_names_who_paid(
    database: Database, treasury: Treasury, owner: asyncpg.Connection
) -> None:
    charge = await ask(database, treasury, 100_00)
    file = camt(paid("100.00", charge.reference), paid("5.00", text="from my cousin Brunhilde"), closing="105.00")
    await take_in(database, treasury.mary, file)
    await follow_up(database)
    tables = await owner.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'bank_line'"
    )
    for (table,) in tables:
        for (row,) in await owner.fetch(f'SELECT t::text FROM "{table}" t'):
            shown = row + "".join(bytes.fromhex(one).decode(errors="replace") for one in _hexes(row))
            assert not any(name in shown for name in ("Karl Adler", THEIRS, "Brunhilde")), table


def _hexes(row: str) -> list[str]:
    """What columns of bytes hold: the bodies of the ledger."""
    found = [part.split('"')[0] for part in row.split("\\\\x")[1:]]
    return [one[: len(one) // 2 * 2] for one in found if all(sign in "0123456789abcdef" for sign in one)]
