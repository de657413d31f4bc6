"""One treasurer alone, or a payer with a friend at a desk: what neither may bring about."""

from datetime import timedelta

import msgspec
import pytest
from bank_files import THEIRS, camt, paid
from banking import SET, left, make_list, name_account, take_in
from tendering import SETUP
from treasuring import Treasury, approve, ask, asked_back, fresh, pay, refused

from procurement.identity import service as identity
from procurement.identity.service import delegations
from procurement.identity.service.delegations import Offer
from procurement.identity.service.held import held
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.money import Money
from procurement.kernel.permissions import Role
from procurement.payments import service as payments
from procurement.payments.service import transfer_lines, transfer_out

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)


async def test_one_person_cannot_send_a_strangers_money_to_a_friend(database: Database, treasury: Treasury) -> None:
    """For a charge that is paid already it would go back by itself, to the account that the friend named."""
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00, channel="transfer")
    stray = await pay(database, None, 400_00, channel="transfer")
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await payments.match(tx, stray.payment, charge.id)
    async with database.begin(treasury.mary) as tx:
        waiting = (await payments.waiting(tx)).refunds
    assert [(one.money, one.state) for one in waiting] == [(Money(400_00, "EUR"), "waiting")]


async def test_nor_a_line_of_a_statement(database: Database, treasury: Treasury) -> None:
    charge = await ask(database, treasury, 100_00)
    await pay(database, charge.id, 100_00, channel="transfer")
    await take_in(database, treasury.mary, camt(paid("400.00", "for something"), closing="400.00"))
    (line,) = await left(database, treasury)
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await transfer_lines.for_charge(tx, line.id, charge.reference)
    async with database.begin(treasury.mary) as tx:
        waiting = (await payments.waiting(tx)).refunds
    assert [one.money for one in waiting] == [Money(400_00, "EUR")]


async def test_what_one_person_said_failed_is_not_sent_again_by_one_person(
    database: Database, treasury: Treasury
) -> None:
    """Below the limit one person asks for a refund, and says that the bank refused it: not twice over."""
    charge = await ask(database, treasury, 400_00)
    await pay(database, charge.id, 400_00, channel="transfer")
    await name_account(database, treasury.town.ines, THEIRS)
    (first,) = await asked_back(database, treasury.mary, charge.id, 400_00)
    assert first.state == "approved"
    await make_list(database, treasury.mary)
    async with database.begin(treasury.mary) as tx:
        tx.actor = fresh(treasury.mary, tx)
        await transfer_out.bank_refused(tx, first.id, "The account is closed.")
    (second,) = await asked_back(database, treasury.mary, charge.id, 400_00)
    assert second.state == "waiting" and second.missing == 1
    await refused("same-person", approve(database, treasury.mary, second.id))
    assert (await approve(database, treasury.noor, second.id)).state == "approved"


async def test_a_statement_that_one_person_made_up_sends_nothing(database: Database, treasury: Treasury) -> None:
    """What seems to have been paid too much goes back by a rule: another treasurer makes the list for the bank."""
    charge = await ask(database, treasury, 100_00)
    await name_account(database, treasury.town.ines, THEIRS)
    await take_in(database, treasury.mary, camt(paid("4000.00", charge.reference), closing="4000.00"))
    await refused("same-person", make_list(database, treasury.mary))
    batch = await make_list(database, treasury.noor)
    async with database.begin(treasury.noor) as tx:
        assert [one.money for one in await transfer_out.orders(tx, batch)] == [Money(3900_00, "EUR")]


async def deputy_of_mary(database: Database, treasury: Treasury) -> Actor:
    """Lena stands for Mary in the treasury of the republic."""
    async with database.begin(SETUP) as tx:
        lena = await identity.create_person(tx, name="Lena", email="lena@marrow.example")
        await identity.grant(tx, lena, treasury.house, Role.OWNER)
    async with database.begin(treasury.mary) as tx:
        days = tx.now - timedelta(days=1), tx.now + timedelta(days=1)
        offered = await delegations.offer(tx, treasury.house, Offer(Role.TREASURER, lena, *days, "Away"))
    async with database.begin(msgspec.structs.replace(treasury.mary, person=lena)) as tx:
        await delegations.accept(tx, offered)
        known = await held(tx.session, lena)
    return Actor(person=lena, roles=known.roles, organisation=treasury.house, deputy_for=known.lent)


async def test_a_deputy_and_its_giver_are_one_in_two_treasuries_too(database: Database, treasury: Treasury) -> None:
    async with database.begin(SETUP) as tx:
        branch = await identity.create_organisation(tx, name="Treasury of Kell", kind="treasury", country="XM")
        await identity.grant(tx, treasury.mary.person, branch, Role.TREASURER)
    lena = await deputy_of_mary(database, treasury)
    in_kell = msgspec.structs.replace(treasury.mary, roles=frozenset({(branch, Role.TREASURER)}), organisation=branch)
    charge = await ask(database, treasury, 6_000_00)
    await pay(database, charge.id, 6_000_00)
    [refund] = await asked_back(database, lena, charge.id, 6_000_00)
    await refused("same-person", approve(database, treasury.mary, refund.id))
    await refused("same-person", approve(database, in_kell, refund.id))
    assert (await approve(database, treasury.noor, refund.id)).state == "approved"
