"""What a payer is told of transfers, where its money goes back to, and how long a bank's words are kept."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import asyncpg
import msgspec
import pytest
from bank_files import OURS, THEIRS, camt, entry, paid, transfer
from banking import SET, lines, name_account, take_in
from treasuring import CHANNEL, Treasury, ask, fresh, look, pay, refused

from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.payments import doctor
from procurement.payments.rules import pain
from procurement.payments.rules.pain import Order
from procurement.payments.rules.transfers import Account
from procurement.payments.service import kept
from procurement.payments.service import transfer as transfers
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)


async def test_a_payer_is_told_account_amount_and_reference(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 40_00)
    told = transfers.instructions(await look(database, charge.id))
    assert told
    assert (told.account.replace(" ", ""), told.amount.amount) == (OURS, 60_00)
    assert (told.reference, told.holder) == (charge.shown_reference, SET["TRANSFER_HOLDER"])
    assert told.qr.startswith("<svg")


async def test_nobody_is_told_what_cannot_be_paid(
    database: Database, treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await ask(database, treasury, 100_00, currency="KWD")
    assert transfers.instructions(other) is None
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00)
    assert transfers.instructions(await look(database, charge.id)) is None
    monkeypatch.setenv("TRANSFER_CURRENCY", "KWD")
    told = transfers.instructions(other)
    assert told and told.qr == ""
    monkeypatch.setenv("TRANSFER_ACCOUNT", OURS[:-1] + "0")
    assert transfers.instructions(other) is None


@pytest.mark.parametrize("holder", ["", "Harbour\x01Paving", "Harbour\ufffePaving", "x" * 71])
async def test_a_holder_is_a_name_that_a_bank_can_read(database: Database, treasury: Treasury, holder: str) -> None:
    """Else one payer would spoil the list in which everybody's refunds go to the bank."""
    await refused("form-invalid", name_account(database, treasury.town.ines, THEIRS, holder))


def test_whatever_a_sender_is_called_the_list_is_one_that_a_bank_can_read() -> None:
    sender = Order("refund", "RF18539007547034", Account(THEIRS, "Har\x01bour & <Söhne>\x0b"), Money(100, "EUR"))
    at = datetime(2026, 11, 22, tzinfo=UTC)
    written = pain.written("batch", at, at.date(), Account(OURS, "Treasury"), "", [sender])
    names = [element.text for element in ElementTree.fromstring(written).iter() if element.tag.endswith("}Nm")]
    assert names == ["Treasury", "Treasury", "Harbour & <Söhne>"]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, "ok"),
        ({"transfer_account": OURS}, "broken"),
        ({"transfer_account": "DE00", "transfer_holder": "x"}, "broken"),
    ],
)
async def test_the_doctor_tells_an_account_that_cannot_be_right(given: dict[str, str], state: str) -> None:
    (found,) = await doctor.transfers(msgspec.structs.replace(Settings(), **given))
    assert found.state == state


async def test_only_the_payer_and_the_treasury_see_where_its_money_goes(database: Database, treasury: Treasury) -> None:
    town = treasury.town
    async with database.begin(town.ines) as tx:
        await refused("step-up-needed", transfers.set_refund_account(tx, town.harbour, THEIRS, "Harbour"))
        tx.actor = fresh(town.ines, tx)
        await refused("form-invalid", transfers.set_refund_account(tx, town.harbour, THEIRS[:-1] + "0", ""))
    await name_account(database, town.ines, THEIRS)
    for who in (town.ines, treasury.mary):
        async with database.begin(who) as tx:
            found = await transfers.refund_account(tx, town.harbour)
            assert found and found.iban == THEIRS
    for who in (treasury.zeno, town.olga, town.audun, town.ada):
        async with database.begin(who) as tx:
            await refused("not-permitted", transfers.refund_account(tx, town.harbour))
            tx.actor = fresh(who, tx)
            await refused("not-permitted", transfers.set_refund_account(tx, town.harbour, OURS, "Somebody else"))


async def test_who_changed_where_money_goes_is_in_the_record(
    database: Database, treasury: Treasury, owner: asyncpg.Connection
) -> None:
    """One person of the payer could else lead it to themselves, change it back, and nothing would say so."""
    ines = treasury.town.ines
    await name_account(database, ines, THEIRS)
    for _ in range(2):
        async with database.begin(ines) as tx:
            tx.actor = fresh(ines, tx)
            await transfers.remove_refund_account(tx, ines.organisation)
    rows = await owner.fetch("SELECT body, actor FROM ledger_record WHERE type = 'RefundAccountChanged' ORDER BY id")
    assert [(row["actor"], b'"named":true' in row["body"]) for row in rows] == [
        (f"person:{ines.person}", True),
        (f"person:{ines.person}", False),
    ]
    assert not [row for row in rows if THEIRS.encode() in row["body"]]


async def test_names_end_and_movements_stay(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    settled, waits = paid("100.00", charge.reference), entry("1.00", transfer("1.00", text="a gift"))
    taken = await take_in(database, treasury.mary, camt(settled, waits, closing="101.00"))
    senders = kept.RETAINED[0]
    async with database.begin(CHANNEL) as tx:
        await tx.clock()
        due = (await tx.session.execute(senders.due(tx.now))).all()
        assert [row.organisation for row in due] == [treasury.town.harbour]
        await senders.erase(tx, [row.id for row in due])
        assert (await tx.session.execute(senders.due(tx.now))).all() == []
    first, second = await lines(database, treasury, taken.id)
    assert (first.line.name, first.line.account, first.line.text, first.line.money.amount) == ("", "", "", 100_00)
    assert (second.line.name, second.line.text) == ("Karl Adler", "a gift")
    again = await take_in(database, treasury.mary, camt(settled, waits, opening="0.00", closing="101.00") + b"\n")
    assert (again.added, again.again) == (0, False)
