"""A town with a treasury: two treasurers, an owner, a supplier that is asked for a deposit, and a rival."""

from collections.abc import Awaitable
from datetime import datetime

import msgspec
import pytest
from tendering import SETUP, Town, settle_town

from procurement.identity import service as identity
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor, system
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.payments import service as payments
from procurement.payments.service import Charge, Refund

CHANNEL = system("payments")  # what a card processor or a bank tells is recorded as the system's
EUR = "EUR"


class Treasury(msgspec.Struct):
    town: Town
    house: str
    mary: Actor
    noor: Actor
    zeno: Actor  # of Harbour Paving's rival
    rival: str


async def settle_treasury(database: Database) -> Treasury:
    town = await settle_town(database)
    async with database.begin(SETUP) as tx:
        house = await identity.create_organisation(tx, name="Treasury of Marrow", kind="treasury", country="XM")
        rival = await identity.create_organisation(tx, name="Adler Strassenbau", kind="supplier", country="XM")
        mary, noor = [await _somebody(tx, name, house, Role.TREASURER) for name in ("Mary", "Noor")]
        zeno = await _somebody(tx, "Zeno", rival, Role.SIGNATORY)
    return Treasury(town, house, mary, noor, zeno, rival)


async def _somebody(tx: Tx, name: str, organisation: str, role: Role) -> Actor:
    person = await identity.create_person(tx, name=name, email=f"{name.lower()}@marrow.example")
    await identity.grant(tx, person, organisation, role)
    return Actor(person=person, roles=frozenset({(organisation, role)}), organisation=organisation)


def fresh(actor: Actor, tx: Tx) -> Actor:
    """The same, who has just proved who they are."""
    return msgspec.structs.replace(actor, stepped_up_at=tx.real_now)


async def ask(
    database: Database,
    treasury: Treasury,
    amount: int = 100_00,
    *,
    currency: str = EUR,
    purpose: str = "deposit",
    payer: str = "",
) -> Charge:
    """Harbour Paving, or another payer, is asked for that much, for a subject of its own."""
    async with database.begin(CHANNEL if payer else treasury.town.ines) as tx:
        return await payments.ask(
            tx,
            purpose=purpose,  # type: ignore[arg-type]  # one of them
            subject=new_id(),
            process="ocds-xmarrow-1",
            title="Deposit for Resurfacing of Harbour Road",
            payer=payer or treasury.town.harbour,
            payee=treasury.town.city,
            amount=Money(amount, currency),
        )


async def pay(
    database: Database,
    charge: str | None,
    amount: int,
    external: str = "",
    *,
    currency: str = EUR,
    channel: str = "card",
) -> payments.Received:
    async with database.begin(CHANNEL) as tx:
        return await payments.receive(
            tx,
            charge=charge,
            money=Money(amount, currency),
            channel=channel,  # type: ignore[arg-type]  # one of them
            external=external or new_id(),
            at=tx.real_now,
        )


async def asked_back(database: Database, who: Actor, charge: str, amount: int, currency: str = EUR) -> list[Refund]:
    async with database.begin(who) as tx:
        tx.actor = fresh(who, tx)
        return await payments.ask_refund(tx, charge, Money(amount, currency), "Paid twice by mistake.")


async def approve(database: Database, who: Actor, refund: str) -> Refund:
    async with database.begin(who) as tx:
        tx.actor = fresh(who, tx)
        return await payments.approve_refund(tx, refund)


async def sent(database: Database, refund: str, external: str = "", at: datetime | None = None) -> None:
    async with database.begin(CHANNEL) as tx:
        await payments.refund_sent(tx, refund, external or f"re_{refund}", at or tx.real_now)


async def look(database: Database, charge: str) -> Charge:
    async with database.begin(CHANNEL) as tx:
        return await payments.charge(tx, charge)


async def balances(database: Database) -> dict[str, int]:
    """Account -> minor units, of the one currency that a test uses; empty accounts are left out."""
    async with database.begin(CHANNEL) as tx:
        return {one.account.value: one.money.amount for one in await payments.balances(tx) if one.money.amount}


async def refused(code: str, act: Awaitable[object]) -> None:
    """The act is refused with this code."""
    with pytest.raises(Refused) as no:
        await act
    assert no.value.code == code
