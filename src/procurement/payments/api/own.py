"""A payer's own charges, for its programs."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments import service
from procurement.payments.service import Charge
from procurement.payments.service.movements import Movement, movements
from procurement.payments.service.transfer import instructions


class Transfer(msgspec.Struct, frozen=True):
    """What a bank is told: the treasury's account (IBAN), who holds it, how much, and under which reference."""

    account: str
    holder: str
    bic: str
    amount: Money
    reference: str


class Detail(msgspec.Struct, frozen=True):
    """A charge with what moved. `transfer` is None where nothing is owed, or transfers are not taken."""

    charge: Charge
    movements: list[Movement]
    transfer: Transfer | None


class Charges(Controller):
    path = "/api/v1/charges"
    tags = ("payments",)
    security = ({"bearer": []},)

    @get("/", opt=access(P.PAYMENT_READ_OWN))
    async def every(self, tx: NamedDependency[Tx]) -> list[Charge]:
        """What the organisation acted for was asked to pay, the newest first, at most 200."""
        return await service.of_payer(tx, tx.actor.organisation)

    @get("/{charge_id:str}", opt=access(P.PAYMENT_READ_OWN))
    async def one(self, tx: NamedDependency[Tx], charge_id: FromPath[str]) -> Detail:
        """One charge: how to pay it by transfer, and everything that came in or went back."""
        charge = await service.own(tx, charge_id)
        to = instructions(charge)
        told = Transfer(to.account, to.holder, to.bic, to.amount, to.reference) if to else None
        return Detail(charge, await movements(tx, charge), told)
